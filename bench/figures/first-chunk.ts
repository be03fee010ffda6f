/** From the question to the first chunk: with the background awake, and with it asleep. */

import type { TestBrowser } from '../../tests/support/browser';
import type { Order } from '../answers';
import { type Bench, type Figure, inTurn } from '../figure';
import { openPeer, type Seen } from '../rig';
import { type Row, toRow } from '../row';
import { median } from '../statistics';

const order: Order = { chunks: 1, chars: 4 };

export const firstChunkWarm: Figure = {
  name: 'first-chunk-warm',
  measure: (bench) =>
    measureFirst(bench, { name: 'first-chunk-warm', title: 'First chunk, background awake', rounds: 60, goal: 4 }),
};

export const firstChunkAsleep: Figure = {
  name: 'first-chunk-asleep',
  measure: (bench) =>
    measureFirst(bench, {
      name: 'first-chunk-asleep',
      title: 'First chunk, background asleep',
      rounds: 40,
      goal: 70,
      isAsleep: true,
    }),
};

interface Moment {
  readonly name: string;
  readonly title: string;
  readonly rounds: number;
  readonly goal: number;
  readonly isAsleep?: boolean;
}

/** With the relay of a few lines in the same run, which tells how much of it is the browser's and the machine's. */
async function measureFirst({ browser, answers, rig, rounds }: Bench, moment: Moment): Promise<readonly Row[]> {
  const { own, oriel, browser: driven } = await rig();
  const other = await openPeer(browser, answers);
  const first = async (of: TestBrowser, ask: (order: Order) => Promise<Seen>) => {
    if (moment.isAsleep) await of.killBackground();
    return (await ask(order)).first;
  };
  try {
    const [baseline = [], taken = [], peers = []] = await inTurn(rounds(moment.rounds), [
      async () => (await own(order)).first,
      () => first(driven, oriel),
      () => first(other.browser, other.peer),
    ]);
    const { name, title, goal } = moment;
    const peer = median(peers) / median(baseline);
    return [toRow({ name, title, browser, mandatory: true, unit: 'ms', judged: 'difference', goal, peer }, baseline, taken)];
  } finally {
    await other.browser.close();
  }
}
