import net from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type FaultServer, respondEvents, respondJson, startFaultServer } from '../support/faultd';

let server: FaultServer;

beforeEach(async () => {
  server = await startFaultServer();
});
afterEach(() => server.close());

test('a scripted response arrives with its status, headers and body', async () => {
  server.on('POST', '/echo', (request) =>
    respondJson(201, { got: request.json(), query: request.query.get('q') }, { 'x-one': '1' }),
  );
  const response = await fetch(`${server.url}/echo?q=a%20b`, { method: 'POST', body: '{"text":"é"}' });
  expect(response.status).toBe(201);
  expect(response.headers.get('x-one')).toBe('1');
  expect(await response.json()).toEqual({ got: { text: 'é' }, query: 'a b' });
  expect(server.requests[0]).toMatchObject({ index: 0, method: 'POST', path: '/echo', body: '{"text":"é"}' });
});

test('a request without a script is answered with 404 and recorded', async () => {
  expect((await fetch(`${server.url}/nothing`)).status).toBe(404);
  expect(server.requests.map(({ path }) => path)).toEqual(['/nothing']);
});

test('the latest fitting route wins, and a script knows how often it was asked', async () => {
  server.on('*', /./, respondJson(500, 'old'));
  server.on('GET', '/a', (_request, nth) => respondJson(200, nth));
  const answers = [await fetch(`${server.url}/a`), await fetch(`${server.url}/a`), await fetch(`${server.url}/b`)];
  expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual([0, 1, 'old']);
});

test('a script that runs out ends its response', async () => {
  server.on('GET', '/', [{ type: 'write', data: 'all' }]);
  expect(await (await fetch(server.url)).text()).toBe('all');
});

test('events are sent one by one, delayed as asked', async () => {
  server.on('GET', '/', respondEvents(['data: 1\n\n', 'data: 2\n\n'], 40));
  const started = performance.now();
  const response = await fetch(server.url);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  expect(await response.text()).toBe('data: 1\n\ndata: 2\n\n');
  expect(performance.now() - started).toBeGreaterThan(75);
});

test('a request body sent in chunks is put together', async () => {
  server.on('POST', '/', (request) => respondJson(200, request.body));
  const body = new ReadableStream({
    async start(controller) {
      for (const part of ['one ', 'two']) {
        controller.enqueue(new TextEncoder().encode(part));
        await sleep(5);
      }
      controller.close();
    },
  });
  const response = await fetch(server.url, { method: 'POST', body, duplex: 'half' } as RequestInit);
  expect(await response.json()).toBe('one two');
});

test('gzip arrives unpacked, and each write by itself', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  server.on('GET', '/', [
    { type: 'gzip' },
    { type: 'headers', headers: { 'content-type': 'text/plain' } },
    { type: 'write', data: 'first ' },
    { type: 'wait', until: held },
    { type: 'write', data: 'second' },
  ]);
  const response = await fetch(server.url);
  expect(response.headers.get('content-encoding')).toBe('gzip');
  const reader = (response.body as ReadableStream<Uint8Array<ArrayBuffer>>).pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toBe('first ');
  release();
  expect((await reader.read()).value).toBe('second');
});

test('a redirect goes where it says', async () => {
  server.on('GET', '/from', [{ type: 'redirect', to: '/to', status: 302 }]);
  server.on('GET', '/to', respondJson(200, 'there'));
  const response = await fetch(`${server.url}/from`);
  expect([response.redirected, await response.json()]).toEqual([true, 'there']);
  await expect(fetch(`${server.url}/from`, { redirect: 'error' })).rejects.toThrow();
});

test.each([
  [
    'a chunk cut off',
    [
      { type: 'write', data: 'begun ' },
      { type: 'cut', data: 'half' },
    ],
  ],
  [
    'a chunk cut off with a reset',
    [
      { type: 'write', data: 'begun ' },
      { type: 'cut', data: 'half', announced: 9, reset: true },
    ],
  ],
  ['a close without the last chunk', [{ type: 'write', data: 'begun ' }, { type: 'fin' }]],
  ['a reset in the body', [{ type: 'write', data: 'begun ' }, { type: 'delay', ms: 20 }, { type: 'reset' }]],
  [
    'a broken frame',
    [
      { type: 'write', data: 'begun ' },
      { type: 'raw', data: 'no size\r\n' },
    ],
  ],
] as const)('%s makes the body fail after what had arrived', async (_name, steps) => {
  server.on('GET', '/', steps);
  const response = await fetch(server.url);
  await expect(response.text()).rejects.toThrow();
  await server.closedAfter(0);
});

