/**
 * The Markdown inside a line of a model's answer, as a tree and never as markup. Each mark is open at most once at a time, so neither depth nor time
 * grows with what a stranger writes.
 */

import { siteName } from '../site-name';

export type Inline =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'strong' | 'emphasis' | 'struck'; readonly content: readonly Inline[] }
  | {
      readonly type: 'link';
      /** http: or https:, normalised. */
      readonly address: string;
      /** As the person reads it; absent where the link's own text says it. */
      readonly site?: string | undefined;
      readonly content: readonly Inline[];
    }
  /** Of an image nothing is loaded: it is a link with its description. */
  | { readonly type: 'image'; readonly address: string; readonly site: string; readonly text: string };

type Mark = '**' | '__' | '*' | '_' | '~~' | '[' | '![';

interface Frame {
  /** Absent for the line itself. */
  readonly mark?: Mark;
  readonly content: Inline[];
}

const markTypes = { '**': 'strong', __: 'strong', '*': 'emphasis', _: 'emphasis', '~~': 'struck' } as const;
const addressChars = 2048;
const escapable = /[!-/:-@[-`{-~]/;
const bareAddress = /https?:\/\/[^\s<>"'`]{1,2048}/y;
const isSpace = (character: string | undefined) => character === undefined || /\s/.test(character);
const isWord = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}]/u.test(character);

/** An address that a link may lead to. Everything but the web (`javascript:`, `data:`, a page of Oriel) is none. */
function webAddress(text: string): URL | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  return new URL(text);
}

export function parseInline(text: string): readonly Inline[] {
  const frames: Frame[] = [{ content: [] }];
  const closing = codeClosings(text);
  let at = 0;

  const top = () => frames.at(-1) as Frame;
  const say = (said: string) => {
    const { content } = top();
    const last = content.at(-1);
    if (last?.type === 'text') content[content.length - 1] = { type: 'text', text: last.text + said };
    else content.push({ type: 'text', text: said });
  };
  const take = (length: number) => {
    say(text.slice(at, at + length));
    at += length;
  };
  /** The innermost frame was none: its mark is text like the rest. */
  const flatten = () => {
    const { mark = '', content } = frames.pop() as Frame;
    say(mark);
    for (const part of content) {
      if (part.type === 'text') say(part.text);
      else top().content.push(part);
    }
  };
  const isOpen = (...marks: Mark[]) => frames.some(({ mark }) => mark !== undefined && marks.includes(mark));
  /** Ends what was opened inside of the frame of one of these marks and never closed. */
  const comeTo = (...marks: Mark[]) => {
    while (!marks.includes(top().mark as Mark)) flatten();
  };
  const close = (...marks: Mark[]): Frame => {
    comeTo(...marks);
    return frames.pop() as Frame;
  };

  const emphasis = (character: '*' | '_' | '~') => {
    let run = 1;
    while (text[at + run] === character) run += 1;
    const before = text[at - 1];
    const after = text[at + run];
    // Inside of a word an underscore is a letter.
    const isInner = character === '_' && isWord(before) && isWord(after);
    const mayOpen = !isSpace(after) && !isInner;
    const mayClose = !isSpace(before) && !isInner;
    const single = character === '~' ? undefined : character;
    const double = `${character}${character}` as '**' | '__' | '~~';
    let left = run;
    // Longer ones are drawn lines, not emphasis.
    if (run > 3) return take(run);
    while (left > 0) {
      // Of three at the end the inner one closes first.
      const closesInner = mayClose && top().mark === single && !(run === 2 && isOpen(double));
      const size = left >= 2 && !closesInner ? 2 : 1;
      const mark = size === 2 ? double : single;
      if (mark === undefined) return take(left);
      if (mayClose && isOpen(mark)) {
        const { content } = close(mark);
        top().content.push({ type: markTypes[mark], content });
      } else if (mayOpen && !isOpen(mark)) frames.push({ mark, content: [] });
      else say(mark);
      at += size;
      left -= size;
    }
  };

  /** What follows `](`: the address, and how long it is with its bracket. */
  const target = (from: number) => {
    let depth = 1;
    for (let end = from; end < Math.min(text.length, from + addressChars); end += 1) {
      // No address holds what begins the next one; so what is looked at here is not looked at again from there.
      if (text[end] === '\n' || text.startsWith('](', end)) return undefined;
      if (text[end] === '(') depth += 1;
      if (text[end] === ')') depth -= 1;
      if (depth === 0) return { address: text.slice(from, end).trim().split(/\s/, 1)[0] ?? '', length: end + 1 - from };
    }
    return undefined;
  };

  const bracket = () => {
    const found = text[at + 1] === '(' && isOpen('[', '![') ? target(at + 2) : undefined;
    const url = found && webAddress(found.address.replace(/^<(.*)>$/, '$1'));
    if (!found || !url) {
      // It stays as it was written, so that nothing looks like a link that leads nowhere.
      if (isOpen('[', '![')) {
        comeTo('[', '![');
        flatten();
      }
      return take(1);
    }
    const { mark, content } = close('[', '![');
    const { text: site } = siteName(url.origin);
    const address = url.href;
    if (mark === '![') top().content.push({ type: 'image', address, site, text: wordsOf(content) });
    else
      top().content.push({
        type: 'link',
        address,
        site,
        content: content.length > 0 ? content : [{ type: 'text', text: address }],
      });
    at += 2 + found.length;
  };

  const bare = (): boolean => {
    bareAddress.lastIndex = at;
    const written = isWord(text[at - 1]) ? '' : withoutEnd(bareAddress.exec(text)?.[0] ?? '');
    const url = webAddress(written);
    if (!url) return false;
    // It says where it leads, unless something stands before the host or the host is written otherwise.
    const isPlain = written === url.origin || written.startsWith(`${url.origin}/`);
    const site = isPlain ? undefined : siteName(url.origin).text;
    top().content.push({ type: 'link', address: url.href, site, content: [{ type: 'text', text: written }] });
    at += written.length;
    return true;
  };

  while (at < text.length) {
    const character = text[at] as string;
    if (character === '\\' && escapable.test(text[at + 1] ?? '')) {
      at += 1;
      take(1);
    } else if (character === '`') {
      const { run, end } = closing(at);
      if (end === undefined) take(run);
      else {
        top().content.push({ type: 'code', text: unpadded(text.slice(at + run, end)) });
        at = end + run;
      }
    } else if (character === '*' || character === '_' || character === '~') emphasis(character);
    else if (character === '!' && text[at + 1] === '[' && !isOpen('[', '![')) {
      frames.push({ mark: '![', content: [] });
      at += 2;
    } else if (character === '[' && !isOpen('[', '![')) {
      frames.push({ mark: '[', content: [] });
      at += 1;
    } else if (character === ']') bracket();
    else if (character !== 'h' || isOpen('[', '![') || !bare()) take(plainLength(text, at));
  }
  while (frames.length > 1) flatten();
  return top().content;
}

