/** From the question to the first chunk: with the background awake, and with it asleep. */

import type { Order } from '../answers';
import { type Figure, inTurn } from '../figure';
import { toRow } from '../row';

const order: Order = { chunks: 1, chars: 4 };

export const firstChunkWarm: Figure = {
  name: 'first-chunk-warm',
  async measure({ browser, rig, rounds }) {
    const { own, oriel } = await rig();
    const [baseline = [], taken = []] = await inTurn(rounds(60), [
      async () => (await own(order)).first,
      async () => (await oriel(order)).first,
    ]);
    const about = { name: 'first-chunk-warm', title: 'First chunk, background awake', browser, mandatory: true } as const;
    return [toRow({ ...about, unit: 'ms', judged: 'difference', goal: 4 }, baseline, taken)];
  },
};

export const firstChunkAsleep: Figure = {
  name: 'first-chunk-asleep',
  async measure({ browser, rig, rounds }) {
    const { own, oriel, browser: driven } = await rig();
    const [baseline = [], taken = []] = await inTurn(rounds(40), [
      async () => (await own(order)).first,
      async () => {
        await driven.killBackground();
        return (await oriel(order)).first;
      },
    ]);
    const about = { name: 'first-chunk-asleep', title: 'First chunk, background asleep', browser, mandatory: true } as const;
    return [toRow({ ...about, unit: 'ms', judged: 'difference', goal: 70 }, baseline, taken)];
  },
};
