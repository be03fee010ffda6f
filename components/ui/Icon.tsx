/** The line icons of the interface, drawn on a grid of 16. Decoration only: the words beside them say it. */

const paths = {
  alert: 'M8 2.2 14.3 13.3H1.7L8 2.2ZM8 6.4v3.2M8 11.4v.2',
  chat: 'M2.5 3.5h11v7.5H7l-3 2.5V11H2.5z',
  check: 'm3 8.4 3.2 3.2L13 4.8',
  chevron: 'm4 6 4 4 4-4',
  close: 'm4 4 8 8M12 4l-8 8',
  coin: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm1.8 4.2c-.3-.7-1-1-1.8-1-1 0-1.8.5-1.8 1.4 0 1.9 3.7.9 3.7 2.8 0 .9-.9 1.4-1.9 1.4-.9 0-1.7-.4-2-1.1M8 4v1.2m0 5.6V12',
  computer: 'M2.5 3h11v7.5h-11zM6 13.5h4M8 10.5v3',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  info: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 5.2v4M8 4.9v.2',
  key: 'M10.5 2a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM8 8l-5.5 5.5M4.5 11.5 6 13',
  lock: 'M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5',
  pencil: 'M3 13l.7-3 7-7 2.3 2.3-7 7L3 13Zm6-8.5 2.3 2.3',
  people:
    'M5.8 3a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4ZM1.8 13c0-2.4 1.7-3.8 4-3.8s4 1.4 4 3.8M10.5 3.2a2.2 2.2 0 0 1 0 4M11.7 9.4c1.5.4 2.5 1.7 2.5 3.6',
  plus: 'M8 3v10M3 8h10',
  retry: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3',
  send: 'M8 13V3.5M4 7l4-4 4 4',
  signIn: 'M6.5 2.5h6.5v11H6.5M2.5 8h7M6.5 5l3 3-3 3',
  sliders:
    'M2 5h6.7M12.3 5H14M2 11h1.7M7.3 11H14M10.5 3.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6ZM5.5 9.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6Z',
  spark: 'M8 2.2 9.4 6.6 13.8 8 9.4 9.4 8 13.8 6.6 9.4 2.2 8l4.4-1.4L8 2.2Z',
  star: 'm8 2.2 1.8 3.7 4 .6-2.9 2.8.7 4L8 11.4l-3.6 1.9.7-4L2.2 6.5l4-.6L8 2.2Z',
  stop: 'M4.5 4.5h7v7h-7z',
  up: 'm4 10 4-4 4 4',
  unlocked: 'M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 4.8-1',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={paths[name]} fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
