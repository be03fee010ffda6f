import { beforeEach, expect, test, vi } from 'vitest';
import { createPageClient } from '../../page/client';
import type { AnswerPart, FamilyOptions } from '../../page/family';
import { createWindowAi, type WindowAi } from '../../page/window-ai';
import { aiErrorCodes } from '../../protocol/errors';
import { createRelayEnd, type RelayEnd } from './support/relay-end';

type Ai = Required<WindowAi>;
let relay: RelayEnd;
let ai: Ai;
beforeEach(() => {
  relay = createRelayEnd();
  ai = createWindowAi(createPageClient(relay.port), '1') as Ai;
});

const hi = { messages: [{ role: 'user', content: 'Hi' }] } as const;
const lastId = () => relay.ids().at(-1) ?? '';
const lastCall = () => relay.posted.findLast(({ type }) => type === 'request')?.call;
const granted = { state: 'allowed', scopes: ['generate', 'models.read'], model: { id: 'm' } } as const;

async function read(stream: ReadableStream<AnswerPart>): Promise<AnswerPart[]> {
  const parts: AnswerPart[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}
const generate = (options?: FamilyOptions) => ai.generate(hi, options);

test('connect asks for what is named beside text, and resolves to the permission', async () => {
  const connected = ai.connect({ scopes: ['tools'] });
  expect(lastCall()).toEqual({ type: 'connect', scopes: ['tools'] });
  relay.end(lastId(), granted);
  expect(await connected).toEqual({ state: 'granted', scopes: ['generate', 'models.read'], model: { id: 'm' } });
  void ai.connect();
  expect(lastCall()).toEqual({ type: 'connect', scopes: [] });
});

test('permission says prompt without one, and nothing else', async () => {
  const asked = ai.permission();
  expect(lastCall()).toEqual({ type: 'capabilities' });
  relay.end(lastId(), { state: 'ask' });
  expect(await asked).toEqual({ state: 'prompt' });
});

test('models are those that the background names', async () => {
  const asked = ai.models();
  relay.end(lastId(), [{ id: 'default' }]);
  expect(await asked).toEqual([{ id: 'default' }]);
});

test('embed asks for vectors of texts, and an abort takes the call back', async () => {
  const made = { model: 'm', vectors: [[1, 2]] };
  const asked = ai.embed({ input: ['Hi'] });
  expect(lastCall()).toEqual({ type: 'embed', request: { input: ['Hi'] } });
  relay.end(lastId(), made);
  expect(await asked).toEqual(made);
  const abort = new AbortController();
  const stopped = ai.embed({ input: ['Hi'] }, { signal: abort.signal });
  abort.abort('enough');
  await expect(stopped).rejects.toBe('enough');
});

test('a string is one part of text, and parts stay as they are', () => {
  const image = { type: 'image', mediaType: 'image/png', data: 'AAAA' } as const;
  ai.generate({ messages: [...hi.messages, { role: 'user', content: [image] }], temperature: 1, topK: 3 });
  expect(relay.request()).toEqual({
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      { role: 'user', content: [image] },
    ],
    temperature: 1,
    topK: 3,
  });
});

test.each([[undefined], [null], [{}], [{ messages: 'Hi' }], [{ messages: [null, 1] }]])(
  '%j goes on as it is, to be refused',
  (request) => {
    void ai.generate(request as never);
    expect(relay.posted[0]).toMatchObject({ call: { type: 'generate' } });
  },
);

test('an answer comes as its parts, and progress apart from them', async () => {
  const onProgress = vi.fn();
  const parts = read(generate({ onProgress }));
  relay.send({ v: 1, type: 'waiting', id: lastId() as never });
  relay.parts(
    lastId(),
    { type: 'progress', stage: 'queued', position: 3, seconds: 9 },
    { type: 'start', model: 'm', warnings: [] },
  );
  relay.text(lastId(), 'Hello');
  relay.parts(lastId(), { type: 'finish', reason: 'stop' });
  relay.end(lastId());
  expect((await parts).map(({ type }) => type)).toEqual(['start', 'text-delta', 'finish']);
  expect(onProgress.mock.calls).toEqual([[{ stage: 'waiting' }], [{ stage: 'queued', position: 3, seconds: 9 }]]);
});

