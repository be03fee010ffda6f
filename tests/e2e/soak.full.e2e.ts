/**
 * Half an hour with twenty tabs. In the first half the background is killed again and again; the second is one life of it, in which its memory must
 * stay where it is. `ORIEL_SOAK_MINUTES` makes it shorter.
 */

import { expect, test } from 'vitest';
import { backgroundMegabytes } from '../../bench/memory';
import { browserNames, delay, openOriel, settled, start, until } from './support/oriel';

const minute = 60_000;
const minutes = Number(process.env.ORIEL_SOAK_MINUTES ?? 30);
const tabCount = 20;
const killCount = 5;
const sampleCount = 10;
/** What its memory may have grown by since its first minutes, and in each minute of its last life. */
const growth = { megabytes: 5, megabytesEachMinute: 1 };
const answer = 'word '.repeat(60).trim();

/** A page that asks again and again, and keeps count of what became of it. */
const asking = `(() => {
  const counts = (window.counts = { begun: 0, answered: 0, cut: 0, other: [], wrong: 0 });
  window.isOver = false;
  (async () => {
    while (!window.isOver) {
      counts.begun += 1;
      let streamed = '';
      try {
        const [{ text }] = await ai.generateText({ prompt: 'go on' }, { onStreamResult: (result) => { streamed += result?.text ?? ''; } });
        if (text === streamed) counts.answered += 1; else counts.wrong += 1;
      } catch (error) {
        if (/cut short/.test(String(error))) counts.cut += 1; else counts.other.push(String(error));
      }
      await new Promise((resolve) => setTimeout(resolve, 5000));
    }
    window.hasEnded = true;
  })();
})()`;

interface Sample {
  readonly minute: number;
  readonly megabytes: number;
  /** Lives of the background before this one. */
  readonly deaths: number;
}

/** Of a straight line through them (least squares), in megabytes a minute. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) => samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [middle, usual] = [mean(({ minute: at }) => at), mean(({ megabytes }) => megabytes)];
  return mean(({ minute: at, megabytes }) => (at - middle) * (megabytes - usual)) / mean(({ minute: at }) => (at - middle) ** 2);
}

interface Counts {
  readonly begun: number;
  readonly answered: number;
  readonly cut: number;
  readonly other: readonly string[];
  readonly wrong: number;
}

test.each(browserNames)(
  'T112 %s: twenty tabs stream while the background dies again and again; every call settles, and memory stays',
  { timeout: (minutes + 10) * minute },
  async (name) => {
    const oriel = await openOriel(name, { answer: () => answer, chunkDelayMs: 50 }, { rawLifetime: true });
    try {
      await oriel.connect();
      const pages = [];
      for (let index = 0; index < tabCount; index += 1) {
        // A site may begin so many in a minute, and two at once: each tab is one of its own.
        await oriel.grant(`tab${index}.localhost`);
        pages.push(await oriel.visit(`tab${index}.localhost`));
      }
      for (const page of pages) await page.evaluate(asking);
      const begun = Date.now();
      const end = begun + minutes * minute;
      let kills = 0;
      const samples: Sample[] = [];
      while (Date.now() < end) {
        await delay(Math.min(minute / 2, (minutes * minute) / 60));
        const passed = (Date.now() - begun) / minute;
        if (samples.length < sampleCount && passed > ((samples.length + 1) * minutes) / (sampleCount + 1)) {
          // A background that is just coming up has no memory to ask about.
          const megabytes = await until(() => backgroundMegabytes(oriel.browser).catch(() => undefined), minute);
          samples.push({ minute: passed, megabytes, deaths: kills });
        }
        if (kills < killCount && passed > ((kills + 1) * minutes) / (2 * killCount)) {
          await oriel.browser.killBackground();
          kills += 1;
        }
      }
      for (const page of pages) await page.evaluate('void (window.isOver = true)');
      const all: Counts[] = [];
      for (const page of pages) {
        await until(() => page.evaluate<boolean, []>('window.hasEnded === true'), 60_000);
        all.push(await page.evaluate<Counts, []>('window.counts'));
      }
      const sum = (of: (counts: Counts) => number) => all.reduce((total, counts) => total + of(counts), 0);
      console.log(
        `${name}: ${minutes} minutes, ${kills} deaths of the background: ${sum(({ begun: one }) => one)} calls, ` +
          `${sum(({ answered }) => answered)} answered, ${sum(({ cut }) => cut)} cut short`,
      );
      const ofLastLife = samples.filter(({ deaths }) => deaths === killCount);
      const slope = slopeOf(ofLastLife);
      console.log(
        `${name}: megabytes at minute (deaths before): ${samples.map((sample) => `${sample.megabytes.toFixed(2)} at ${sample.minute.toFixed(1)} (${sample.deaths})`).join(', ')}; ` +
          `${slope.toFixed(3)} MB a minute in the last life`,
      );
      expect(all.flatMap(({ other }) => other)).toEqual([]);
      expect(sum(({ wrong }) => wrong)).toBe(0);
      expect(sum(({ begun: one, answered, cut }) => one - answered - cut)).toBe(0);
      // No tab was left behind, and only deaths cut anything short.
      for (const { answered } of all) expect(answered).toBeGreaterThan(minutes * 3 - kills);
      expect(sum(({ cut }) => cut)).toBeLessThanOrEqual(kills * tabCount);
      expect(ofLastLife.length).toBeGreaterThan(2);
      const last = samples.at(-1)?.megabytes ?? Number.NaN;
      for (const from of [samples[0], ofLastLife[0]]) expect(last - (from?.megabytes ?? 0)).toBeLessThan(growth.megabytes);
      // Of a short run it is noise.
      if (minutes >= 10) expect(slope).toBeLessThan(growth.megabytesEachMinute);
      const page = await oriel.visit('tab0.localhost');
      oriel.backend.set({ chunkDelayMs: 0 });
      expect(await settled(page, await start(page, { prompt: 'and now' }))).toMatchObject({ state: 'resolved' });
    } finally {
      await oriel.close();
    }
  },
);
