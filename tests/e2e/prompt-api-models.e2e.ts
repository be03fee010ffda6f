/** The Prompt API with what a model can do beside text, next to a model of the browser's own, and in a page that poisons its realm. */

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BrowserName, TestPage } from '../support/browser';
import { answerApproval, browserNames, delay, type Oriel, openOriel, until } from './support/oriel';
import { poisons } from './support/poisons';

/** A class that a browser brings, there before Oriel looks. Debian's Chromium has an empty one, Firefox none. */
const native = `if (location.hostname === 'native.localhost') {
  class LanguageModel extends EventTarget {
    static async availability() { return 'available'; }
    static async create() { return new LanguageModel(); }
    async prompt(text) { return 'native: ' + text; }
  }
  Object.defineProperty(window, 'LanguageModel', { value: LanguageModel, writable: true, configurable: true });
}`;

function withNativeModel(name: BrowserName): string {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-native-'));
  cpSync(name === 'chromium' ? '.output/chrome-mv3' : '.output/firefox-mv3', folder, { recursive: true });
  writeFileSync(join(folder, 'native.js'), native);
  const path = join(folder, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { content_scripts: object[] };
  manifest.content_scripts.unshift({ ...manifest.content_scripts.at(-1), js: ['native.js'] });
  writeFileSync(path, JSON.stringify(manifest));
  return folder;
}

/** What a page does, as source text. Resolves to what it returns, or to the name of what it throws. */
const run = (page: TestPage, body: string): Promise<unknown> =>
  page.evaluate(`(async () => { ${body} })().catch((error) => error.name ?? String(error))`);

/** The same, where the person is asked meanwhile. */
async function runAllowed(oriel: Oriel, page: TestPage, body: string): Promise<unknown> {
  await page.evaluate(`window.work = (async () => { ${body} })().catch((error) => error.name ?? String(error)); undefined`);
  await answerApproval(oriel.browser, 'Always allow');
  return page.evaluate('window.work');
}

const weather = `{ name: 'weather', description: 'Tells the weather.', inputSchema: { type: 'object', properties: { city: { type: 'string' } } } }`;
const loop = `expectedInputs: [{ type: 'tool-response' }], expectedOutputs: [{ type: 'text' }, { type: 'tool-call' }]`;

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;
  let extension: string;

  beforeAll(async () => {
    extension = withNativeModel(name);
    oriel = await openOriel(name, {}, { extension });
    await oriel.connect();
  });
  afterAll(async () => {
    await oriel?.close();
    rmSync(extension, { recursive: true, force: true });
  });

  test('a page answers the calls of its tools itself, or leaves them to the session', async () => {
    oriel.backend.set({
      answer: ({ messages }) => {
        const last = messages.at(-1);
        return last?.role === 'tool'
          ? `It is: ${String(last.content)}`
          : { text: 'Let me see.', toolCalls: [{ name: 'weather', arguments: { city: 'Vienna' } }] };
      },
    });
    const page = await oriel.visit('tools.localhost');
    const open = await runAllowed(
      oriel,
      page,
      `const session = await LanguageModel.create({ tools: [${weather}], ${loop} });
      const [text, { type, value: call }] = await session.prompt('Is it sunny in Vienna?');
      const value = new LanguageModelToolSuccess({ callID: call.callID, name: call.name, result: [{ type: 'text', value: 'sun' }] });
      return [text, type, call instanceof LanguageModelToolCall, call.name, call.arguments.city,
        await session.prompt([{ role: 'user', content: [{ type: 'tool-response', value }] }])];`,
    );
    expect(open).toEqual([{ type: 'text', value: 'Let me see.' }, 'tool-call', true, 'weather', 'Vienna', 'It is: sun']);
    const closed = await run(
      page,
      `const asked = [];
      const execute = async ({ city }) => { asked.push(city); return 'rain'; };
      const session = await LanguageModel.create({ tools: [{ ...${weather}, execute }], ${loop} });
      return [await session.prompt('And now?'), asked];`,
    );
    expect(closed).toEqual(['It is: rain', ['Vienna']]);
    expect(oriel.backend.chats.at(-1)?.tools?.[0]?.function.name).toBe('weather');
    await page.close();
  });

  test('an answer keeps to its schema or its expression, or is a SyntaxError; what is omitted is enforced and not told', async () => {
    const page = await oriel.visit('forms.localhost');
    const schema = `{ type: 'integer', minimum: 1, maximum: 5 }`;
    oriel.backend.set({ answer: ({ response_format }) => (response_format ? '{"value": 4}' : '4') });
    const first = `window.session = await LanguageModel.create(); return session.prompt('Rate it', { responseConstraint: ${schema} });`;
    expect(await runAllowed(oriel, page, first)).toBe('4');
    expect(oriel.backend.chats.at(-1)).toMatchObject({ response_format: { type: 'json_schema' } });
    oriel.backend.set({ answer: () => '1889' });
    expect(await run(page, 'return session.prompt("When?", { responseConstraint: /^\\\\d{4}$/ })')).toBe('1889');
    expect(JSON.stringify(oriel.backend.chats.at(-1)?.messages.at(-1))).toContain('d{4}');
    const omitted = '{ responseConstraint: /^\\\\d{4}$/, omitResponseConstraintInput: true }';
    expect(await run(page, `return session.prompt("When? Four digits.", ${omitted})`)).toBe('1889');
    expect(JSON.stringify(oriel.backend.chats.at(-1)?.messages.at(-1))).not.toContain('d{4}');
    oriel.backend.set({ answer: () => 'In 1889.' });
    expect(await run(page, 'return session.prompt("When?", { responseConstraint: /^\\\\d{4}$/ })')).toBe('SyntaxError');
    const prefix = `[{ role: 'user', content: 'When?' }, { role: 'assistant', content: 'In', prefix: true }]`;
    expect(await run(page, `return session.prompt(${prefix}, { responseConstraint: /^\\\\d{4}$/ })`)).toBe('NotSupportedError');
    await page.close();
  });

  test('sounds reach the backend as WAV, all channels in one', async () => {
    oriel.backend.set({ answer: () => 'A click.' });
    const page = await oriel.visit('ears.localhost');
    const heard = await runAllowed(
      oriel,
      page,
      `const session = await LanguageModel.create({ expectedInputs: [{ type: 'audio' }] });
      const say = (value) => session.prompt([{ role: 'user', content: [{ type: 'audio', value }] }]).catch((error) => error.name);
      const sound = new AudioBuffer({ length: 8000, numberOfChannels: 2, sampleRate: 8000 });
      sound.getChannelData(0).fill(1);
      const header = new Uint32Array([0x46464952, 36 + 3200, 0x45564157, 0x20746d66, 16, 0x10001, 16000, 32000, 0x100002, 0x61746164, 3200]);
      return [await say(sound), await say(new Blob([header, new Int16Array(1600).fill(9000)])), await say(new Blob(['no sound']))];`,
    );
    expect(heard).toEqual(['A click.', 'A click.', 'DataError']);
    const sent = oriel.backend.chats
      .slice(-1)[0]
      ?.messages.flatMap(({ content }) =>
        Array.isArray(content) ? content.map((part) => part.input_audio as { data: string; format: string }) : [],
      );
    expect(sent?.map(({ format }) => format)).toEqual(['wav', 'wav']);
    const [mixed, decoded] = (sent ?? []).map(({ data }) => Buffer.from(data, 'base64')) as [Buffer, Buffer];
    const read = (bytes: Buffer) => [bytes.toString('latin1', 0, 4), bytes.toString('latin1', 8, 12), bytes.readUInt32LE(4)];
    expect(read(mixed)).toEqual(['RIFF', 'WAVE', mixed.length - 8]);
    expect([mixed.readUInt32LE(24), mixed.length, mixed.readInt16LE(44)]).toEqual([8000, 44 + 16_000, 0x3fff]);
    expect([decoded.readUInt32LE(24), Math.abs(decoded.readInt16LE(1000) - 9000) < 3]).toEqual([16_000, true]);
    await page.close();
  });

  test('a model of the browser’s own answers as before, until the person wants their own models here', async () => {
    oriel.backend.set({ answer: () => 'mine' });
    const page = await oriel.visit('native.localhost');
    const before = oriel.backend.chats.length;
    const told = await run(
      page,
      `const session = await LanguageModel.create();
      return [await LanguageModel.availability(), await session.prompt('x'), session instanceof LanguageModel];`,
    );
    expect([told, oriel.backend.chats.length]).toEqual([['available', 'native: x', true], before]);
    const popup = await oriel.popupOverLastTab();
    await popup.click('button', 'Use my models here');
    await popup.close();
    const mine =
      'const session = await LanguageModel.create(); return [await session.prompt("x"), session instanceof LanguageModel];';
    expect(await runAllowed(oriel, page, mine)).toEqual(['mine', true]);
    await page.close();
  });

  test('T10 a session in a page that poisons its realm is answered or fails by name, and hangs in none', async () => {
    oriel.backend.set({ answer: () => 'right' });
    const granting = await oriel.visit('poisoned.localhost');
    expect(await runAllowed(oriel, granting, 'return (await LanguageModel.create()).prompt("x")')).toBe('right');
    await granting.close();
    const outcomes: Record<string, string> = {};
    for (const [index, [what, poison]] of Object.entries(poisons).entries()) {
      // What it came to is told by a picture's address: nothing of the test runs where the poison is.
      oriel.pages.page(
        `/poison-${index}`,
        `<script>
          const picture = document.createElement('img');
          const tell = (text) => { picture.src = '/outcome-${index}-' + text; };
          ${poison};
          (async () => {
            let text = '';
            try {
              const session = await LanguageModel.create();
              const reader = session.promptStreaming('poisoned').getReader();
              for (let read = await reader.read(); !read.done; read = await reader.read()) text += read.value;
              if (session.contextUsage === 0) text = 'forgotten';
            } catch (error) { text = error.name; }
            tell(text);
          })();
        </script>`,
      );
      const page = await oriel.browser.newPage(oriel.pages.url(`/poison-${index}`, 'poisoned.localhost'));
      const mark = `/outcome-${index}-`;
      outcomes[what] = await until(
        async () => oriel.pages.requests.find((line) => line.includes(mark))?.split(mark)[1],
        5000,
      ).catch(() => 'hung');
      await Promise.race([page.close(), delay(2000)]);
    }
    console.log(name, outcomes);
    expect(Object.values(outcomes).filter((outcome) => !/^(right|\w+Error)$/.test(outcome))).toEqual([]);
    // A page that is merely odd is answered; only what the page itself needs for a stream or an await may fail it.
    expect(Object.values(outcomes).filter((outcome) => outcome === 'right').length).toBeGreaterThan(9);
  });
});
