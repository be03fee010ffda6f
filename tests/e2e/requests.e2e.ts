/** The way of a request as people see it: connect, ask, approve, answer, switch. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerApproval, browserNames, type Oriel, openOriel, settled, start } from './support/oriel';

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name);
    await oriel.connect();
  });
  afterAll(() => oriel?.close());

  test('a page gets a streamed answer after the person allows this visit, and is not asked about again', async () => {
    const page = await oriel.visit('localhost');
    expect(await page.evaluate('window.hadAi')).toBe(true);
    const first = await start(page, { messages: [{ role: 'user', content: 'one two three' }] }, {}, { streams: true });
    await answerApproval(oriel.browser, 'Allow this visit');
    const answered = await settled(page, first);
    expect(answered).toMatchObject({ state: 'resolved', value: [{ message: { role: 'assistant', content: 'You said: one two three' } }] });
    expect(answered.stream.map(([result]) => result?.message?.content).join('')).toBe('You said: one two three');
    expect(answered.stream.every(([result, error]) => result?.isPartial && error === null)).toBe(true);

    const second = await start(page, { prompt: 'again' }, {}, { method: 'getCompletion' });
    expect(await settled(page, second)).toMatchObject({ state: 'resolved', value: { text: 'You said: again' } });
    await page.close();
  });
});
