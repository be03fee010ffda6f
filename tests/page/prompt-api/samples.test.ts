/** Runs the code of docs/prompt-api.md, as it stands there, against the page's half of the Prompt API. */
import { readFileSync } from 'node:fs';
import { expect, vi } from 'vitest';
import { root, run, show, testSamples } from '../../support/samples';
import { openPage } from './support';

testSamples('docs/prompt-api.md', 'js', [
  async (code) => {
    const page = openPage();
    page.answers();
    const [seen, log] = [show(), vi.fn()];
    await run(code, { LanguageModel: page.LanguageModel, console: { log }, show: seen.show });
    expect(log).toHaveBeenCalledWith('You said: What is an oriel?');
    expect(seen.shown.join('')).toBe('You said: And a bay window?');
    expect(page.requests()[0]?.messages[0]).toMatchObject({ role: 'system' });
  },
  async (code) => {
    const page = openPage();
    page.answers((count) => ({ text: count === 0 ? '4' : '1884' }));
    const session = await page.LanguageModel.create();
    expect(await run(code, { session }, ['score', 'date'])).toEqual({ score: '4', date: '1884' });
    expect(page.requests().map(({ responseFormat }) => responseFormat?.type)).toEqual(['json-schema', 'regexp']);
  },
  // A picture needs a browser: there the same call is made.
  async (code) => {
    expect(code).toContain("expectedInputs: [{ type: 'image' }]");
    expect(readFileSync(`${root}tests/e2e/prompt-api.e2e.ts`, 'utf8')).toContain("expectedInputs: [{ type: 'image' }]");
  },
  async (code) => {
    const page = openPage();
    const calls = [{ type: 'tool-call', id: 'call-1', name: 'weather', arguments: '{"city":"Vienna"}' }];
    page.answers((count) => (count === 0 ? { text: '', calls } : { text: 'Yes.' }));
    const log = vi.fn();
    await run(code, { ...page.interfaces, LanguageModel: page.LanguageModel, console: { log } });
    expect(log).toHaveBeenCalledWith('Yes.');
    expect(page.requests()[1]?.messages.at(-1)).toMatchObject({ role: 'tool' });
  },
]);