/** Without the marks that end a sentence around it. */
function withoutEnd(address: string): string {
  let end = address.length;
  while ('.,;:!?*_~])}'.includes(address[end - 1] ?? ' ')) end -= 1;
  return address.slice(0, end);
}

/** One blank on either side lets code begin with a backtick. */
const unpadded = (code: string): string =>
  code.startsWith(' ') && code.endsWith(' ') && code.trim() !== '' ? code.slice(1, -1) : code;

/** Up to the next character that could mean something. */
function plainLength(text: string, from: number): number {
  special.lastIndex = from + 1;
  const found = special.exec(text);
  return (found?.index ?? text.length) - from;
}
const special = /[\\`*_~![\]h]/g;

/** For each run of backticks the next one of the same length, each looked at once. */
function codeClosings(text: string) {
  const starts = new Map<number, number[]>();
  const nexts = new Map<number, number>();
  for (const { 0: run, index } of text.matchAll(/`+/g)) {
    const known = starts.get(run.length) ?? [];
    starts.set(run.length, known);
    known.push(index);
  }
  return (at: number): { readonly run: number; readonly end: number | undefined } => {
    let run = 1;
    while (text[at + run] === '`') run += 1;
    const known = starts.get(run) ?? [];
    let next = nexts.get(run) ?? 0;
    while ((known[next] ?? Number.POSITIVE_INFINITY) <= at) next += 1;
    nexts.set(run, next);
    return { run, end: known[next] };
  };
}

const wordsOf = (content: readonly Inline[]): string =>
  content.map((part) => ('text' in part ? part.text : wordsOf(part.content))).join('');
