/** What a figure is: one thing that is measured, and what it gets to measure with. */

import type { BrowserName } from '../tests/support/browser';
import type { Answers } from './answers';
import { quietMachine } from './machine';
import type { Rig } from './rig';
import type { Row } from './row';

export interface Bench {
  readonly browser: BrowserName;
  readonly answers: Answers;
  /** The one browser with Oriel that the figures share; launched when the first asks for it. */
  rig(): Promise<Rig>;
  /** How often it is measured: as usual, or as the command line says. */
  rounds(usual: number): number;
  log(line: string): void;
}

export interface Figure {
  /** For `--only`. */
  readonly name: string;
  /** With `--soak` only. */
  readonly isLong?: boolean;
  /** Where only the built files are read, in no browser. */
  readonly readsFiles?: boolean;
  measure(bench: Bench): Promise<readonly Row[]>;
}

/**
 * Measures the sides round by round, so that whatever else the machine does hits all alike, and each round in another order: what a side leaves
 * to do, its garbage or its idle work, is paid by the one that comes next. A round begins when the machine is quiet, as long as patience lasts. The
 * first round of each is thrown away.
 */
export async function inTurn<Value>(
  rounds: number,
  sides: readonly (() => Promise<Value>)[],
): Promise<readonly (readonly Value[])[]> {
  const samples: Value[][] = sides.map(() => []);
  for (let round = -1; round < rounds; round += 1) {
    await quietMachine();
    for (const [index, side] of shuffled(sides.entries())) {
      const value = await side();
      if (round >= 0) samples[index]?.push(value);
    }
  }
  return samples;
}

const shuffled = <Item>(items: Iterable<Item>): Item[] =>
  [...items]
    .map((item) => ({ item, at: Math.random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
