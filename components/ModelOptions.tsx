/** The list under the box **Model**, and what the list cannot say by itself. */

import { useEffect, useRef } from 'preact/hooks';
import { i18n } from '#i18n';
import type { ConnectionView } from '../protocol/ui-messages';
import { FaultNotice } from './FaultNotice';
import { contextOf } from './fault-text';
import { count, modelFacts } from './format';
import type { ModelChoice } from './model-choices';
import { plainLine } from './plain-text';
import type { Asked, ModelComboboxState } from './use-model-combobox';

function OptionWords({ choice, value }: { readonly choice: ModelChoice; readonly value: string }) {
  if (choice.info === undefined) return <span class="option-name">{i18n.t('model.useTyped', { model: choice.id })}</span>;
  const facts = modelFacts(choice.info);
  const name = plainLine(choice.info.name);
  return (
    <>
      <span class="option-name" data-chosen={choice.id === value}>
        {name}
      </span>
      {name !== choice.id && <span class="small soft">{plainLine(choice.id)}</span>}
      {facts !== '' && <span class="small soft">{facts}</span>}
    </>
  );
}

interface OptionProps {
  readonly id: string;
  readonly choice: ModelChoice;
  readonly value: string;
  readonly isActive: boolean;
  readonly onPoint: () => void;
  readonly onChoose: () => void;
}

function Option({ id, choice, value, isActive, onPoint, onChoose }: OptionProps) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isActive) element.current?.scrollIntoView({ block: 'nearest' });
  }, [isActive]);
  return (
    // The input keeps the focus and handles the keys; the options are pointed at by aria-activedescendant.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above.
    // biome-ignore lint/a11y/useFocusableInteractive: see above.
    <div
      id={id}
      ref={element}
      class="option"
      role="option"
      aria-selected={isActive}
      onMouseDown={(event) => event.preventDefault()}
      onMouseMove={onPoint}
      onClick={onChoose}
    >
      <OptionWords choice={choice} value={value} />
    </div>
  );
}

interface ModelOptionsProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly connection: ConnectionView;
  readonly box: ModelComboboxState;
}

export function ModelOptions({ id, label, value, connection, box }: ModelOptionsProps) {
  return (
    <div class="combobox-panel" hidden={!box.isOpen}>
      <div id={`${id}-list`} class="combobox-list" role="listbox" aria-label={label}>
        {box.choices.map((choice, index) => (
          <Option
            key={choice.id}
            id={`${id}-${index}`}
            choice={choice}
            value={value}
            isActive={box.isOpen && index === box.active}
            onPoint={() => box.setActive(index)}
            onChoose={() => box.choose(choice.id)}
          />
        ))}
      </div>
      <PanelNote asked={box.asked} connection={connection} isEmpty={box.choices.length === 0} hidden={box.hidden} />
    </div>
  );
}

interface PanelNoteProps {
  readonly asked: Asked | undefined;
  readonly connection: ConnectionView;
  readonly isEmpty: boolean;
  readonly hidden: number;
}

function PanelNote({ asked, connection, isEmpty, hidden }: PanelNoteProps) {
  const name = plainLine(connection.name);
  if (asked?.type === 'failed') return <FaultNotice error={asked.error} context={contextOf(connection)} />;
  const text =
    asked?.type === 'asking'
      ? i18n.t('model.asking', { name })
      : isEmpty
        ? i18n.t('model.none', { name })
        : hidden > 0
          ? i18n.t('model.more', { count: count(hidden) })
          : '';
  return (
    <p class="combobox-note" role="status" hidden={text === ''}>
      {text}
    </p>
  );
}
