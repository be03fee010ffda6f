/** The state of the box **Model**: what is listed, what is typed, what is pointed at. */

import { useState } from 'preact/hooks';
import { type PersonError, toPersonError } from '../protocol/errors';
import type { ModelInfo } from '../protocol/generate';
import type { ConnectionView } from '../protocol/ui-messages';
import { useApp } from './context';
import { modelChoices } from './model-choices';

export type Asked =
  | { readonly type: 'asking' }
  | { readonly type: 'known'; readonly models: readonly ModelInfo[] }
  | { readonly type: 'failed'; readonly error: PersonError };

export interface ModelComboboxProps {
  readonly label: string;
  readonly connection: ConnectionView;
  readonly value: string;
  /** What it says while no model is chosen. */
  readonly placeholder?: string;
  readonly onChoose: (model: string) => void;
}

/** The list of a connection, asked when it is first wanted. */
function useModels(connection: ConnectionView) {
  const { client } = useApp();
  const [asked, setAsked] = useState<Asked>();
  const ask = () => {
    if (asked !== undefined && asked.type !== 'failed') return;
    setAsked({ type: 'asking' });
    client.call('models', { id: connection.id }).then(
      (models) => setAsked({ type: 'known', models }),
      (error: unknown) => setAsked({ type: 'failed', error: toPersonError(error) }),
    );
  };
  return { asked, ask };
}

type KeyAction =
  | { readonly type: 'open' }
  | { readonly type: 'close' }
  | { readonly type: 'move'; readonly step: number }
  | { readonly type: 'choose'; readonly model: string };

/** Keys that are not for the list stay with the box. */
function keyAction(key: string, isOpen: boolean, active: string | undefined): KeyAction | undefined {
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (step !== undefined) return isOpen ? { type: 'move', step } : { type: 'open' };
  if (!isOpen) return undefined;
  if (key === 'Escape') return { type: 'close' };
  return key === 'Enter' && active !== undefined ? { type: 'choose', model: active } : undefined;
}

export function useModelCombobox({ connection, value, onChoose }: ModelComboboxProps) {
  const { asked, ask } = useModels(connection);
  const [typed, setTyped] = useState<string>();
  const [isOpen, setIsOpen] = useState(false);
  const [active, setActive] = useState(0);
  const models = asked?.type === 'known' ? asked.models : [];
  const { choices, hidden } = modelChoices(models, typed ?? '');

  const open = () => {
    if (isOpen) return;
    ask();
    setIsOpen(true);
    setActive(
      Math.max(
        0,
        choices.findIndex(({ id }) => id === value),
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
  const press = (event: KeyboardEvent) => {
    const act = keyAction(event.key, isOpen, choices[active]?.id);
    if (!act) return;
    event.preventDefault();
    // Escape closes the list, not the window around it.
    event.stopPropagation();
    if (act.type === 'open') open();
    else if (act.type === 'move') setActive(Math.min(choices.length - 1, Math.max(0, active + act.step)));
    else if (act.type === 'choose') choose(act.model);
    else close();
  };
  return { asked, typed, isOpen, active, setActive, choices, hidden, open, close, choose, type, press };
}

export type ModelComboboxState = ReturnType<typeof useModelCombobox>;
