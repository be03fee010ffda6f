/** An answer that streams goes on steadily whatever else Oriel does. Held to milliseconds, so no other browser runs beside it. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserNames, type Oriel, openOriel, until } from './support/oriel';
import { derivation, lock, setPassphrase, unlock } from './support/vault';

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name, { answer: () => 'word '.repeat(200), chunkDelayMs: 20 });
    await oriel.connect();
    await oriel.grant();
    await setPassphrase(oriel);
  });
  afterAll(() => oriel?.close());

  test('T69 an answer that streams is not held up by the unlocking', async () => {
    const page = await oriel.visit('localhost');
    await page.evaluate(() => {
      const times: number[] = [];
      Object.assign(globalThis, { times });
      const ai = (globalThis as unknown as { ai: { generateText(input: object, options: object): Promise<unknown> } }).ai;
      void ai.generateText({ prompt: 'stream' }, { onStreamResult: () => times.push(performance.now()) });
    });
    const times = () => page.evaluate<number[], []>('times');
    await until(async () => (await times()).length > 5);
    await lock(oriel);
    const popup = await oriel.popup();
    await unlock(popup);
    await popup.waitForRole('combobox', 'Model', { timeoutMs: derivation });
    const seen = await times();
    const longest = Math.max(...seen.slice(1).map((time, index) => time - (seen[index] ?? 0)));
    // A part each 20 ms; a derivation in the background would show as a gap of its whole length, a second or more.
    expect(longest).toBeLessThan(150);
    await popup.close();
    await page.close();
  });
});
