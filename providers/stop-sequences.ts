/** Owns the cutting of text at stop sequences, for an API that takes fewer of them than were asked. */

export interface StopCutter {
  /** What of the text so far may be shown. What could be the beginning of a stop sequence is held back. */
  push(text: string): string;
  /** What was held back and turned out to be no stop sequence. */
  end(): string;
  /** The text is over; everything after is left out. */
  readonly stopped: boolean;
}

/** Ends a text before the stop sequence that is complete first, however the text is cut into pieces. */
export function createStopCutter(stops: readonly string[]): StopCutter {
  let held = '';
  let stopped = false;

  return {
    push(text) {
      if (stopped) return '';
      held += text;
      const start = firstStop(held, stops);
      if (start !== undefined) {
        stopped = true;
        return held.slice(0, start);
      }
      const keep = heldBack(held, stops);
      const shown = held.slice(0, held.length - keep);
      held = held.slice(held.length - keep);
      return shown;
    },
    end: () => (stopped ? '' : held),
    get stopped() {
      return stopped;
    },
  };
}

/** Where the stop sequence begins that ends first; of two that end together, the longer one. */
function firstStop(text: string, stops: readonly string[]): number | undefined {
  let found: { start: number; end: number } | undefined;
  for (const stop of stops) {
    const start = text.indexOf(stop);
    if (start === -1 || stop === '') continue;
    const end = start + stop.length;
    if (found === undefined || end < found.end || (end === found.end && start < found.start)) found = { start, end };
  }
  return found?.start;
}

/** How many characters at the end could be the beginning of one of `stops`. */
export function heldBack(text: string, stops: readonly string[]): number {
  let keep = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > keep; length--) {
      if (text.endsWith(stop.slice(0, length))) keep = length;
    }
  }
  return keep;
}