test('what onProgress throws stops nothing', async () => {
  const parts = read(
    generate({
      onProgress() {
        throw new Error('the page’s');
      },
    }),
  );
  relay.parts(lastId(), { type: 'progress', stage: 'loading' });
  relay.text(lastId(), 'Hello');
  relay.end(lastId());
  expect(await parts).toEqual([{ type: 'text-delta', text: 'Hello' }]);
});

test.each(aiErrorCodes.map((code) => [code] as const))(
  '%s is an exception with a name and no word of a backend',
  async (code) => {
    const [promised, streamed] = [ai.connect().catch((error) => error), read(generate()).catch((error) => error)];
    for (const id of relay.ids()) relay.fail(id, { code, status: 418 });
    for (const error of [await promised, await streamed]) {
      expect(error.name).toMatch(/^[A-Z]\w+Error$/);
      expect(error.message).toBe(code);
      expect(error instanceof DOMException).toBe(code !== 'invalid-request');
    }
  },
);

test('the names are those of the platform', async () => {
  const nameOf = async (code: string) => {
    const failed = ai.connect().catch((error) => error.name);
    relay.fail(lastId(), { code });
    return failed;
  };
  expect(await nameOf('not-allowed')).toBe('NotAllowedError');
  expect(await nameOf('payment-required')).toBe('QuotaExceededError');
  expect(await nameOf('invalid-request')).toBe('TypeError');
  expect(await nameOf('unavailable')).toBe('NetworkError');
  expect(await nameOf('timeout')).toBe('TimeoutError');
});

test('an abort fails the stream with the signal’s reason, and the background hears of it', async () => {
  const abort = new AbortController();
  const parts = read(generate({ signal: abort.signal })).catch((error) => error);
  relay.text(lastId(), 'Hel');
  abort.abort('enough');
  expect(await parts).toBe('enough');
  expect(relay.posted.at(-1)).toMatchObject({ type: 'abort', id: lastId() });
});

test('an abort rejects connect with the signal’s reason', async () => {
  const abort = new AbortController();
  const connected = ai.connect({ signal: abort.signal }).catch((error) => error);
  abort.abort('enough');
  expect(await connected).toBe('enough');
  expect(relay.posted.at(-1)).toMatchObject({ type: 'abort' });
});

test('a signal that is aborted already asks nothing', async () => {
  const signal = AbortSignal.abort('before');
  expect(await read(generate({ signal })).catch((error) => error)).toBe('before');
  expect(await ai.connect({ signal }).catch((error) => error)).toBe('before');
  expect(relay.posted).toEqual([]);
});

test('an abort after the end changes nothing and tells nobody', async () => {
  const abort = new AbortController();
  const parts = read(generate({ signal: abort.signal }));
  relay.end(lastId());
  expect(await parts).toEqual([]);
  abort.abort();
  expect(relay.posted.filter(({ type }) => type === 'abort')).toEqual([]);
});

test.each([undefined, new AbortController().signal])('cancelling the stream stops the backend', async (signal) => {
  const reader = generate({ signal }).getReader();
  await reader.cancel();
  expect(relay.posted.at(-1)).toMatchObject({ type: 'abort', id: lastId() });
});

test('what cannot be sent fails the stream, and not the page', async () => {
  const stream = ai.generate({ messages: [{ role: 'user', content: 'Hi' }], tools: [() => undefined] } as never);
  expect(await read(stream).catch((error) => error.name)).toBe('DataCloneError');
});

test('a page over plain http from elsewhere gets the classic half alone', () => {
  vi.stubGlobal('isSecureContext', false);
  const classic = createWindowAi(createPageClient(createRelayEnd().port), '1');
  vi.unstubAllGlobals();
  expect(['connect', 'permission', 'models', 'generate'].filter((name) => name in classic)).toEqual([]);
  expect(typeof classic.generateText).toBe('function');
});
