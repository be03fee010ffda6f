/** What stays in the background's memory after 100,000 chunks, and after ten minutes of answers one after the other. */

import type { Order } from '../answers';
import type { Figure } from '../figure';
import { backgroundMegabytes } from '../memory';
import { toRow } from '../row';

const burst: Order = { chunks: 20_000, chars: 4 };
const soakMinutes = 10;
const soaking: Order = { chunks: 400, chars: 20, everyMs: 5 };

/** What is loaded or filled at the first use is no leak. */
const warmUps = 2;

export const memory: Figure = {
  name: 'memory',
  async measure({ browser, rig }) {
    const { browser: driven, oriel } = await rig();
    for (let round = 0; round < warmUps; round += 1) await oriel(burst);
    const before = await backgroundMegabytes(driven);
    for (let round = 0; round < 5; round += 1) await oriel(burst);
    const after = await backgroundMegabytes(driven);
    const title = 'Memory of the background after 100,000 chunks';
    const about = { name: 'memory', title, browser, mandatory: true } as const;
    return [toRow({ ...about, unit: 'MB', judged: 'difference', goal: 5 }, [before], [after])];
  },
};

export const soak: Figure = {
  name: 'soak',
  isLong: true,
  async measure({ browser, rig }) {
    const { browser: driven, oriel } = await rig();
    for (let round = 0; round < warmUps; round += 1) await oriel(burst);
    const before = await backgroundMegabytes(driven);
    for (const end = Date.now() + soakMinutes * 60_000; Date.now() < end; )
      await Promise.all(Array.from({ length: 5 }, () => oriel(soaking)));
    const after = await backgroundMegabytes(driven);
    const title = 'Memory of the background after 10 minutes of five answers at once';
    const about = { name: 'soak', title, browser, mandatory: true } as const;
    return [toRow({ ...about, unit: 'MB', judged: 'difference', goal: 5 }, [before], [after])];
  },
};
