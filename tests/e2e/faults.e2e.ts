/** What goes wrong at a backend: the page's promise settles with a code, the person gets the whole story, nothing is lost. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startFaultServer } from '../support/faultd';
import { browserNames, delay, type Oriel, openOriel, settled, start } from './support/oriel';

const chat = '/v1/chat/completions';
const sse = { 'content-type': 'text/event-stream' };
const delta = (content: string, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'test-model', choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;

  beforeAll(async () => {
    oriel = await openOriel(name);
    await oriel.connect();
    await oriel.grant();
  });
  afterAll(() => oriel?.close());

  const ask = async () => {
    const page = await oriel.visit('localhost');
    const call = await settled(page, await start(page, { prompt: 'hello' }, {}, { streams: true }), 30_000);
    await page.close();
    return call;
  };
  const popupText = async () => {
    const popup = await oriel.popup();
    await popup.waitForRole('region', 'This site');
    const text = await popup.text();
    await popup.close();
    return text;
  };

  test('a wrong key is refused at the form, which says so and keeps what was typed', async () => {
    oriel.backend.set({ apiKey: 'sk-right-key-0001' });
    const options = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#connections/add'));
    await options.select('Provider', 'OpenAI-compatible server');
    await options.fill('Name', 'Locked');
    await options.fill('Server address', oriel.backend.baseUrl);
    await options.fill('API key', 'sk-wrong-key-0002');
    await options.click('button', 'Connect');
    await options.waitForText(/rejected your key/);
    await options.fill('API key', 'sk-right-key-0001');
    await options.click('button', 'Connect');
    await options.waitForRole('heading', 'Locked');
    await options.waitForNoRole('dialog');
    expect(await options.text()).toContain('…0001');
    expect(oriel.backend.fault.requests.at(-1)?.headers.authorization).toBe('Bearer sk-right-key-0001');
    expect(await options.evaluate('document.documentElement.outerHTML')).not.toContain('sk-right');
    await options.close();
    oriel.backend.set({ apiKey: undefined as never });
  });

  test('a key that stops working gives the page a code and the person the reason and a way to mend it', async () => {
    oriel.backend.set({ apiKey: 'sk-other' });
    expect(await ask()).toMatchObject({ state: 'rejected', error: 'NOT_AUTHENTICATED', stream: [[null, 'NOT_AUTHENTICATED']] });
    oriel.backend.set({ apiKey: undefined as never });
    const popup = await oriel.popup();
    await popup.waitForText(/needs an API key/);
    await popup.waitForRole('link', /Fix/);
    await popup.close();
    expect(await ask()).toMatchObject({ state: 'resolved' });
  });

  test('HTML instead of JSON, a redirect, a cut stream and nonsense each settle with their code', async () => {
    const { fault } = oriel.backend;
    const elsewhere = await startFaultServer();
    const cases: [string, Parameters<typeof fault.on>[2], string | RegExp][] = [
      [
        'html',
        [
          { type: 'headers', headers: { 'content-type': 'text/html' } },
          { type: 'write', data: '<h1>Sign in to the Wi-Fi</h1>' },
          { type: 'end' },
        ],
        /^MODEL_REJECTED_REQUEST: 502/,
      ],
      ['redirect', [{ type: 'redirect', to: `${elsewhere.url}/v1/chat/completions`, status: 307 }], 'NOT_AUTHENTICATED'],
      [
        'cut',
        [
          { type: 'headers', headers: sse },
          { type: 'write', data: delta('half an ') },
          { type: 'cut', data: 'data: {"id', announced: 500 },
        ],
        /^MODEL_REJECTED_REQUEST: 502/,
      ],
      [
        'no end',
        [{ type: 'headers', headers: sse }, { type: 'write', data: delta('half an ') }, { type: 'end' }],
        /^MODEL_REJECTED_REQUEST: 502/,
      ],
      [
        'nonsense',
        [
          { type: 'headers', headers: sse },
          { type: 'write', data: 'data: {"choices": 7}\n\ndata: not json\n\n' },
          { type: 'end' },
        ],
        /^MODEL_REJECTED_REQUEST: 502/,
      ],
      [
        'error in the stream',
        [
          { type: 'headers', headers: sse },
          { type: 'write', data: `${delta('half')}data: {"error":{"message":"secret words of the backend","code":500}}\n\n` },
          { type: 'end' },
        ],
        'NOT_AUTHENTICATED',
      ],
    ];
    for (const [what, script, expected] of cases) {
      fault.on('POST', chat, script);
      const call = await ask();
      expect(call.state, what).toBe('rejected');
      expect(call.error, what).toMatch(expected);
      expect(JSON.stringify(call), what).not.toContain('secret words');
    }
    expect(elsewhere.requests).toEqual([]);
    expect(elsewhere.sockets).toEqual([]);
    expect(await popupText()).toMatch(/redirect|web page|cut short/i);
    await elsewhere.close();
  });

  test('text that was delivered before a fault stays delivered', async () => {
    oriel.backend.fault.on('POST', chat, [
      { type: 'headers', headers: sse },
      { type: 'write', data: delta('half an answer') },
      { type: 'delay', ms: 100 },
      { type: 'reset' },
    ]);
    const call = await ask();
    expect(call.state).toBe('rejected');
    expect(call.stream[0]?.[0]?.text).toBe('half an answer');
    expect(call.stream.at(-1)?.[0]).toBeNull();
  });

  test('a server that is off: the page is told within seconds, the connection needs attention, and nothing is lost when it is back', async () => {
    const port = oriel.backend.fault.port;
    await oriel.backend.close();
    expect(await ask()).toMatchObject({ state: 'rejected', error: 'NOT_AUTHENTICATED' });
    expect(await popupText()).toContain(`127.0.0.1:${port}`);
    const options = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#connections'));
    await options.waitForText(/Needs attention/);
    const back = await startFaultServer({ port });
    back.on('GET', '/v1/models', [
      { type: 'headers', headers: { 'content-type': 'application/json' } },
      { type: 'write', data: '{"object":"list","data":[{"id":"test-model","object":"model"}]}' },
      { type: 'end' },
    ]);
    back.on('POST', chat, [
      { type: 'headers', headers: sse },
      { type: 'write', data: `${delta('back', null)}${delta('', 'stop')}data: [DONE]\n\n` },
      { type: 'end' },
    ]);
    await options.click('button', 'Test', { nth: 0 });
    await options.waitForText(/It works/);
    await options.close();
    expect(await ask()).toMatchObject({ state: 'resolved', value: [{ text: 'back' }] });
    await delay(50);
    await back.close();
  });
});
