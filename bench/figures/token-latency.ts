/** What Oriel adds to the way of each token at 100 tokens a second, from the server's sending to the page's script. */

import type { Order } from '../answers';
import { type Figure, inTurn } from '../figure';
import { collectGarbage } from '../memory';
import { toRow } from '../row';
import { p99 } from '../statistics';

const order: Order = { chunks: 200, chars: 0, everyMs: 10, stamped: true };

export const tokenLatency: Figure = {
  name: 'token-latency',
  async measure({ browser, rig, rounds }) {
    const { browser: launched, own, oriel } = await rig();
    // One token in a hundred: a single collection of what the launch and the figures before left would be all that the 99th percentile tells.
    await collectGarbage(launched);
    const [own2 = [], oriel2 = []] = await inTurn(rounds(15), [
      async () => (await own(order)).latencies,
      async () => (await oriel(order)).latencies,
    ]);
    const [baseline, taken] = [own2.flat(), oriel2.flat()];
    const about = { browser, mandatory: true, unit: 'ms', judged: 'difference' } as const;
    const title = 'Way of a token at 100 tokens a second';
    return [
      toRow({ ...about, name: 'token-latency', title, goal: 1.2 }, baseline, taken),
      toRow({ ...about, name: 'token-latency-p99', title: `${title}, 99th percentile`, goal: 4 }, baseline, taken, p99),
    ];
  },
};
