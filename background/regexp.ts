/**
 * Regular expressions of pages, without backtracking: the time grows with the text and never explodes (security.md T62, docs/decisions/0004). An
 * expression becomes a state machine, of which all states are followed at once; what a single character matches is asked of the browser's own
 * engine. Nothing that needs memory of what was matched can be said so: look-around, references back and the `v` flag are not supported.
 */

import { AiError } from '../protocol/errors';

/** What one character must be. */
type Test = (char: string) => boolean;
type Assertion = 'start' | 'end' | 'boundary' | 'no-boundary';

type Node =
  | { readonly type: 'char'; readonly test: Test }
  | { readonly type: 'assert'; readonly assertion: Assertion }
  | { readonly type: 'sequence' | 'choice'; readonly items: readonly Node[] }
  | { readonly type: 'repeat'; readonly item: Node; readonly least: number; readonly most: number };

export type State =
  | { readonly type: 'char'; readonly test: Test; readonly next: number }
  | { readonly type: 'assert'; readonly assertion: Assertion; readonly next: number }
  | { readonly type: 'fork'; readonly next: readonly number[] }
  | { readonly type: 'match' };

export interface Machine {
  readonly states: readonly State[];
  readonly start: number;
  /** `^` and `$` hold at line breaks too. */
  readonly multiline: boolean;
  /** Characters are code points, not their halves. */
  readonly unicode: boolean;
}

/** More than any form of an answer needs; counts are written out, so that `(a{99}){99}` would have too many. */
const maxStates = 4096;
const maxDepth = 100;

const unsupported = (why: string) =>
  new AiError('not-supported', `This regular expression is not supported: ${why}.`, { field: 'responseFormat' });

/** @throws AiError `not-supported` for what is no expression of JavaScript, needs memory, or is too large */
export function compileRegExp(source: string, flags: string): Machine {
  if (flags.includes('v')) throw unsupported('the v flag');
  try {
    // Whether it is one at all, the browser knows best; it is never run.
    new RegExp(source, flags);
  } catch {
    throw unsupported('it is none');
  }
  const { states, start } = build(parse(source, flags));
  return { states, start, multiline: flags.includes('m'), unicode: flags.includes('u') };
}

