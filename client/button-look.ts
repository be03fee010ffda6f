/** How `<oriel-button>` looks: its style sheet and its mark. */

const accent = 'var(--oriel-accent, light-dark(#1f5d4c, #8ed1b8))';

export const styles: string = `
:host {
  display: inline-block;
}
:host([hidden]) {
  display: none;
}
.controls {
  display: inline-flex;
  flex-direction: column;
  align-items: flex-start;
  gap: 0.5rem;
}
a, button {
  box-sizing: border-box;
  display: inline-flex;
  align-items: center;
  gap: 0.5rem;
  min-height: 2.75rem;
  padding: 0.5rem 1.125rem;
  border: 1px solid transparent;
  border-radius: var(--oriel-radius, 0.625rem);
  background: ${accent};
  color: var(--oriel-on-accent, light-dark(#fff, #0d2b21));
  font: inherit;
  font-weight: 600;
  line-height: 1.25;
  text-align: start;
  text-decoration: none;
  cursor: pointer;
}
a:hover, button:hover {
  filter: brightness(1.08);
}
[aria-disabled='true'] {
  border-color: currentcolor;
  background: none;
  color: inherit;
  cursor: default;
}
[aria-disabled='true']:hover {
  filter: none;
}
button.quiet {
  min-height: 1.5rem;
  padding: 0;
  border: 0;
  background: none;
  color: inherit;
  font-size: 0.875em;
  font-weight: 400;
  text-decoration: underline;
}
:focus-visible {
  outline: 3px solid ${accent};
  outline-offset: 2px;
}
svg {
  flex: none;
  width: 1.375em;
  height: 1.375em;
  fill: currentcolor;
}
.status {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
@media (forced-colors: active) {
  a, button {
    border-color: currentcolor;
  }
}
`;

const svg = 'http://www.w3.org/2000/svg';

/** The panes of Oriel's own mark, in the colour of the words beside it. */
const panes = [
  'M2 4.6 5 3.6V6H2ZM2 7h3v4.4l-3-1ZM14 4.6l-3-1V6h3ZM14 7h-3v4.4l3-1Z',
  'M6 3h4v3H6ZM6 7h4v5H6Z',
  'M4 13h8v1H4Z',
].join('');

export function markOf(): SVGElement {
  const mark = document.createElementNS(svg, 'svg');
  const path = document.createElementNS(svg, 'path');
  mark.setAttribute('viewBox', '0 0 16 16');
  mark.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', panes);
  mark.append(path);
  return mark;
}
