/** The one place that writes to the console: defects of Oriel itself. Nothing of a request, an answer or a backend ever passes here. */

export function logDefect(error: unknown): void {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  // biome-ignore lint/suspicious/noConsole: this is the logger
  console.error('Oriel: unexpected', cause instanceof Error ? `${cause.name} ${placesOf(cause)}` : typeof cause);
}

/** The first calls of the stack. In Chromium it begins with the message, which may have several lines of its own. */
const placesOf = ({ stack = '' }: Error) =>
  stack
    .split('\n')
    .filter((line) => /:\d+:\d+\)?$/.test(line))
    .slice(0, 3)
    .join(' ');
