/** Whether the machine is quiet enough for its times to mean something. */

import { cpus, loadavg } from 'node:os';
import { quantile } from './statistics';

export interface MachineState {
  readonly isQuiet: boolean;
  /** Runnable processes, mean of the last minute. */
  readonly load: number;
  /** How much longer a loop of fixed work took, at worst, than at the best of the whole run. */
  readonly spread: number;
  readonly cores: number;
}

const loops = { ofLook: 40, ofGlance: 5 };
const most = { loadPerCore: 0.35, spread: 1.25 };
/** Milliseconds between two glances. */
const pause = 250;

/** Milliseconds that the rounds of a run still wait for a quiet machine, all together. */
let patience = 15 * 60_000;

/** Milliseconds of the fastest loop of this run: a machine that is slow all the while differs from nothing else. */
let best = Number.POSITIVE_INFINITY;

/** @returns how much longer the slow ones of so many loops took than the best of the run */
function spreadOf(count: number): number {
  const taken = Array.from({ length: count }, calibrate);
  best = Math.min(best, ...taken);
  return quantile(taken, 0.9) / best;
}

/** Takes about a quarter of a second. */
export function lookAtMachine(): MachineState {
  const [load = 0] = loadavg();
  const cores = cpus().length;
  const spread = spreadOf(loops.ofLook);
  return { isQuiet: load / cores <= most.loadPerCore && spread <= most.spread, load, spread, cores };
}

/**
 * Waits while the machine is slower than it was at its best: a shared one is, for seconds or minutes. The work that is looked at is the bench's own, so
 * that nothing measured decides what counts.
 */
export async function quietMachine(): Promise<void> {
  while (spreadOf(loops.ofGlance) > most.spread && patience > 0) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    patience -= pause;
  }
}

/** False once the run has waited as long as it may: what it measures from then on may be of a machine that is not quiet. */
export const canWait = (): boolean => patience > 0;

/** Work that takes about five milliseconds where nobody else wants the core. */
function calibrate(): number {
  const begun = performance.now();
  let sum = 0;
  for (let index = 0; index < 8_000_000; index += 1) sum = (sum + index * 7) | 0;
  const taken = performance.now() - begun;
  // Used, so that no compiler drops the loop.
  return sum === 1 ? taken + 1e-9 : taken;
}

export const describeMachine = ({ isQuiet, load, spread, cores }: MachineState): string =>
  `${isQuiet ? 'quiet' : 'NOT quiet, take the times with care'}: load ${load.toFixed(2)} on ${cores} cores, fixed work varies by ${Math.round((spread - 1) * 100)} %`;
