// @vitest-environment happy-dom
/**
 * Runs the code that the documents show, as it stands there, in a page of a test, against the fake wallet, which is held to the same sentences as Oriel.
 * docs/prompt-api.md is run by tests/page/prompt-api/samples.test.ts.
 */
import { afterEach, expect, vi } from 'vitest';
import * as aiSdkOfOurs from '../client/ai-sdk';
import * as client from '../client/index';
import * as testing from '../client/testing';
import { type FakeOriel, type FakeOrielOptions, installFakeOriel } from '../client/testing';
import * as windowAi from '../client/window-ai';
import { run as runWith, show, testSamples } from './support/samples';

const modules: Readonly<Record<string, unknown>> = {
  'oriel-client': client,
  './oriel.min.js': client,
  'oriel-client/ai-sdk': aiSdkOfOurs,
  'oriel-client/testing': testing,
  'oriel-client/window-ai': windowAi,
};
const load = async (name: string) => modules[name] ?? (name === 'ai' ? import('ai') : undefined);

/** With what the page around it has. */
const run = (code: string, scope: Readonly<Record<string, unknown>> = {}, results: readonly string[] = []) =>
  runWith(code, { load, ...scope }, results);

let fake: FakeOriel | undefined;
const tidyUp = () => {
  fake?.uninstall();
  fake = undefined;
  document.body.replaceChildren();
};
afterEach(tidyUp);
const install = (options: FakeOrielOptions = {}) => {
  fake = installFakeOriel({ answers: ['An oriel is a window.'], ...options });
  return fake;
};
const asked = { role: 'user', content: 'What is an oriel?' };

interface Shown {
  readonly document: string;
  readonly language?: string;
  readonly runs: readonly ((code: string) => Promise<void>)[];
}

const documents: readonly Shown[] = [
  {
    document: 'README.md',
    runs: [
      async (code) => {
        const { requests } = install();
        const seen = show();
        const { message } = await run(code, { window, show: seen.show, signal: undefined }, ['message']);
        expect(message).toEqual({ role: 'assistant', content: 'An oriel is a window.' });
        expect(seen.shown.join('')).toBe('An oriel is a window.');
        expect(requests[0]?.messages).toMatchObject([{ role: 'user' }]);
      },
    ],
  },
  {
    document: 'docs/window-ai.md',
    runs: [
      async (code) => {
        const { oriel } = install();
        const heard: unknown[] = [];
        const listen = (type: string, listener: (event: CustomEvent) => void) =>
          window.addEventListener(type, (event) => {
            listener(event as never);
            heard.push((event as unknown as CustomEvent).detail);
          });
        await run(code, { addEventListener: listen, dispatchEvent: window.dispatchEvent.bind(window), Event: window.Event });
        expect(heard).toMatchObject([{ info: { name: 'Oriel', version: expect.any(String) } }]);
        expect((heard[0] as { provider: unknown }).provider).toBe(oriel);
      },
    ],
  },
  {
    document: 'client/README.md',
    runs: [
      async (code) => {
        const { requests } = install();
        const seen = show();
        await run(code, { show: seen.show });
        expect(seen.shown.join('')).toBe('An oriel is a window.');
        expect(requests[0]?.messages).toMatchObject([asked]);
      },
      async (code) => {
        install();
        const { textStream } = await run(code, {}, ['textStream']);
        let text = '';
        for await (const delta of textStream as AsyncIterable<string>) text += delta;
        expect(text).toBe('An oriel is a window.');
      },
      async (code) => {
        const page = code.replace(
          '// … your page asks …',
          'const page = window.ai.generateText({ messages: [{ role: "user", content: "Hi" }] });',
        );
        expect(page).not.toBe(code);
        // The assertion of the sample is the assertion here.
        const { page: answer } = await run(page.replace('fake.allow();', 'fake.allow(); await page;'), { window, expect }, [
          'page',
        ]);
        expect(await answer).toEqual([{ message: { role: 'assistant', content: 'Hello.' } }]);
        expect('ai' in window).toBe(false);
      },
    ],
  },
  {
    document: 'client/README.md',
    language: 'html',
    runs: [
      async (html) => {
        install({ granted: ['tools', 'image.in'] });
        const [, markup = '', script = ''] =
          /^(<oriel-button[\s\S]*?)<script type="module">([\s\S]*?)<\/script>/.exec(html) ?? [];
        document.body.innerHTML = markup;
        const [start, explain] = [vi.fn(), vi.fn()];
        const code = script.replaceAll(/^ {2}/gm, '').trimStart();
        await run(code, { addEventListener: window.addEventListener.bind(window), start, explain });
        await vi.waitFor(() => expect(start).toHaveBeenCalledWith(fake?.oriel));
        expect(document.querySelector('oriel-button')?.shadowRoot?.textContent).not.toBe('');
      },
    ],
  },
  {
    document: 'client/README.md',
    language: 'diff',
    runs: [
      async (diff) => {
        install();
        const added = diff.match(/^\+(.*)$/m)?.[1] ?? '';
        const { getWindowAI } = await run(added, {}, ['getWindowAI', 'isMessageOutput']);
        const ai = (await (getWindowAI as () => Promise<FakeOriel['oriel']>)()) as FakeOriel['oriel'];
        expect(await ai.getCompletion({ prompt: 'Hi' })).toEqual({ text: 'An oriel is a window.' });
      },
    ],
  },
];

for (const { document: path, language = 'js', runs } of documents) testSamples(path, language, runs, tidyUp);
