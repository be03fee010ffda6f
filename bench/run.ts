/** Runs the figures in each browser and collects their rows. */

import type { BrowserName } from '../tests/support/browser';
import { startAnswers } from './answers';
import type { Bench, Figure } from './figure';
import { availability } from './figures/availability';
import { bytes } from './figures/bytes';
import { engine } from './figures/engine';
import { firstChunkAsleep, firstChunkWarm } from './figures/first-chunk';
import { longAnswer } from './figures/long-answer';
import { streamsBlasted, streamsPaced } from './figures/many-streams';
import { memory, soak } from './figures/memory';
import { pageLoad } from './figures/page-load';
import { activity, popup } from './figures/screens';
import { smallChunks } from './figures/small-chunks';
import { tokenLatency } from './figures/token-latency';
import { canWait, describeMachine, lookAtMachine, type MachineState } from './machine';
import { openRig, type Rig } from './rig';
import type { Row } from './row';
import { resultOf } from './table';

/**
 * What is judged in milliseconds comes first in every browser, and what keeps the machine busy for minutes after it: many a machine works slower then.
 * In each stage those that fill the database are last.
 */
const stages: readonly (readonly Figure[])[] = [
  [bytes, smallChunks, firstChunkWarm, firstChunkAsleep, tokenLatency, pageLoad, availability, popup],
  [streamsPaced, memory, engine, streamsBlasted, longAnswer, activity, soak],
];

export const figureNames = stages.flat().map(({ name }) => name);

export interface RunOptions {
  readonly browsers: readonly BrowserName[];
  /** Names of figures; all of them where empty. */
  readonly only: readonly string[];
  readonly repeats: number | undefined;
  /** With those that take many minutes. */
  readonly soak: boolean;
  readonly log: (line: string) => void;
  /** Ends the run after the figure that is being measured; what was measured counts. */
  readonly signal: AbortSignal;
}

export interface Result {
  /** As it was before each figure, the worst of them. */
  readonly machine: MachineState;
  readonly takenAt: string;
  readonly rows: readonly Row[];
  /** Figures that could not be measured. */
  readonly failed: readonly string[];
}

/** A browser opens six connections to one server at most: so many servers are fifty at once. */
const servers = 10;

export async function runFigures({ browsers, only, repeats, soak, log, signal }: RunOptions): Promise<Result> {
  const isWanted = ({ name, isLong }: Figure) => (only.length > 0 ? only.includes(name) : soak || !isLong);
  const turns = stages
    .map((stage) => stage.filter(isWanted))
    .flatMap((wanted) => browsers.map((browser) => ({ browser, wanted })));
  const answers = await startAnswers(servers);
  const rows: Row[] = [];
  const failed: string[] = [];
  const states: MachineState[] = [lookAtMachine()];
  try {
    for (const { browser, wanted } of turns) {
      let rig: Promise<Rig> | undefined;
      const bench: Bench = {
        browser,
        answers,
        rig: () => {
          rig ??= openRig(browser, answers);
          return rig;
        },
        rounds: (usual) => repeats ?? usual,
        log,
      };
      try {
        for (const figure of wanted) {
          // The two builds differ in their manifests.
          if (signal.aborted || (figure.readsFiles && browser !== browsers[0])) continue;
          states.push(lookAtMachine());
          const begun = performance.now();
          const measured = await figure.measure(bench).catch((error: Error) => {
            failed.push(`${figure.name} in ${browser}: ${error.message}`);
            return [];
          });
          rows.push(...measured);
          const seconds = ((performance.now() - begun) / 1000).toFixed(1);
          log(`${browser} ${figure.name}, ${seconds} s: ${measured.map((row) => `${row.name} ${resultOf(row)}`).join(', ')}`);
        }
      } finally {
        await (await rig?.catch(() => undefined))?.close();
      }
    }
  } finally {
    await answers.close();
  }
  const machine = worst(states);
  log(describeMachine(machine));
  if (!canWait()) log('It was waited for a quiet machine as long as a run does; the rest was measured on it as it was.');
  const sorted = ['build', ...browsers].flatMap((name) => rows.filter(({ browser }) => browser === name));
  return { machine, takenAt: new Date().toISOString(), rows: sorted, failed };
}

/** The load of a browser that is measured is ours: only the first look counts it. */
function worst(states: readonly MachineState[]): MachineState {
  const [first] = states as [MachineState];
  const spread = Math.max(...states.map((state) => state.spread));
  const disturbed = states.filter((state) => state.spread > 1.5).length;
  return { ...first, spread, isQuiet: first.isQuiet && disturbed * 4 < states.length };
}
