/** 20,000 small chunks as fast as possible: the page's own fetch, Oriel, and a relay that posts each chunk. */

import type { Order } from '../answers';
import { type Figure, inTurn } from '../figure';
import { openPeer } from '../rig';
import { toRow } from '../row';
import { median } from '../statistics';

const order: Order = { chunks: 20_000, chars: 4 };

export const smallChunks: Figure = {
  name: 'small-chunks',
  async measure({ browser, answers, rig, rounds }) {
    const { own, oriel } = await rig();
    const other = await openPeer(browser, answers);
    try {
      const times = rounds(9);
      // The relay takes twenty times as long: a few rounds tell.
      const few = Math.max(1, Math.floor(times / 3));
      const [peers = []] = await inTurn(few, [async () => (await other.peer(order)).ms]);
      const [baseline = [], taken = []] = await inTurn(times, [
        async () => (await own(order)).ms,
        async () => (await oriel(order)).ms,
      ]);
      return [
        toRow(
          {
            ...{ name: 'small-chunks', title: '20,000 small chunks as fast as possible', browser, mandatory: true },
            ...{ unit: 'ms', judged: 'ratio', goal: browser === 'chromium' ? 1.2 : 1.3 },
            peer: median(peers) / median(baseline),
          },
          baseline,
          taken,
        ),
      ];
    } finally {
      await other.browser.close();
    }
  },
};