function parse(source: string, flags: string): Node {
  const unicode = flags.includes('u');
  const chars = unicode ? [...source] : source.split('');
  const ofChar = flags.replace(/[^isu]/g, '');
  const tests = new Map<string, Test>();
  let at = 0;
  let depth = 0;

  /** By the browser's engine, on one character at a time, which cannot take long; remembered. */
  const testOf = (atom: string): Test => {
    const known = tests.get(atom);
    if (known) return known;
    const expression = new RegExp(`^(?:${atom})$`, ofChar);
    const seen = new Map<string, boolean>();
    const test = (char: string) => {
      const before = seen.get(char);
      if (before !== undefined) return before;
      const matches = expression.test(char);
      seen.set(char, matches);
      return matches;
    };
    tests.set(atom, test);
    return test;
  };
  const charNode = (atom: string): Node => ({ type: 'char', test: testOf(atom) });
  const take = (text: string): boolean => {
    if (chars.slice(at, at + text.length).join('') !== text) return false;
    at += text.length;
    return true;
  };
  const takeUntil = (end: string): string => {
    const from = at;
    while (chars[at] !== end) at += 1;
    at += 1;
    return chars.slice(from, at).join('');
  };

  const choice = (): Node => {
    depth += 1;
    if (depth > maxDepth) throw unsupported('it is too deep');
    const items = [sequence()];
    while (take('|')) items.push(sequence());
    depth -= 1;
    return { type: 'choice', items };
  };

  const sequence = (): Node => {
    const items: Node[] = [];
    while (at < chars.length && chars[at] !== '|' && chars[at] !== ')') items.push(repeated(atom()));
    return { type: 'sequence', items };
  };

  const repeated = (item: Node): Node => {
    const bounds = boundsHere();
    if (!bounds) return item;
    // Lazy or not, it is the same texts that match as a whole.
    take('?');
    return { type: 'repeat', item, ...bounds };
  };

  const boundsHere = (): { least: number; most: number } | undefined => {
    if (take('*')) return { least: 0, most: Number.POSITIVE_INFINITY };
    if (take('+')) return { least: 1, most: Number.POSITIVE_INFINITY };
    if (take('?')) return { least: 0, most: 1 };
    // Without the u flag a brace that begins no count is itself.
    const [written, least, comma, most] = /^\{(\d+)(,?)(\d*)\}/.exec(chars.slice(at, at + 24).join('')) ?? [];
    if (written === undefined) return undefined;
    at += written.length;
    const from = Number(least);
    const to = most === '' ? Number.POSITIVE_INFINITY : Number(most);
    return { least: from, most: comma === '' ? from : to };
  };

  const atom = (): Node => {
    const char = chars[at] as string;
    at += 1;
    if (char === '(') return group();
    if (char === '[') return charNode(`[${classRest()}`);
    if (char === '\\') return escaped();
    if (char === '^' || char === '$') return { type: 'assert', assertion: char === '^' ? 'start' : 'end' };
    if (char === '.') return charNode('.');
    return charNode(/[{}\]/]/.test(char) ? `\\${char}` : char);
  };

  const group = (): Node => {
    if (take('?')) {
      if (take('<')) {
        if (chars[at] === '=' || chars[at] === '!') throw unsupported('it looks back');
        takeUntil('>');
      } else if (!take(':')) throw unsupported('it looks ahead, or changes its flags');
    }
    const inside = choice();
    at += 1;
    return inside;
  };

  /** Up to the closing bracket. */
  const classRest = (): string => {
    const from = at;
    while (chars[at] !== ']') at += chars[at] === '\\' ? 2 : 1;
    at += 1;
    return chars.slice(from, at).join('');
  };

  const escaped = (): Node => {
    const char = chars[at] as string;
    at += 1;
    if (char === 'b' || char === 'B') return { type: 'assert', assertion: char === 'b' ? 'boundary' : 'no-boundary' };
    if (char === 'k' || /[1-9]/.test(char)) throw unsupported('it refers back');
    return charNode(`\\${char}${escapeRest(char)}`);
  };

  const escapeRest = (char: string): string => {
    const rest = chars.slice(at, at + 64).join('');
    const shapes: Readonly<Record<string, RegExp>> = {
      c: /^[A-Za-z]/,
      x: /^[\dA-Fa-f]{2}/,
      // Two halves of one character are one.
      u: unicode ? /^(?:\{[\dA-Fa-f]+\}|d[89ab][\dA-Fa-f]{2}\\ud[c-f][\dA-Fa-f]{2}|[\dA-Fa-f]{4})/i : /^[\dA-Fa-f]{4}/,
      p: unicode ? /^\{[^}]*\}/ : /^(?!)/,
      P: unicode ? /^\{[^}]*\}/ : /^(?!)/,
      0: /^[0-7]{0,2}/,
    };
    const found = shapes[char]?.exec(rest)?.[0] ?? '';
    at += [...found].length;
    return found;
  };

  return choice();
}

/** From the end to the beginning, so that each state knows the next. */
function build(node: Node): { readonly states: readonly State[]; readonly start: number } {
  const states: State[] = [{ type: 'match' }];
  const add = (state: State): number => {
    if (states.length >= maxStates) throw unsupported('it is too large');
    states.push(state);
    return states.length - 1;
  };

  let written = 0;
  const before = (item: Node, next: number): number => {
    // Nothing, a thousand times a thousand times, has no states and takes its time all the same.
    written += 1;
    if (written > maxStates * 4) throw unsupported('it is too large');
    switch (item.type) {
      case 'char':
      case 'assert':
        return add({ ...item, next });
      case 'sequence':
        return item.items.reduceRight((after, one) => before(one, after), next);
      case 'choice': {
        const [only, ...others] = item.items;
        if (only && others.length === 0) return before(only, next);
        return add({ type: 'fork', next: item.items.map((one) => before(one, next)) });
      }
      case 'repeat':
        return repeat(item, next);
    }
  };

  const repeat = ({ item, least, most }: Extract<Node, { type: 'repeat' }>, next: number): number => {
    if (Math.max(least, Number.isFinite(most) ? most : 0) > maxStates) throw unsupported('it is too large');
    let after = next;
    if (most === Number.POSITIVE_INFINITY) {
      const back: number[] = [next];
      after = add({ type: 'fork', next: back });
      back.push(before(item, after));
    } else for (let count = least; count < most; count += 1) after = add({ type: 'fork', next: [next, before(item, after)] });
    for (let count = 0; count < least; count += 1) after = before(item, after);
    return after;
  };

  const start = before(node, 0);
  return { states, start };
}
