/** One model of the list under the box **Model**: its name, what is known of it, its star. */

import { useEffect, useRef } from 'preact/hooks';
import { i18n } from '#i18n';
import { bothPrices, modelFacts } from './format';
import type { ModelChoice } from './model-choices';
import { plainLine } from './plain-text';
import { Icon } from './ui/Icon';

function OptionWords({ choice, isChosen }: { readonly choice: ModelChoice; readonly isChosen: boolean }) {
  if (choice.info === undefined) return <span class="option-name">{i18n.t('model.useTyped', { model: choice.id })}</span>;
  const facts = modelFacts(choice.info, bothPrices);
  const name = plainLine(choice.info.name);
  return (
    <>
      <span class="option-name" data-chosen={isChosen}>
        {name}
      </span>
      {choice.isAmbiguous && <span class="small soft">{plainLine(choice.id)}</span>}
      {facts !== '' && <span class="small soft">{facts}</span>}
    </>
  );
}

interface ModelOptionProps {
  readonly id: string;
  readonly choice: ModelChoice;
  /** It answers now. */
  readonly isChosen: boolean;
  readonly isActive: boolean;
  readonly isFavourite: boolean;
  /** From 1: not all are drawn. */
  readonly position: number;
  readonly total: number;
  readonly onPoint: () => void;
  readonly onChoose: () => void;
  readonly onStar: () => void;
}

export function ModelOption(props: ModelOptionProps) {
  const { id, choice, isActive, isFavourite, onPoint, onChoose, onStar } = props;
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isActive) element.current?.scrollIntoView({ block: 'nearest' });
  }, [isActive]);
  const star = (event: Event) => {
    event.stopPropagation();
    onStar();
  };
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
      aria-posinset={props.position}
      aria-setsize={props.total}
      title={plainLine(choice.id)}
      onMouseDown={(event) => event.preventDefault()}
      onMouseMove={onPoint}
      onClick={onChoose}
    >
      <div class="option-words">
        <OptionWords choice={choice} isChosen={props.isChosen} />
        {isFavourite && <span class="unseen">{i18n.t('model.favourite')}</span>}
      </div>
      {choice.info && (
        // For the pointer; the keyboard has Shift+Enter, and the words say whether it is one.
        <span class="option-star" aria-hidden="true" data-on={isFavourite} title={i18n.t('model.favourite')} onClick={star}>
          <Icon name="star" />
        </span>
      )}
    </div>
  );
}
