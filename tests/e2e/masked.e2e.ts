/** Before permission a page learns that Oriel is there and nothing else: neither from what it is told nor from how long it takes. */

import { expect, test } from 'vitest';
import type { TestPage } from '../support/browser';
import { browserNames, openOriel } from './support/oriel';
import { askBackground, bystander } from './support/own-page';
import { lock, setPassphrase } from './support/vault';

const repeats = 200;

interface Seen {
  /** What does not depend on chance. */
  facts: unknown;
  /** Medians in milliseconds. */
  model: number;
  refusal: number;
}

/** Everything that the API of an unknown and of a blocked site shows. */
const look = (page: TestPage): Promise<Seen> =>
  page.evaluate(async (count: number) => {
    const { ai } = window as unknown as { ai: Record<string, (...args: unknown[]) => Promise<unknown>> };
    const tell = (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : error);
    const outcome = (call: Promise<unknown>) =>
      call.then(
        (value) => ['resolved', value],
        (error) => ['rejected', tell(error)],
      );
    const median = async (call: () => Promise<unknown>) => {
      const times: number[] = [];
      for (let index = 0; index < count; index += 1) {
        const begun = performance.now();
        await outcome(call());
        times.push(performance.now() - begun);
      }
      return times.sort((one, other) => one - other)[count / 2] as number;
    };
    const generate = (...args: unknown[]) => outcome((ai.generateText as (...args: unknown[]) => Promise<unknown>)(...args));
    const model = () => (ai.getCurrentModel as () => Promise<unknown>)();
    const aborted = new AbortController();
    setTimeout(() => aborted.abort(), 100);
    const facts = {
      names: Object.getOwnPropertyNames(ai)
        .concat(Object.getOwnPropertyNames(Object.getPrototypeOf(ai)))
        .sort(),
      model: await outcome(model()),
      wrong: await generate({}, {}),
      wrongOption: await generate({ prompt: 'x' }, { temperature: 'hot' }),
      // What waits for the person looks the same whatever it waits for.
      waits: await generate({ prompt: 'x' }, { signal: aborted.signal }),
    };
    return { facts, model: await median(model), refusal: 0 };
  }, repeats);

const timeRefusals = (page: TestPage): Promise<{ median: number; errors: string[] }> =>
  page.evaluate(async (count: number) => {
    const { ai } = window as unknown as { ai: { generateText(input: object): Promise<unknown> } };
    const times: number[] = [];
    const errors = new Set<string>();
    for (let index = 0; index < count; index += 1) {
      const begun = performance.now();
      await ai.generateText({ prompt: 'x' }).catch((error) => errors.add(String(error)));
      times.push(performance.now() - begun);
    }
    return { median: times.sort((one, other) => one - other)[count / 2] as number, errors: [...errors] };
  }, repeats);

test.runIf(browserNames.includes('chromium'))(
  'T45 chromium: nothing tells a page without permission how Oriel stands',
  async () => {
    const oriel = await openOriel('chromium');
    try {
      const own = await bystander(oriel);
      const subject = { top: oriel.pages.origin('blocked.localhost') };
      await askBackground(own, 'site-set', { subject, action: 'block' });
      const states: Record<string, () => unknown> = {
        'no backend': () => undefined,
        unlocked: () => oriel.connect({ key: 'sk-CANARY-5d11a7b0' }),
        'five connections': async () => {
          for (const name of ['Two', 'Three', 'Four', 'Five']) await oriel.connect({ name });
        },
        'backend down': () => oriel.backend.close(),
        locked: async () => {
          await setPassphrase(oriel);
          await lock(oriel);
        },
      };
      const seen: Record<string, Seen> = {};
      for (const [state, reach] of Object.entries(states)) {
        await reach();
        // Not used by the person: what asks raises the badge only.
        const page = await oriel.browser.newPage(oriel.pages.url('/', `unknown${Object.keys(seen).length}.localhost`));
        const found = await look(page);
        await page.close();
        const blocked = await oriel.browser.newPage(oriel.pages.url('/', 'blocked.localhost'));
        const refused = await timeRefusals(blocked);
        await blocked.close();
        expect([state, refused.errors]).toEqual([state, ['PERMISSION_DENIED']]);
        seen[state] = { ...found, refusal: refused.median };
      }
      console.log(
        Object.entries(seen)
          .map(([state, { model, refusal }]) => `${state}: ${model.toFixed(2)} / ${refusal.toFixed(2)} ms`)
          .join('\n'),
      );
      const first = seen['no backend'] as Seen;
      for (const [state, { facts, model, refusal }] of Object.entries(seen)) {
        expect([state, facts]).toEqual([state, first.facts]);
        expect([state, Math.abs(model - first.model) < 5]).toEqual([state, true]);
        expect([state, Math.abs(refusal - first.refusal) < 5]).toEqual([state, true]);
      }
    } finally {
      await oriel.close();
    }
  },
);
