/** The same figures with ten and a hundred times as much of what grows with use: connections, sites that are allowed, calls in the log, open tabs. */

import type { BrowserName } from '../tests/support/browser';
import { type Answers, startAnswers } from './answers';
import { openRig, type Rig } from './rig';
import { median } from './statistics';

export interface GrowthPoint {
  readonly browser: BrowserName;
  readonly what: 'connections' | 'grants' | 'calls' | 'tabs';
  readonly count: number;
  /** Milliseconds, medians. */
  readonly firstChunk: number;
  readonly firstChunkAsleep: number;
  readonly popup: number;
}

const order = { chunks: 1, chars: 4 };
const sizes: Readonly<Record<GrowthPoint['what'], readonly number[]>> = {
  connections: [3, 30, 300],
  grants: [30, 300, 3000],
  calls: [1000, 10_000, 100_000],
  tabs: [1, 10, 100],
};

export async function measureGrowth(
  browsers: readonly BrowserName[],
  log: (line: string) => void,
): Promise<readonly GrowthPoint[]> {
  const answers = await startAnswers(1);
  const points: GrowthPoint[] = [];
  try {
    for (const browser of browsers)
      for (const what of ['connections', 'grants', 'calls', 'tabs'] as const) {
        const begun = performance.now();
        points.push(...(await measureOne(browser, what, answers)));
        log(`${browser} growth of ${what}: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
      }
  } finally {
    await answers.close();
  }
  return points;
}

/** One browser for the three sizes of one thing; each adds what is missing to the next. */
async function measureOne(browser: BrowserName, what: GrowthPoint['what'], answers: Answers): Promise<GrowthPoint[]> {
  const rig = await openRig(browser, answers);
  const points: GrowthPoint[] = [];
  try {
    // The rig's own connection, site and tab.
    let there = 1;
    for (const count of sizes[what]) {
      if (what === 'tabs') for (; there < count; there += 1) await openTab(rig, answers);
      else await rig.fill({ [what]: what === 'calls' ? count : count - there });
      there = count;
      // People's rows come one by one. What so many at once leave for Chromium's database to put in order, its next uses pay, and only those.
      await look(rig);
      points.push({ browser, what, count, ...(await look(rig)) });
    }
  } finally {
    await rig.close();
  }
  return points;
}

/** One that has asked something: its document holds a port and hears of changes. */
async function openTab({ browser }: Rig, { origins }: Answers): Promise<void> {
  const page = await browser.newPage(`${origins[0]}/plain`);
  await page.evaluate(() => (window as unknown as { ai: { getCurrentModel(): Promise<string> } }).ai.getCurrentModel());
}

async function look({
  oriel,
  popupReady,
  browser,
}: Rig): Promise<Pick<GrowthPoint, 'firstChunk' | 'firstChunkAsleep' | 'popup'>> {
  const times = async (count: number, once: () => Promise<number>) => {
    const taken: number[] = [];
    for (let round = 0; round < count; round += 1) taken.push(await once());
    return median(taken.slice(1));
  };
  const first = async () => (await oriel(order)).first;
  return {
    firstChunk: await times(16, first),
    firstChunkAsleep: await times(6, async () => {
      await browser.killBackground();
      return first();
    }),
    popup: await times(6, popupReady),
  };
}
