/** 50 answers at once in one page, spread over the servers as a browser's six connections to each allow. */

import type { Order } from '../answers';
import { type Bench, type Figure, inTurn } from '../figure';
import type { Measuring } from '../rig';

import { toRow } from '../row';

const count = 50;
const paced: Order = { chunks: 100, chars: 4, everyMs: 20 };
const blasted: Order = { chunks: 400, chars: 4 };

async function measureMany({ answers, rig, rounds }: Bench, order: Order, usual: number) {
  const { page } = await rig();
  const models = answers.origins.map((_, index) => `server-${index}`);
  return inTurn(rounds(usual), [
    () =>
      page.evaluate(
        (many: number, what: Order, origins: readonly string[]) =>
          (globalThis as unknown as Measuring).bench.manyOwn(many, what, origins),
        ...([count, order, answers.origins] as const),
      ),
    () =>
      page.evaluate(
        (many: number, what: Order, named: readonly string[]) =>
          (globalThis as unknown as Measuring).bench.manyOriel(many, what, named),
        ...([count, order, models] as const),
      ),
  ]);
}

export const streamsPaced: Figure = {
  name: 'streams-paced',
  async measure(bench) {
    const [baseline = [], taken = []] = await measureMany(bench, paced, 4);
    const title = '50 streams at once, 50 chunks a second each';
    const about = { name: 'streams-paced', title, browser: bench.browser, mandatory: true } as const;
    return [toRow({ ...about, unit: 'ms', judged: 'ratio', goal: 1.05 }, baseline, taken)];
  },
};

export const streamsBlasted: Figure = {
  name: 'streams-blasted',
  async measure(bench) {
    const [baseline = [], taken = []] = await measureMany(bench, blasted, 7);
    const title = '50 streams at once, 400 chunks each as fast as possible';
    const about = { name: 'streams-blasted', title, browser: bench.browser, mandatory: false } as const;
    const goal = bench.browser === 'chromium' ? 1.4 : 1.7;
    return [toRow({ ...about, unit: 'ms', judged: 'ratio', goal }, baseline, taken)];
  },
};
