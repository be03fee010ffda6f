/**
 * Owns the knowing again of chunks that differ from one before them in their text alone, as nearly all of an answer do: the JSON around the text
 * is read once.
 */

export interface Repeats {
  /** The text of a chunk that is like the one that was learnt; undefined for every other. */
  textOf(data: string): string | undefined;
  /** The texts of whole chunks like it, one after the other, with which a stream of events goes on; and how many characters of it those are. */
  skim(stream: string): { readonly text: string; readonly length: number };
  /** Takes this chunk for what others may be like, where it brings a text and nothing else. */
  learn(data: string): void;
}

/** What stands for itself in a JSON string: no control character, no quote, no backslash. */
const isPlain = (text: string) => !/[^ !#-[\]-\uffff]/.test(text);
/** What is longer is left to the reader of events, who knows how long one may be. */
const longest = 65_536;
/** What stands between the quotes of a JSON string, read; undefined where that is more than one string. */
function readString(inside: string): string | undefined {
  if (inside.length > longest) return undefined;
  if (isPlain(inside)) return inside;
  try {
    return JSON.parse(`"${inside}"`);
  } catch {
    return undefined;
  }
}

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
      const text = readString(data.slice(around.before.length, data.length - around.after.length));
      if (text !== undefined) served += 1;
      return text;
    },

    skim(stream) {
      let [text, length] = ['', 0];
      if (around === undefined) return { text, length };
      const [head, tail] = [`data: ${around.before}`, `${around.after}\n\n`];
      const end = stream.startsWith(head) ? stream.lastIndexOf(tail) : -1;
      if (end < head.length) return { text, length };
      for (const piece of stream.slice(head.length, end).split(tail + head)) {
        const more = readString(piece);
        if (more === undefined) break;
        text += more;
        length += head.length + piece.length + tail.length;
        served += 1;
      }
      return { text, length };
    },

    learn(data) {
      if (failed >= tries || isLike(data)) return;
      const text = onlyText(JSON.parse(data));
      if (!text || text.length > longest || !isPlain(text)) return;
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
