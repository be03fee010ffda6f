/**
 * Owns the knowing again of chunks that differ from one before them in their text alone, as nearly all of an answer do: the JSON around the text
 * is read once.
 */

export interface Repeats {
  /** The text of a chunk that is like the one that was learnt; undefined for every other. */
  textOf(data: string): string | undefined;
  /** Takes this chunk for what others may be like, where it brings a text and nothing else. */
  learn(data: string): void;
}

/** What stands for itself in a JSON string: no control character, no quote, no backslash. Of a long text the parser of the engine tells faster. */
const isPlain = (text: string) => text.length <= longest && !/[^ !#-[\]-\uffff]/.test(text);
const longest = 128;
/** No server's words. */
const probe = 'oriel probe';
/** Servers that write something new into every chunk are left alone after so many tries; one that served so many chunks was worth it. */
const tries = 3;
const worth = 8;

/** @param onlyText of a chunk that brings a text and nothing else, that text */
export function createRepeats(onlyText: (json: unknown) => string | undefined): Repeats {
  let around: { readonly before: string; readonly after: string } | undefined;
  let served = 0;
  let failed = 0;

  const isLike = (data: string) =>
    around !== undefined &&
    data.length >= around.before.length + around.after.length &&
    data.startsWith(around.before) &&
    data.endsWith(around.after);

  return {
    textOf(data) {
      if (around === undefined || !isLike(data)) return undefined;
      const text = data.slice(around.before.length, data.length - around.after.length);
      if (!isPlain(text)) return undefined;
      served += 1;
      return text;
    },

    learn(data) {
      if (failed >= tries || isLike(data)) return;
      const text = onlyText(JSON.parse(data));
      if (!text || !isPlain(text)) return;
      const at = data.indexOf(`"${text}"`) + 1;
      const [before, after] = [data.slice(0, at), data.slice(at + text.length)];
      failed = served >= worth ? 0 : failed + 1;
      served = 0;
      // The same word may stand in another place: only where another one in this place is read as the text, it is the text's.
      around = at > 0 && readsProbe(before, after) ? { before, after } : undefined;
    },
  };

  function readsProbe(before: string, after: string): boolean {
    try {
      return onlyText(JSON.parse(before + probe + after)) === probe;
    } catch {
      // What looked like the text stood between two strings, as the colon of `"content":"…"` does.
      return false;
    }
  }
}
