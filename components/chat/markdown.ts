/** The Markdown of a model's answer as a tree of blocks, never as markup: what it does not know stays the text that it is, tags included. */

import { plainLine, revealed } from '../plain-text';
import { type Inline, parseInline } from './markdown-inline';

export type Block =
  | { readonly type: 'paragraph'; readonly content: readonly Inline[] }
  | {
      readonly type: 'heading';
      /** As written, 1 to 6. */
      readonly level: number;
      /** Among the headings of the answer, from 1 and without gaps. */
      readonly rank: number;
      readonly content: readonly Inline[];
    }
  | { readonly type: 'code'; readonly language: string; readonly text: string }
  | { readonly type: 'list' /** Absent where it is not numbered. */; readonly start?: number; readonly items: readonly Blocks[] }
  | { readonly type: 'quote'; readonly content: Blocks }
  | { readonly type: 'table'; readonly head: Row; readonly rows: readonly Row[] }
  | { readonly type: 'rule' };
export type Blocks = readonly Block[];
type Row = readonly (readonly Inline[])[];

/** Blocks in blocks; what lies deeper is text. */
const deepest = 8;
const columns = 32;
const languageChars = 24;

const fence = /^ {0,3}(`{3,}|~{3,})/;
const heading = /^ {0,3}(#{1,6})(?:[ \t]+|$)/;
const rule = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const quote = /^ {0,3}> ?/;
/** In the middle of a paragraph a number is one more often than it begins a list. */
const interrupting = /^ *(?:[-*+]|1[.)]) +\S/;
const bullet = /^( *)([-*+]|\d{1,9}[.)])(?: +|$)/;

/** @param text as the model wrote it, also in the middle: an open block of code goes on to the end */
export const parseMarkdown = (text: string): Blocks =>
  parseBlocks(revealed(text).replace(/\r\n?/g, '\n').replaceAll('\t', '    ').split('\n'), { depth: 0, outline: { rank: 0 } });

/** Where in the answer the lines stand. */
interface Place {
  readonly depth: number;
  /** The rank of the heading before them; the readers go through the answer from its beginning to its end. */
  readonly outline: { rank: number };
}

/** What one kind of block makes of the lines from here on. */
interface Found {
  readonly block: Block;
  /** The first line after it. */
  readonly next: number;
}
type Reader = (lines: readonly string[], at: number, place: Place) => Found | undefined;

function parseBlocks(lines: readonly string[], place: Place): Blocks {
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    if (isBlank(lines[at])) {
      at += 1;
      continue;
    }
    const { block, next } = readBlock(lines, at, place) ?? readParagraph(lines, at, place);
    blocks.push(block);
    at = next;
  }
  return blocks;
}

function readBlock(lines: readonly string[], at: number, place: Place): Found | undefined {
  for (const read of readers) {
    const found = read(lines, at, place);
    if (found) return found;
  }
  return undefined;
}

const isBlank = (line: string | undefined) => line === undefined || line.trim() === '';
const startsBlock = (line: string, place: Place) =>
  isFence(line) ||
  heading.test(line) ||
  rule.test(line) ||
  (place.depth < deepest && (quote.test(line) || interrupting.test(line)));

function readParagraph(lines: readonly string[], at: number, place: Place): Found {
  let next = at + 1;
  while (!isBlank(lines[next]) && !startsBlock(lines[next] as string, place) && !tableHead(lines, next)) next += 1;
  const text = lines
    .slice(at, next)
    .map((line) => line.trim())
    .join('\n');
  return { block: { type: 'paragraph', content: parseInline(text) }, next };
}

/** Backticks with another one behind them are code inside of a line. */
function isFence(line: string): boolean {
  const [start, mark] = fence.exec(line) ?? [];
  return start !== undefined && !(mark?.startsWith('`') && line.includes('`', start.length));
}

const readCode: Reader = (lines, at) => {
  const line = lines[at] as string;
  const [start, mark] = fence.exec(line) ?? [];
  if (start === undefined || mark === undefined || !isFence(line)) return undefined;
  const indent = indentOf(line);
  const isEnd = (other: string | undefined) => {
    const words = other?.trim();
    return words?.startsWith(mark) && words === (mark[0] as string).repeat(words.length);
  };
  let end = at + 1;
  while (end < lines.length && !isEnd(lines[end])) end += 1;
  const text = lines
    .slice(at + 1, end)
    .map((other) => outdented(other, indent))
    .join('\n');
  const language = plainLine(line.slice(start.length)).split(' ', 1)[0] ?? '';
  return { block: { type: 'code', language: language.slice(0, languageChars), text }, next: end + 1 };
};

const readHeading: Reader = (lines, at, { outline }) => {
  const line = lines[at] ?? '';
  const [start, marks] = heading.exec(line) ?? [];
  if (start === undefined || marks === undefined) return undefined;
  const words = line.slice(start.length).trimEnd();
  let end = words.length;
  while (words[end - 1] === '#') end -= 1;
  // Marks at the end close it, unless they belong to a word, as in C#.
  const text = end === 0 || words[end - 1] === ' ' ? words.slice(0, end) : words;
  const level = marks.length;
  outline.rank = Math.min(level, outline.rank + 1);
  return { block: { type: 'heading', level, rank: outline.rank, content: parseInline(text.trim()) }, next: at + 1 };
};

const readRule: Reader = (lines, at) => (rule.test(lines[at] ?? '') ? { block: { type: 'rule' }, next: at + 1 } : undefined);

const readQuote: Reader = (lines, at, place) => {
  if (place.depth >= deepest) return undefined;
  let next = at;
  while (quote.test(lines[next] ?? '')) next += 1;
  if (next === at) return undefined;
  const inner = lines.slice(at, next).map((line) => line.replace(quote, ''));
  return { block: { type: 'quote', content: parseBlocks(inner, { ...place, depth: place.depth + 1 }) }, next };
};

interface Bullet {
  readonly indent: number;
  /** Where its text begins. */
  readonly width: number;
  readonly number: number | undefined;
}

function bulletOf(line: string | undefined): Bullet | undefined {
  const [start, indent, mark] = (line !== undefined && !rule.test(line) && bullet.exec(line)) || [];
  if (start === undefined || indent === undefined || mark === undefined) return undefined;
  const number = /^\d/.test(mark) ? Number.parseInt(mark, 10) : undefined;
  // Text that is set off further is set off inside of the item.
  const width = Math.min(start.length, indent.length + mark.length + 4);
  return { indent: indent.length, width: Math.max(width, indent.length + mark.length + 1), number };
}

const indentOf = (line: string) => line.length - line.trimStart().length;

const readList: Reader = (lines, at, place) => {
  const first = bulletOf(lines[at]);
  if (!first || place.depth >= deepest) return undefined;
  const isNumbered = first.number !== undefined;
  const items: Blocks[] = [];
  let next = at;
  for (;;) {
    const item = bulletOf(lines[next]);
    if (!item || (item.number !== undefined) !== isNumbered || item.indent > first.indent + 3) break;
    const end = endOfItem(lines, next, item, place);
    const inner = lines
      .slice(next, end)
      .map((line, index) => (index === 0 ? line.slice(item.width) : outdented(line, item.width)));
    items.push(parseBlocks(inner, { ...place, depth: place.depth + 1 }));
    next = end;
    while (next < lines.length && isBlank(lines[next])) next += 1;
  }
  return { block: { type: 'list', ...(first.number !== undefined && { start: first.number }), items }, next };
};

const outdented = (line: string, width: number) => line.slice(Math.min(width, indentOf(line)));

/** An item goes on with what is set off below it, and with lines that follow it without a break. */
function endOfItem(lines: readonly string[], at: number, item: Bullet, place: Place): number {
  let end = at + 1;
  for (let next = end; next < lines.length; next += 1) {
    const line = lines[next] as string;
    if (isBlank(line)) continue;
    const isInside = indentOf(line) > item.indent + 1 || indentOf(line) >= item.width;
    const follows = next === end && !startsBlock(line, place) && !bulletOf(line);
    if (!isInside && !follows) break;
    end = next + 1;
  }
  return end;
}

function cellsOf(line: string): readonly string[] {
  const cells = line
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '')
    .split(/(?<!\\)\|/);
  return cells.slice(0, columns).map((cell) => cell.trim().replaceAll('\\|', '|'));
}

/** The cells of a line with the line of dashes under it. */
function tableHead(lines: readonly string[], at: number): readonly string[] | undefined {
  const [line, dashes] = [lines[at], lines[at + 1]];
  if (!line?.includes('|') || !dashes?.includes('-') || !dashes.includes('|')) return undefined;
  const [head, under] = [cellsOf(line), cellsOf(dashes)];
  return head.length === under.length && under.every((cell) => /^:?-+:?$/.test(cell)) ? head : undefined;
}

const readTable: Reader = (lines, at) => {
  const head = tableHead(lines, at);
  if (!head) return undefined;
  let next = at + 2;
  while (lines[next]?.includes('|')) next += 1;
  const rows = lines.slice(at + 2, next).map((line) => {
    const cells = cellsOf(line);
    return head.map((_, index) => parseInline(cells[index] ?? ''));
  });
  return { block: { type: 'table', head: head.map(parseInline), rows }, next };
};

const readers: readonly Reader[] = [readCode, readHeading, readRule, readQuote, readList, readTable];
