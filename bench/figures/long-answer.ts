/** One answer of 10 MB in chunks of a kilobyte. */

import type { Order } from '../answers';
import { type Figure, inTurn } from '../figure';
import { toRow } from '../row';

const order: Order = { chunks: 10_000, chars: 1000 };

export const longAnswer: Figure = {
  name: 'long-answer',
  async measure({ browser, rig, rounds }) {
    const { own, oriel } = await rig();
    const [baseline = [], taken = []] = await inTurn(rounds(5), [
      async () => (await own(order)).ms,
      async () => (await oriel(order)).ms,
    ]);
    const about = { name: 'long-answer', title: 'One answer of 10 MB', browser, mandatory: false } as const;
    return [toRow({ ...about, unit: 'ms', judged: 'ratio', goal: 3.5 }, baseline, taken)];
  },
};
