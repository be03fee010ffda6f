/** The package for web developers in real pages: its promises about `window.ai` against Oriel itself, the button, and AI SDK. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { walletSentences } from '../client/support/wallet-sentences';
import { findViolations } from '../support/axe';
import type { TestPage } from '../support/browser';
import { answerApproval, browserNames, type Oriel, openOriel, until } from './support/oriel';

const root = fileURLToPath(new URL('../..', import.meta.url));
const published = join(root, '.output', 'client');
const buttons = { allows: 'Always allow', refuses: "Don't allow" } as const;

const buttonPage = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A shop</title>
<link rel="icon" href="data:,"><meta name="color-scheme" content="light dark">
<style>html { background: light-dark(#fff, #16181c); } body { margin: 2rem; font: 1rem/1.5 system-ui, sans-serif; }</style></head>
<body><main><h1>Ask about our tea</h1><p>Answers come from your own model.</p><oriel-button scopes="tools"></oriel-button></main>
<script type="module">
  import { collect, defineOrielButton } from './oriel.min.js';
  window.heard = [];
  addEventListener('connect', async ({ detail: { oriel, permission } }) => {
    window.heard.push(['connect', permission.state, permission.scopes]);
    const { text } = await collect(oriel.generate({ messages: [{ role: 'user', content: 'Which tea?' }] }));
    window.heard.push(['answer', text]);
  });
  addEventListener('refuse', ({ detail }) => window.heard.push(['refuse', detail.name]));
  defineOrielButton({ installUrl: 'https://site.test/get-oriel' });
</script></body></html>`;

/** One module of AI SDK and the package's provider, as a bundler makes it for a page. */
async function bundleAiSdk(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-ai-sdk-'));
  try {
    const entry = join(folder, 'entry.mjs');
    writeFileSync(
      entry,
      `export { generateText, jsonSchema, streamText, tool } from ${JSON.stringify(join(root, 'node_modules/ai/dist/index.mjs'))};
       export { createOriel } from ${JSON.stringify(join(published, 'ai-sdk.js'))};`,
    );
    const outDir = join(folder, 'out');
    await build({
      root,
      configFile: false,
      logLevel: 'error',
      define: { 'process.env.NODE_ENV': '"production"' },
      build: { outDir, lib: { entry, formats: ['es'], fileName: () => 'ai-sdk.js' }, minify: true },
    });
    return readFileSync(join(outDir, 'ai-sdk.js'), 'utf8');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs in the page without waiting, so that the person can act meanwhile. */
async function begin(page: TestPage, script: string): Promise<void> {
  await page.evaluate(
    `window.outcome = undefined;
     Promise.resolve().then(() => (${script})(window.ai)).then(
       (value) => { window.outcome = { value }; },
       (error) => { window.outcome = { error: String(error) }; },
     ); undefined`,
  );
}
const outcome = (page: TestPage) =>
  until(() => page.evaluate<{ value?: unknown; error?: string } | undefined, []>('window.outcome'), 15_000);

let aiSdk: string;
beforeAll(async () => {
  if (!existsSync(published)) throw new Error('.output/client is missing: run `npm run build` first.');
  aiSdk = await bundleAiSdk();
}, 60_000);

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;
  beforeAll(async () => {
    oriel = await openOriel(name);
    oriel.pages.page('/shop', buttonPage);
    oriel.pages.page('/button.html', readFileSync(join(root, 'demo/button.html'), 'utf8'));
    oriel.pages.file('/playground.css', readFileSync(join(root, 'demo/playground.css')), 'text/css');
    oriel.pages.file('/oriel.min.js', readFileSync(join(published, 'oriel.min.js')), 'text/javascript');
    oriel.pages.file('/ai-sdk.js', aiSdk, 'text/javascript');
    await oriel.connect();
    await oriel.grant('granted.localhost');
  });
  afterAll(() => oriel?.close());

  describe('what the fake wallet promises, Oriel keeps', () => {
    test.each(walletSentences.map((sentence, index) => ({ ...sentence, index })))(
      '$says',
      async ({ index, granted, person, script, expected }) => {
        const page = await oriel.visit(granted ? 'granted.localhost' : `site${index}.localhost`);
        try {
          await begin(page, String(script));
          for (const says of person) await answerApproval(oriel.browser, buttons[says]);
          expect(await outcome(page)).toEqual({ value: expected });
        } finally {
          await page.close();
        }
      },
    );
  });

  test('the button asks for a permission, the page hears of it and is answered without another question', async () => {
    const shop = await oriel.browser.newPage(oriel.pages.url('/shop', 'shop.localhost'));
    await shop.click('button', 'Use your own AI');
    await shop.waitForRole('button', 'Waiting for your approval…');
    await answerApproval(oriel.browser, 'Always allow');
    await shop.waitForRole('button', 'Using your own AI');
    expect(
      await until(async () => {
        const heard = await shop.evaluate<unknown[], []>('window.heard');
        return heard.length === 2 && heard;
      }),
    ).toEqual([
      ['connect', 'granted', ['generate', 'models.read', 'tools']],
      ['answer', 'You said: Which tea?'],
    ]);
    await shop.close();
  });

  test('the demo of the one file asks with its button, then answers a question', async () => {
    const page = await oriel.browser.newPage(oriel.pages.url('/button.html', 'demo.localhost'));
    expect(await findViolations(page)).toEqual([]);
    await page.click('button', 'Use your own AI');
    await answerApproval(oriel.browser, 'Allow this visit');
    await page.waitForRole('button', 'Using your own AI');
    await page.fill('Your question', 'What is a bay?');
    await page.click('button', 'Ask');
    await page.waitForText('You said: What is a bay?');
    await page.close();
  });

  test('a refusal is said on the button, which asks again; a permission that is taken back makes it a button again', async () => {
    const shop = await oriel.browser.newPage(oriel.pages.url('/shop', 'again.localhost'));
    await shop.click('button', 'Use your own AI');
    await answerApproval(oriel.browser, "Don't allow");
    await shop.click('button', 'Not allowed. Ask again');
    await answerApproval(oriel.browser, 'Allow this visit');
    await shop.waitForRole('button', 'Using your own AI');
    const popup = await oriel.popupOverLastTab();
    await popup.click('button', 'Revoke');
    await popup.close();
    await shop.waitForRole('button', 'Use your own AI');
    expect(await shop.evaluate('window.heard[0]')).toEqual(['refuse', 'NotAllowedError']);
    await shop.close();
  });

  test('a visitor whose page has no Oriel is led to it; every state passes axe, light and dark', async () => {
    const shop = await oriel.browser.newPage(oriel.pages.url('/shop', 'site.test'));
    await shop.waitForRole('link', 'Get Oriel to use your own AI');
    for (const dark of [false, true]) {
      await shop.emulateDark(dark);
      expect(await findViolations(shop)).toEqual([]);
    }
    await shop.close();
    const granted = await oriel.browser.newPage(oriel.pages.url('/shop', 'granted.localhost'));
    await granted.waitForRole('button', 'Using your own AI');
    for (const dark of [false, true]) {
      await granted.emulateDark(dark);
      expect(await findViolations(granted)).toEqual([]);
    }
    await granted.close();
  });

  test('AI SDK, unmodified, streams an answer and runs a tool of the page', async () => {
    oriel.backend.set({
      answer: ({ messages }) => {
        const result = messages.findLast(({ role }) => role === 'tool');
        if (result) return `It is ${JSON.parse(String(result.content)).time}.`;
        return messages.at(-1)?.role === 'user' && JSON.stringify(messages.at(-1)).includes('time')
          ? { toolCalls: [{ name: 'clock', arguments: { zone: 'UTC' } }] }
          : 'one two three';
      },
    });
    const page = await oriel.visit('sdk.localhost');
    await begin(
      page,
      `async () => {
        const { createOriel, generateText, jsonSchema, streamText, tool } = await import('./ai-sdk.js');
        const model = createOriel()();
        const streamed = streamText({ model, prompt: 'Count' });
        const deltas = [];
        for await (const delta of streamed.textStream) deltas.push(delta);
        const clock = tool({
          description: 'Tells the time',
          inputSchema: jsonSchema({ type: 'object', properties: { zone: { type: 'string' } } }),
          execute: async ({ zone }) => ({ time: 'noon in ' + zone }),
        });
        const { text, usage } = await generateText({ model, prompt: 'What time is it?', tools: { clock }, stopWhen: ({ steps }) => steps.length === 3 });
        return { deltas: deltas.join(''), finish: await streamed.finishReason, text, counted: usage.outputTokens > 0 };
      }`,
    );
    await answerApproval(oriel.browser, 'Always allow');
    await answerApproval(oriel.browser, 'Always allow');
    expect(await outcome(page)).toEqual({
      value: { deltas: 'one two three', finish: 'stop', text: 'It is noon in UTC.', counted: true },
    });
    oriel.backend.set({ answer: (request) => `You said: ${String(request.messages.at(-1)?.content)}` });
    await page.close();
  });
});
