/** The list under the box **Model**: of hundreds of models those that can be seen, and what the list cannot say by itself. */

import { useEffect, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { ConnectionView } from '../protocol/ui-messages';
import { FaultNotice } from './FaultNotice';
import { contextOf } from './fault-text';
import { count } from './format';
import { ModelOption } from './ModelOption';
import { plainLine } from './plain-text';
import type { ModelComboboxState } from './use-model-combobox';

interface ModelOptionsProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly connection: ConnectionView;
  readonly box: ModelComboboxState;
}

/** So many options are drawn at first, and with each look at the end of what is drawn. */
const drawnStep = 40;
/** Pixels before the end at which the next ones are drawn. */
const ahead = 400;

export function ModelOptions({ id, label, value, connection, box }: ModelOptionsProps) {
  const { isOpen, active, choices, typed } = box;
  const [drawn, setDrawn] = useState(drawnStep);
  // Another list begins at its top again.
  useEffect(() => setDrawn(drawnStep), [isOpen, typed]);
  const count = Math.max(drawn, active + drawnStep / 2);
  const onScroll = ({ currentTarget: { scrollTop, clientHeight, scrollHeight } }: { readonly currentTarget: HTMLElement }) => {
    if (scrollTop + clientHeight + ahead > scrollHeight) setDrawn(Math.min(choices.length, count + drawnStep));
  };
  return (
    <div class="combobox-panel" hidden={!isOpen}>
      <div id={`${id}-list`} class="combobox-list" role="listbox" aria-label={label} onScroll={onScroll}>
        {isOpen &&
          choices
            .slice(0, count)
            .map((choice, index) => (
              <ModelOption
                key={choice.id}
                id={`${id}-${index}`}
                choice={choice}
                isChosen={choice.id === value}
                isActive={index === active}
                isFavourite={box.favourites.includes(choice.id)}
                position={index + 1}
                total={choices.length}
                onPoint={() => box.setActive(index)}
                onChoose={() => box.choose(choice.id)}
                onStar={() => box.star(choice.id)}
              />
            ))}
      </div>
      <PanelNote id={`${id}-keys`} connection={connection} box={box} />
    </div>
  );
}

function noteText(name: string, { list, choices, typed, found }: ModelComboboxState): string {
  const total = list?.models?.length ?? 0;
  if (list?.isAsking && total === 0) return i18n.t('model.asking', { name });
  if (choices.length === 0) return i18n.t('model.none', { name });
  if (total === 0) return '';
  const counts = { count: count(found), total: count(total) };
  const said = typed?.trim() ? i18n.t('model.some', counts) : i18n.t('model.all', counts);
  const isPriced = list?.models?.some(({ pricing }) => pricing?.input !== undefined && pricing.output !== undefined);
  return isPriced ? `${said} · ${i18n.t('model.per')}` : said;
}

interface PanelNoteProps {
  readonly id: string;
  readonly connection: ConnectionView;
  readonly box: ModelComboboxState;
}

function PanelNote({ id, connection, box }: PanelNoteProps) {
  const { list, isOpen, found } = box;
  const text = isOpen && !list?.error ? noteText(plainLine(connection.name), box) : '';
  return (
    <>
      {list?.error && <FaultNotice error={list.error} context={contextOf(connection)} />}
      <div class="combobox-note">
        <p role="status">{text}</p>
        <p id={id} hidden={found === 0}>
          {i18n.t('model.star')}
        </p>
      </div>
    </>
  );
}
