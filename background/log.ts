/** The one place that writes to the console: defects of Oriel itself. Nothing of a request, an answer or a backend ever passes here. */

export function logDefect(error: unknown): void {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  // biome-ignore lint/suspicious/noConsole: this is the logger
  console.error(
    'Oriel: unexpected',
    cause instanceof Error ? `${cause.name} at ${cause.stack?.split('\n').slice(1, 4).join(' ')}` : typeof cause,
  );
}
