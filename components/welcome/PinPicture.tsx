/** Draws the corner of the browser where Oriel is pinned: the puzzle piece, the list under it, and what to press there. The words beside it say the same. */

import type { Shell } from '../client';

const puzzle = 'M5 4.4h2.3a1.9 1.9 0 1 1 3.4 0H13v2.7a1.9 1.9 0 1 1 0 3.4V13H5v-2.6a1.9 1.9 0 1 0 0-3.3Z';
const pin = 'M6.2 2.5h3.6l-.5 4 2.2 2.3H4.5l2.2-2.3ZM8 8.8v4.7';
const wheel =
  'M8 5.6a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8ZM8 2v2M8 12v2M2 8h2M12 8h2M3.8 3.8l1.4 1.4M10.8 10.8l1.4 1.4M12.2 3.8l-1.4 1.4M5.2 10.8l-1.4 1.4';

export function PinPicture({ family }: Pick<Shell, 'family'>) {
  return (
    <svg class="pin-picture" viewBox="0 0 240 132" width="240" height="132" aria-hidden="true" focusable="false">
      <rect class="pin-window" x="0.5" y="0.5" width="239" height="131" rx="10" />
      <path class="pin-bar" d="M1 36h238" />
      <rect class="pin-field" x="14" y="10" width="138" height="17" rx="8.5" />
      <circle class="pin-spot" cx="192" cy="18.5" r="13" />
      <g class="pin-line" transform="translate(184 10.5)">
        <path d={puzzle} />
      </g>
      <g class="pin-faint">
        <path d="M221 12v.2M221 18.5v.2M221 25v.2" />
      </g>
      <rect class="pin-list" x="70" y="44" width="150" height="76" rx="8" />
      <rect class="pin-field" x="82" y="56" width="70" height="7" rx="3.5" />
      <g transform="translate(82 74)">
        <rect width="22" height="22" rx="5" fill="#1f5d4c" />
        <g transform="scale(1.375)">
          <path d="M2 4.6 5 3.6V6H2ZM2 7h3v4.4l-3-1ZM14 4.6l-3-1V6h3ZM14 7h-3v4.4l3-1Z" fill="#efb54c" />
          <path d="M6 3h4v3H6ZM6 7h4v5H6Z" fill="#ffe7b3" />
          <path d="M4 13h8v1H4Z" fill="#fff6df" />
        </g>
      </g>
      <text class="pin-name" x="112" y="89.5">
        Oriel
      </text>
      <circle class="pin-spot" cx="200" cy="85" r="13" />
      <g class="pin-line" transform="translate(192 77)">
        <path d={family === 'firefox' ? wheel : pin} />
      </g>
    </svg>
  );
}
