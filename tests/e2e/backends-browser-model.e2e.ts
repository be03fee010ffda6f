/** The browser's own model: Debian's Chromium has none, so that a stub in the worker plays one; what Oriel does with it is real. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerApproval, browserNames, callOf, type Oriel, openOriel, settled, start, until } from './support/oriel';

/** The Prompt API as extensions have it: a word at a time, until it is stopped. Keeps what it was asked. */
const stub = `{
  const asked = [];
  let stopped = 0;
  const words = (text, signal) => new ReadableStream({
    async start(controller) {
      for (const word of text.match(/\\s*\\S+/g)) {
        await new Promise((resolve) => setTimeout(resolve, 30));
        if (signal.aborted) { stopped += 1; return controller.error(signal.reason); }
        controller.enqueue(word);
      }
      controller.close();
    },
  });
  globalThis.stub = { asked, stopped: () => stopped };
  Object.defineProperty(globalThis, 'LanguageModel', { configurable: true, value: {
    availability: async () => 'available',
    create: async ({ initialPrompts }) => ({
      promptStreaming(prompt, { signal }) {
        const all = [...initialPrompts, ...prompt];
        asked.push(all);
        return words(all.at(-1).content.startsWith('Go on') ? 'word '.repeat(200) : 'You said: ' + all.at(-1).content, signal);
      },
      destroy() {},
    }),
  } });
  'there'
}`;
const provider = 'This browser’s own model';

describe.skipIf(!browserNames.includes('chromium'))('chromium', () => {
  let oriel: Oriel;
  const inBackground = (expression: string) => oriel.browser.evaluateInBackground?.(expression);

  beforeAll(async () => {
    oriel = await openOriel('chromium', {}, { rawLifetime: true });
  });
  afterAll(() => oriel?.close());

  test('where it is there it is offered, connected without a key, and answers on this computer', async () => {
    // Chromium puts its own there a moment after the worker's script has run, and over whatever has the name by then.
    await until(async () => (await inBackground('typeof LanguageModel')) === 'function');
    expect(await inBackground('LanguageModel.availability()')).toBe('unavailable');
    expect(await inBackground(stub)).toBe('there');
    await oriel.connect({ provider, name: 'Nano', address: undefined });
    const page = await oriel.visit();
    const messages = [
      { role: 'system', content: 'You are a guide.' },
      { role: 'user', content: 'Which river?' },
    ];
    const call = await start(page, { messages }, {}, { streams: true });
    const approval = await oriel.browser.waitForPage('approval.html', 10_000);
    await approval.waitForText('Answered by browser · Nano · on this computer');
    await answerApproval(oriel.browser, 'Always allow');
    expect(await settled(page, call)).toMatchObject({
      state: 'resolved',
      value: [{ message: { role: 'assistant', content: 'You said: Which river?' } }],
    });
    expect(await inBackground('stub.asked.at(-1)')).toEqual(messages);
    await page.close();
  });

  test("a page's stop reaches it", async () => {
    const page = await oriel.visit();
    const call = await start(page, { prompt: 'Go on' }, {}, { streams: true });
    await until(async () => (await callOf(page, call)).stream.length > 1);
    await page.evaluate(
      (id: string) => (globalThis as unknown as { aborts: Record<string, AbortController> }).aborts[id]?.abort(),
      call,
    );
    await until(async () => (await inBackground('stub.stopped()')) === 1, 1000);
    expect(await settled(page, call)).toMatchObject({ state: 'rejected', error: expect.stringMatching(/abort/i) });
    await page.close();
  });
});