test('a reset before the head is a network error', async () => {
  server.on('GET', '/', [{ type: 'reset' }]);
  const failure = await fetch(server.url).catch((error: Error) => error.cause);
  expect(failure).toMatchObject({ code: 'ECONNRESET' });
});

test('content-length is kept to without chunks, and may promise too much', async () => {
  server.on('GET', '/', [
    { type: 'headers', headers: { 'Content-Length': '10' } },
    { type: 'write', data: 'four' },
    { type: 'end' },
  ]);
  await expect((await fetch(server.url)).text()).rejects.toThrow();
});

test('a stall keeps the socket open until the client leaves, and the time of that is known', async () => {
  server.on('GET', '/', [{ type: 'write', data: 'begun' }, { type: 'stall' }]);
  const abort = new AbortController();
  const response = await fetch(server.url, { signal: abort.signal });
  const request = await server.waitForRequest();
  await expect(server.closedAfter(0, performance.now(), 60)).rejects.toThrow('stayed open');
  const aborted = performance.now();
  abort.abort();
  await expect(response.text()).rejects.toThrow();
  expect(await server.closedAfter(0, aborted)).toBeGreaterThanOrEqual(0);
  expect(await server.closedAfter(0, aborted)).toBeLessThan(500);
  expect(request.socket).toMatchObject({ closedBy: 'client', requests: [request] });
  expect(request.answeredAt).toBeUndefined();
});

test('the client leaving ends a script in the middle of a delay', async () => {
  const played: string[] = [];
  server.on('GET', '/', async function* script() {
    yield { type: 'write', data: 'begun' } as const;
    yield { type: 'delay', ms: 60_000 } as const;
    played.push('after the delay');
    yield { type: 'write', data: 'never' } as const;
  });
  const abort = new AbortController();
  await fetch(server.url, { signal: abort.signal });
  abort.abort();
  await server.closedAfter(0);
  await sleep(20);
  expect(played).toEqual([]);
});

test('sockets are recorded with their bytes', async () => {
  server.on('GET', '/', respondJson(200, 'x'.repeat(1000)));
  await (await fetch(server.url)).text();
  await server.closedAfter(0);
  const socket = server.sockets[0];
  expect(socket?.bytesIn).toBeGreaterThan(20);
  expect(socket?.bytesOut).toBeGreaterThan(1000);
  expect(socket?.closedBy).toBe('server');
  expect((socket?.closedAt ?? 0) - (socket?.openedAt ?? 0)).toBeGreaterThanOrEqual(0);
});

test('a connection that sends nothing is a socket without a request', async () => {
  const connection = net.connect(server.port, '127.0.0.1');
  await new Promise((resolve) => connection.once('connect', resolve));
  await sleep(20);
  connection.destroy();
  await server.sockets[0]?.closed;
  expect([server.sockets.length, server.requests.length, server.sockets[0]?.closedBy]).toEqual([1, 0, 'client']);
});

test('with keep-alive one socket carries several requests', async () => {
  const kept = await startFaultServer({ keepAlive: true });
  kept.on('GET', '*', (_request, nth) => respondJson(200, `answer ${nth}`));
  const connection = net.connect(kept.port, '127.0.0.1');
  let received = '';
  connection.on('data', (bytes) => {
    received += bytes;
  });
  connection.write('GET /a HTTP/1.1\r\nhost: x\r\n\r\nGET /b HTTP/1.1\r\nhost: x\r\n\r\n');
  await kept.waitForRequest(2);
  await vi.waitFor(() => expect(received).toContain('answer 1'));
  expect(kept.sockets.map(({ requests }) => requests.map(({ path }) => path))).toEqual([['/a', '/b']]);
  connection.destroy();
  await kept.close();
});

test('waiting for a request that does not come says how many came', async () => {
  await fetch(server.url);
  await expect(server.waitForRequest(2, 30)).rejects.toThrow('1 of 2 requests');
});
