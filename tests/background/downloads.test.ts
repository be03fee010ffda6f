import { beforeEach, expect, test, vi } from 'vitest';
import { createDownloads, type Downloads } from '../../background/downloads';
import { backendError } from '../../protocol/errors';
import { createStore, deviceModel } from './support/device';
import { createHolds } from './support/keep-alive';

let store: ReturnType<typeof createStore>;
let holds: ReturnType<typeof createHolds>;
let answer: (url: string, signal: AbortSignal) => Promise<Response>;
let onChange: ReturnType<typeof vi.fn<() => void>>;
let downloads: Downloads;
let now: number;

beforeEach(() => {
  store = createStore();
  holds = createHolds();
  now = 0;
  onChange = vi.fn();
  answer = async () => new Response('abcdef');
  downloads = createDownloads({
    models: [deviceModel],
    store,
    egress: { download: (url, signal) => answer(url, signal) },
    keepAlive: holds,
    now: () => now,
    onChange,
  });
});

const state = async () => (await downloads.views())[0]?.state;

/** An answer whose body comes piece by piece. */
function slow() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  answer = async (_url, signal) => {
    const body = new ReadableStream<Uint8Array>({
      start(started) {
        controller = started;
        signal.addEventListener('abort', () => started.error(signal.reason));
      },
    });
    return new Response(body);
  };
  return {
    send: async (text: string) => {
      await vi.waitFor(() => expect(controller).toBeDefined());
      controller?.enqueue(new TextEncoder().encode(text));
    },
    end: () => controller?.close(),
  };
}

test('a model is absent, then downloaded from its own address, then ready', async () => {
  const asked: string[] = [];
  answer = async (url) => {
    asked.push(url);
    return new Response('abcdef');
  };
  expect(await state()).toEqual({ type: 'absent' });
  await downloads.download('tiny');
  expect(await state()).toEqual({ type: 'ready' });
  expect(asked).toEqual([deviceModel.url]);
});

test('progress is shown, and the background is kept alive meanwhile', async () => {
  const body = slow();
  const done = downloads.download('tiny');
  await body.send('abc');
  await vi.waitFor(async () => expect(await state()).toEqual({ type: 'downloading', receivedBytes: 3 }));
  expect(holds.count).toBe(1);
  body.end();
  await done;
  expect(holds.count).toBe(0);
  expect(onChange).toHaveBeenCalled();
});

test('a second download of the same model joins the first', async () => {
  const body = slow();
  const first = downloads.download('tiny');
  expect(downloads.download('tiny')).toBe(first);
  await body.send('abc');
  body.end();
  await first;
});

test('a stopped download is absent again, and no failure', async () => {
  const body = slow();
  const done = downloads.download('tiny');
  await body.send('abc');
  downloads.cancel('tiny');
  await expect(done).rejects.toMatchObject({ code: 'aborted' });
  expect(await state()).toEqual({ type: 'absent' });
  expect(holds.count).toBe(0);
});

test('a download that is stopped before the hub answers is no failure either', async () => {
  answer = (_url, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const done = downloads.download('tiny');
  downloads.cancel('tiny');
  await expect(done).rejects.toMatchObject({ code: 'aborted' });
  expect(await state()).toEqual({ type: 'absent' });
});

test.each<[string, () => Promise<Response>, object]>([
  ['a hub that is off', async () => Promise.reject(new TypeError('fetch failed')), { code: 'unavailable', fault: 'network' }],
  [
    'a hub that has no such file',
    async () => new Response('', { status: 404 }),
    { code: 'unavailable', fault: 'server', status: 404 },
  ],
  ['an answer without a body', async () => new Response(null), { code: 'unavailable', fault: 'server', status: 200 }],
])('%s is a failure that is shown until the next try', async (_name, failing, expected) => {
  answer = failing;
  await expect(downloads.download('tiny')).rejects.toMatchObject(expected);
  expect(await state()).toEqual({ type: 'failed', error: expected });
  answer = async () => new Response('abcdef');
  await downloads.download('tiny');
  expect(await state()).toEqual({ type: 'ready' });
});

test('a file that is not the expected one is a failure', async () => {
  vi.spyOn(store, 'write').mockRejectedValue(backendError('malformed', 'Another SHA-256.'));
  await expect(downloads.download('tiny')).rejects.toMatchObject({ fault: 'malformed' });
  expect(await state()).toMatchObject({ type: 'failed' });
  expect(holds.count).toBe(0);
});

test('a removed model is absent', async () => {
  await downloads.download('tiny');
  await downloads.remove('tiny');
  expect(await state()).toEqual({ type: 'absent' });
});

test('a model that is not in the list is not fetched', async () => {
  expect(() => downloads.download('https://evil.test/model')).toThrow(
    expect.objectContaining({ code: 'invalid-request', field: 'modelId' }),
  );
  await expect(downloads.remove('other')).rejects.toMatchObject({ code: 'invalid-request' });
  expect(() => downloads.cancel('other')).not.toThrow();
});

test('progress is told four times a second at most, and the end always', async () => {
  const body = slow();
  const done = downloads.download('tiny');
  await body.send('a');
  await vi.waitFor(async () => expect(await state()).toEqual({ type: 'downloading', receivedBytes: 1 }));
  onChange.mockClear();
  for (let count = 2; count < 10; count += 1) {
    now += 100;
    await body.send('b');
    await vi.waitFor(async () => expect(await state()).toEqual({ type: 'downloading', receivedBytes: count }));
  }
  expect(onChange.mock.calls.length).toBeGreaterThan(0);
  expect(onChange.mock.calls.length).toBeLessThanOrEqual(4);
  onChange.mockClear();
  body.end();
  await done;
  expect(onChange).toHaveBeenCalledTimes(1);
});
