/** Whether the machine is quiet enough for its times to mean something. */

import { cpus, loadavg } from 'node:os';
import { quantile } from './statistics';

export interface MachineState {
  readonly isQuiet: boolean;
  /** Runnable processes, mean of the last minute. */
  readonly load: number;
  /** How much longer a loop of fixed work took at worst than at best. */
  readonly spread: number;
  readonly cores: number;
}

const loops = 40;
const most = { loadPerCore: 0.35, spread: 1.25 };

/** Takes about half a second. */
export function lookAtMachine(): MachineState {
  const taken = Array.from({ length: loops }, calibrate);
  const [load = 0] = loadavg();
  const cores = cpus().length;
  const spread = quantile(taken, 0.9) / quantile(taken, 0);
  return { isQuiet: load / cores <= most.loadPerCore && spread <= most.spread, load, spread, cores };
}

/** Work that takes about ten milliseconds where nobody else wants the core. */
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
