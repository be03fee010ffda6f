/** Writes what was measured into docs/performance.md, between its marks, and the plot beside it. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GrowthPoint } from './growth';
import { describeMachine } from './machine';
import { growthPlot } from './plot';
import type { Row } from './row';
import type { Result } from './run';
import { amountOf, goalOf, peerOf, resultOf } from './table';

export function writeDocs(result: Result & { readonly growth: readonly GrowthPoint[] }, folder: string): void {
  const file = join(folder, 'performance.md');
  const page = readFileSync(file, 'utf8');
  const written = between(page, 'figures', figuresText(result));
  writeFileSync(file, result.growth.length > 0 ? between(written, 'growth', growthText(result.growth)) : written);
  if (result.growth.length > 0) writeFileSync(join(folder, 'performance-growth.svg'), growthPlot(result.growth));
}

/** The earlier figures with those of a run that measured a few: they take the place of their namesakes, and each keeps when that was and how the machine was meanwhile. */
export function withRows<Earlier extends Pick<Result, 'rows'>>(earlier: Earlier, { rows, machine, takenAt }: Result): Earlier {
  const isSame = (one: Row, other: Row) => one.name === other.name && one.browser === other.browser;
  const noted = rows.map((row) => ({ ...row, apart: `${takenAt.slice(0, 10)}, ${describeMachine(machine)}` }));
  const kept = earlier.rows.map((row) => noted.find((one) => isSame(one, row)) ?? row);
  return { ...earlier, rows: [...kept, ...noted.filter((row) => !earlier.rows.some((one) => isSame(one, row)))] };
}

/** One line for each run that measured a few, while any of its figures stands. */
export function apartNotes(rows: readonly Row[]): string[] {
  const runs = new Set(rows.flatMap(({ apart }) => apart ?? []));
  return [...runs].map((run) => {
    const names = new Set(rows.filter(({ apart }) => apart === run).map(({ name }) => name));
    return `${[...names].join(', ')}: taken apart from the others on ${run}.`;
  });
}

function between(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, stop] = [page.indexOf(begin), page.indexOf(end)];
  if (start < 0 || stop < start) throw new Error(`docs/performance.md has no place for ${name}.`);
  return `${page.slice(0, start + begin.length)}\n\n${text}\n\n${page.slice(stop)}`;
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const browserNames = { chromium: 'Chromium', firefox: 'Firefox', build: 'both' };

function figuresText({ rows, machine, takenAt, failed }: Result): string {
  const table = [
    line(['', 'what', 'browser', 'baseline', 'Oriel', 'result', 'goal', 'met', 'others']),
    line(Array.from({ length: 9 }, () => '---')),
    ...rows.map((row) =>
      line([
        row.mandatory ? 'M' : '',
        row.title,
        browserNames[row.browser],
        both(row.baseline, row.baselineP99, row),
        both(row.oriel, row.orielP99, row),
        resultOf(row),
        goalOf(row),
        row.met ? 'yes' : '**no**',
        peerOf(row),
      ]),
    ),
  ];
  const notes = [
    ...rows.flatMap(({ title, browser, note }) => (note === null ? [] : `${title}, ${browserNames[browser]}: ${note}.`)),
    ...apartNotes(rows),
    ...failed.map((what) => `Not measured: ${what}`),
  ];
  return [
    `Taken on ${takenAt.slice(0, 10)}. The machine was ${describeMachine(machine)}. Medians, with the 99th percentile in brackets.`,
    table.join('\n'),
    ...(notes.length > 0 ? [notes.map((note) => `- ${note}`).join('\n')] : []),
  ].join('\n\n');
}

const both = (median: number | null, tail: number | null, { unit, name }: Row): string =>
  tail === null || name.endsWith('-p99') ? amountOf(median, unit) : `${amountOf(median, unit)} (${amountOf(tail, unit)})`;

function growthText(points: readonly GrowthPoint[]): string {
  const rows = points.map(({ browser, what, count, firstChunk, firstChunkAsleep, popup }) =>
    line([
      browserNames[browser],
      what,
      count.toLocaleString('en'),
      ...[firstChunk, firstChunkAsleep, popup].map((ms) => ms.toFixed(1)),
    ]),
  );
  const head = line(['browser', 'what', 'how many', 'first chunk, awake (ms)', 'first chunk, asleep (ms)', 'popup ready (ms)']);
  return [
    '![Times at one, ten and a hundred times the work](performance-growth.svg)',
    [head, line(Array.from({ length: 6 }, () => '---')), ...rows].join('\n'),
  ].join('\n\n');
}
