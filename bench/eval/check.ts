/** Whether an answer is right: what is asked has one answer, and this knows the ways in which people would accept it. It knows no model. */

/** How an answer is checked. Case, accents' encoding, spaces, quotes and a full stop at the end never matter. */
export type Check =
  /** The whole answer is one of these. */
  | { readonly type: 'exact'; readonly any: readonly string[] }
  /** One of these stands in it as whole words, and it is as short as it was asked to be: who says everything also says what is right. */
  | { readonly type: 'contains'; readonly any: readonly string[] }
  /** The last number in it, which is what a sum written out ends with. `1,200` is 1200. */
  | { readonly type: 'number'; readonly value: number }
  /** The first JSON object or array in it, in a code fence or bare, is this one and has nothing more. */
  | { readonly type: 'json'; readonly value: unknown };

export interface Question {
  readonly question: string;
  readonly check: Check;
}

/** @param answer as the page got it; what a model thinks aloud before it (`<think>`) does not count */
export function isRight(check: Check, answer: string): boolean {
  const said = answer.replace(/^[\s\S]*<\/think>/, '');
  switch (check.type) {
    case 'exact':
      return check.any.some((expected) => plain(said) === plain(expected));
    case 'contains':
      return isShort(said) && check.any.some((expected) => ` ${words(said)} `.includes(` ${words(expected)} `));
    case 'number':
      return lastNumber(said) === check.value;
    case 'json':
      return JSON.stringify(sorted(firstJson(said))) === JSON.stringify(sorted(check.value));
  }
}

/** NFKC: the 2 of H₂O is a 2. */
const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/^[\s"'“”‘’*`]+|[\s"'“”‘’*`.!]+$/g, '');

const mostWords = 25;
const isShort = (text: string): boolean => text.trim().split(/\s+/).length <= mostWords;

/** Words with one space between; a colon or a point between digits belongs to its number. */
const words = (text: string): string =>
  plain(text)
    .replace(/[^\p{L}\p{N}:.]+|[:.](?!\d)/gu, ' ')
    .replace(/ +/g, ' ')
    .trim();

function lastNumber(text: string): number | undefined {
  const last = text
    .normalize('NFKC')
    .match(/-?\d(?:[\d.,]*\d)?/g)
    ?.at(-1);
  // `1,42` is none: who writes so means something between 1 and 2.
  return last !== undefined && /^-?\d+(?:,\d{3})*(?:\.\d+)?$/.test(last) ? Number(last.replaceAll(',', '')) : undefined;
}

/** Undefined where there is none. A closing bracket may stand in a string: each is tried, the nearest first. */
function firstJson(text: string): unknown {
  const start = text.search(/[{[]/);
  if (start < 0) return undefined;
  const close = text[start] === '{' ? '}' : ']';
  for (let end = text.indexOf(close, start); end >= 0; end = text.indexOf(close, end + 1)) {
    try {
      return JSON.parse(text.slice(start, end + 1));
    } catch {
      // Not its own bracket yet.
    }
  }
  return undefined;
}

/** The order of keys means nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  );
}
