/** The rows as people read them. */

import { judgedValue, type Row } from './row';

const digits = (value: number): string => value.toFixed(Math.abs(value) < 0.1 ? 4 : Math.abs(value) < 100 ? 2 : 0);

export function amountOf(value: number | null, unit: Row['unit']): string {
  if (value === null) return '–';
  if (unit === 'tokens') return `${Math.round(value)} tokens`;
  return unit === 'bytes' ? value.toLocaleString('en') : `${digits(value)} ${unit}`;
}

/** As the goal says it: `≤ 1.20×`, `≤ +4 ms`, `≤ 150 ms`. */
export function goalOf({ judged, goal, unit }: Row): string {
  if (judged === 'ratio') return `≤ ${goal.toFixed(2)}×`;
  return `≤ ${judged === 'difference' ? '+' : ''}${unit === 'bytes' ? goal.toLocaleString('en') : `${Number(goal.toFixed(2))} ${unit}`}`;
}

export function resultOf(row: Row): string {
  const value = judgedValue(row);
  if (row.judged === 'ratio') return `${value.toFixed(2)}×`;
  return row.judged === 'difference' ? differenceOf(value, row.unit) : amountOf(value, row.unit);
}

const differenceOf = (value: number, unit: Row['unit']): string => `${value >= 0 ? '+' : ''}${amountOf(value, unit)}`;

/** In the words of the result: beside a difference a difference. */
export function peerOf({ peer, judged, baseline, unit }: Row): string {
  if (peer === null) return '';
  return judged === 'difference' && baseline !== null ? differenceOf((peer - 1) * baseline, unit) : `${peer.toFixed(1)}×`;
}

const headings = ['', 'figure', 'browser', 'baseline', 'Oriel', 'result', 'goal', 'met', 'others'];

const cellsOf = (row: Row): string[] => [
  row.mandatory ? 'M' : '',
  row.name,
  row.browser,
  amountOf(row.baseline, row.unit),
  amountOf(row.oriel, row.unit),
  resultOf(row),
  goalOf(row),
  row.met ? 'yes' : 'NO',
  peerOf(row),
];

export function toTable(rows: readonly Row[]): string {
  const lines = [headings, ...rows.map(cellsOf)];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
