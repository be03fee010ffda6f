/** The state of the box **Model**: what is listed, what is typed, what is pointed at. The pattern is the combobox of the ARIA practices. */

import { useState } from 'preact/hooks';
import type { ConnectionView } from '../protocol/ui-messages';
import { useApp } from './context';
import { modelChoices } from './model-choices';
import { useModelList } from './use-model-list';

export interface ModelComboboxProps {
  readonly label: string;
  readonly connection: ConnectionView;
  readonly value: string;
  /** What it says while no model is chosen. */
  readonly placeholder?: string;
  readonly onChoose: (model: string) => void;
}

type KeyAction =
  | { readonly type: 'open' }
  | { readonly type: 'close' }
  | { readonly type: 'move'; readonly step: number }
  | { readonly type: 'choose' }
  | { readonly type: 'star' };

/** Keys that are not for the list stay with the box. */
function keyAction({ key, shiftKey, altKey }: KeyboardEvent, isOpen: boolean, hasActive: boolean): KeyAction | undefined {
  if (key === 'ArrowUp' && altKey) return isOpen ? { type: 'close' } : undefined;
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (step !== undefined) return isOpen && !altKey ? { type: 'move', step } : { type: 'open' };
  if (!isOpen) return undefined;
  if (key === 'Escape') return { type: 'close' };
  return key === 'Enter' && hasActive ? { type: shiftKey ? 'star' : 'choose' } : undefined;
}

export function useModelCombobox({ connection, value, onChoose }: ModelComboboxProps) {
  const { client } = useApp();
  const { list, ask } = useModelList(connection);
  const [typed, setTyped] = useState<string>();
  const [isOpen, setIsOpen] = useState(false);
  const [active, setActive] = useState(0);
  const favourites = connection.favourites ?? [];
  /** As they were when the list opened: what is starred does not jump away from under the pointer. */
  const [first, setFirst] = useState(favourites);
  const models = list?.models ?? [];
  const { choices, found } = modelChoices(models, typed ?? '', first);
  const chosen = choices[active];

  const open = () => {
    if (isOpen) return;
    ask();
    setIsOpen(true);
    setFirst(favourites);
    const sorted = modelChoices(models, '', favourites).choices;
    setActive(
      Math.max(
        0,
        sorted.findIndex(({ id }) => id === value),
      ),
    );
  };
  const close = () => {
    setIsOpen(false);
    setTyped(undefined);
  };
  const choose = (model: string) => {
    close();
    if (model !== value) onChoose(model);
  };
  const type = (text: string) => {
    open();
    setTyped(text);
    setActive(0);
  };
  const star = (model: string) => {
    const isFavourite = !favourites.includes(model);
    // Only fails when the background died: the star then stays as it is shown.
    client.call('model-favourite', { id: connection.id, model, isFavourite }).catch(() => undefined);
  };
  const press = (event: KeyboardEvent) => {
    const act = keyAction(event, isOpen, chosen !== undefined);
    if (!act) return;
    event.preventDefault();
    // Escape closes the list, not the window around it.
    event.stopPropagation();
    if (act.type === 'open') open();
    else if (act.type === 'move') setActive(Math.min(choices.length - 1, Math.max(0, active + act.step)));
    else if (act.type === 'close') close();
    else if (chosen && act.type === 'choose') choose(chosen.id);
    else if (chosen?.info) star(chosen.id);
  };
  return {
    list,
    typed,
    isOpen,
    active,
    setActive,
    choices,
    /** How many of the listed models the typed text leaves. */
    found,
    favourites,
    star,
    open,
    close,
    choose,
    type,
    press,
  };
}

export type ModelComboboxState = ReturnType<typeof useModelCombobox>;
