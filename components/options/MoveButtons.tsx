/** One place up or down in the list, by pointer or keyboard. The list says where the connection stands then. */

import { useEffect, useRef } from 'preact/hooks';
import { i18n } from '#i18n';
import { IconButton } from '../ui/IconButton';

export type Direction = 'up' | 'down';

interface MoveButtonsProps {
  readonly index: number;
  readonly count: number;
  readonly describedBy: string;
  readonly onMove: (direction: Direction) => void;
}

export function MoveButtons({ index, count, describedBy, onMove }: MoveButtonsProps) {
  const buttons = { up: useRef<HTMLButtonElement>(null), down: useRef<HTMLButtonElement>(null) };
  const pressed = useRef<Direction | undefined>(undefined);
  const move = (direction: Direction) => {
    pressed.current = direction;
    onMove(direction);
  };
  // A row that is put elsewhere loses the keyboard; it goes on where it was.
  useEffect(() => {
    if (pressed.current) buttons[pressed.current].current?.focus();
    pressed.current = undefined;
  }, [index]);
  if (count < 2) return null;
  return (
    <div class="move-buttons">
      <IconButton
        icon="up"
        label={i18n.t('connections.moveUp')}
        dead={index === 0}
        describedBy={describedBy}
        buttonRef={buttons.up}
        onClick={() => move('up')}
      />
      <IconButton
        icon="chevron"
        label={i18n.t('connections.moveDown')}
        dead={index === count - 1}
        describedBy={describedBy}
        buttonRef={buttons.down}
        onClick={() => move('down')}
      />
    </div>
  );
}
