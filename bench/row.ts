/** One line of the result: what was measured against what, and whether the goal is met. */

import type { BrowserName } from '../tests/support/browser';
import { median, p99 } from './statistics';

/** What the goal is about: Oriel over the baseline, Oriel minus the baseline, or Oriel alone. */
type Judged = 'ratio' | 'difference' | 'value';

export interface Row {
  readonly name: string;
  readonly title: string;
  /** `build`: read from the built files. */
  readonly browser: BrowserName | 'build';
  readonly mandatory: boolean;
  readonly unit: 'ms' | 'bytes' | 'MB' | 'tokens';
  readonly judged: Judged;
  /** Medians, or the one value there is. */
  readonly baseline: number | null;
  readonly oriel: number;
  readonly baselineP99: number | null;
  readonly orielP99: number | null;
  readonly ratio: number | null;
  readonly goal: number;
  readonly met: boolean;
  /** What others come to, as a ratio to the baseline. */
  readonly peer: number | null;
  readonly note: string | null;
  /** When, and on what machine, where it is not of the run that the others are of. */
  readonly apart?: string;
}

export interface RowDescription {
  readonly name: string;
  readonly title: string;
  readonly browser: Row['browser'];
  readonly mandatory: boolean;
  readonly unit: Row['unit'];
  readonly judged: Judged;
  readonly goal: number;
  readonly peer?: number | undefined;
  readonly note?: string | undefined;
}

/** From the samples of both sides; with `of` another figure of them than the median. */
export function toRow(
  { peer = Number.NaN, note, ...about }: RowDescription,
  baselines: readonly number[],
  oriels: readonly number[],
  of: (samples: readonly number[]) => number = median,
): Row {
  const baseline = baselines.length > 0 ? of(baselines) : null;
  const oriel = of(oriels);
  const row = { ...about, baseline, oriel, ratio: baseline === null ? null : oriel / baseline };
  return {
    ...row,
    baselineP99: baselines.length > 1 ? p99(baselines) : null,
    orielP99: oriels.length > 1 ? p99(oriels) : null,
    met: judgedValue(row) <= about.goal,
    peer: Number.isNaN(peer) ? null : peer,
    note: note ?? null,
  };
}

/** The number that is held against the goal. */
export function judgedValue({ judged, baseline, oriel, ratio }: Pick<Row, 'judged' | 'baseline' | 'oriel' | 'ratio'>): number {
  if (judged === 'ratio') return ratio ?? Number.NaN;
  return judged === 'difference' ? oriel - (baseline ?? 0) : oriel;
}
