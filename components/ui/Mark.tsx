/** The mark of Oriel: a bay window, lit from inside. The same drawing as public/icon/oriel.svg, on a grid of 16. */

export function Mark({ size = 24 }: { readonly size?: number }) {
  return (
    <svg class="mark" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <rect width="16" height="16" rx="3.5" fill="#1f5d4c" />
      <path d="M2 4.6 5 3.6V6H2ZM2 7h3v4.4l-3-1ZM14 4.6l-3-1V6h3ZM14 7h-3v4.4l3-1Z" fill="#efb54c" />
      <path d="M6 3h4v3H6ZM6 7h4v5H6Z" fill="#ffe7b3" />
      <path d="M4 13h8v1H4Z" fill="#fff6df" />
    </svg>
  );
}
