import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createBoundSocket } from '../../background/bound-socket';
import { toConnectionId } from '../../protocol/ids';
import type { ConnectionOptions } from '../../protocol/model-settings';
import { type Clock, createClock } from '../../providers/clock';
import { createProvider } from '../../providers/create-provider';
import type { Step } from '../support/faultd';
import { type LegacyServer, startLegacyServer } from '../support/servers/webui-legacy-server';
import { ask, collect, knownRow, noEngine, noSocket, run } from './replay';

const row = knownRow('text-generation-webui-legacy');
let server: LegacyServer;
beforeEach(async () => {
  server = await startLegacyServer();
});
afterEach(() => server.close());

interface Setup {
  readonly options?: ConnectionOptions;
  readonly hasStream?: boolean;
  readonly clock?: Clock;
}

const provider = ({ options, hasStream = true, clock }: Setup = {}) =>
  createProvider(
    { ...row, companions: () => [server.streamUrl] },
    {
      connection: { id: toConnectionId('c'), providerId: row.id, name: 'Desk', baseUrl: server.baseUrl, options },
      fetch,
      socket: hasStream ? (url, signal) => createBoundSocket(openWebSocket(url), signal) : noSocket,
      engine: noEngine,
      now: Date.now,
    },
    clock,
  );

/** Without a listener for errors this one throws where a browser's only closes. */
const openWebSocket = (url: string) => new WebSocket(url).on('error', () => undefined) as unknown as globalThis.WebSocket;

const textOf = (parts: Awaited<ReturnType<typeof run>>['parts']) =>
  parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');

test('the stream comes over the socket, token by token', async () => {
  const { parts } = await run(provider(), ask('Name a river.', { model: 'vicuna-13b' }));
  expect(parts.map(({ type }) => type)).toEqual(['start', 'text-delta', 'text-delta', 'usage', 'finish']);
  expect(server.asked[0]).toMatchObject({ prompt: 'USER: Name a river.\nASSISTANT:', stopping_strings: ['</s>', '\nUSER:'] });
});

test('where the second port cannot be reached the answer comes whole', async () => {
  const { parts } = await run(provider({ hasStream: false }), ask('Name a river.'));
  expect(parts.map(({ type }) => type)).toEqual(['progress', 'start', 'text-delta', 'usage', 'finish']);
  expect(textOf(parts)).toBe('The Danube.');
});

test('an abort stops the model, which closing the socket would not', async () => {
  server.set({ answer: () => 'and on '.repeat(1000), tokenDelayMs: 5 });
  const abort = new AbortController();
  const stream = provider().generate(ask('Hi', { maxOutputTokens: 1000 }), abort.signal);
  const { error } = await collect(
    (async function* () {
      for await (const part of stream) {
        yield part;
        if (part.type === 'text-delta') abort.abort();
      }
    })(),
  );
  expect(error).toMatchObject({ code: 'aborted' });
  await server.fault.waitForRequest();
  await delay(50);
  const { computed } = server;
  await delay(100);
  expect(server.computed).toBe(computed);
});

test('T95 a flood of tokens ends when there are more than were asked for, and the socket with it', async () => {
  server.streamFault.on('GET', '/api/v1/stream', async function* (request): AsyncGenerator<Step> {
    yield { type: 'upgrade' };
    await request.nextFrame();
    for (;;) yield { type: 'frame', data: JSON.stringify({ event: 'text_stream', message_num: 0, text: 'on ' }) };
  });
  const { parts, error } = await run(provider(), ask('Hi', { maxOutputTokens: 1000 }));
  expect(error).toMatchObject({ code: 'bad-response', fault: 'too-large' });
  const tokens = textOf(parts).split(' ').length - 1;
  expect(tokens).toBeGreaterThanOrEqual(1000);
  expect(tokens).toBeLessThanOrEqual(1400);
  await server.streamFault.closedAfter(0);
});

test('a socket that closes in the middle is an interruption, and what came stays', async () => {
  server.set({ breaksAfter: 1 });
  const { parts, error } = await run(provider(), ask('Hi'));
  expect(textOf(parts)).toBe('The');
  expect(error).toMatchObject({ fault: 'interrupted' });
});

test('a stop sequence that the server let through is cut here, and the model stopped', async () => {
  server.set({ answer: () => ' One END two three', tokenDelayMs: 5 });
  const { parts } = await run(provider({ hasStream: false }), ask('Hi', { stop: ['END'] }));
  expect(textOf(parts)).toBe('One ');
});

test('history is cut to the context that the person set, and the caller is told', async () => {
  const turns = Array.from({ length: 40 }, (_, index) => ({
    role: index % 2 ? ('assistant' as const) : ('user' as const),
    content: [{ type: 'text' as const, text: `turn ${index} ${'x'.repeat(40)}` }],
  }));
  const { parts } = await run(provider({ options: { contextTokens: 400, template: 'plain' } }), ask('', { messages: turns }));
  const [start] = parts;
  expect(start).toMatchObject({ warnings: [{ type: 'history-cut', messages: expect.any(Number) }] });
  expect(server.asked[0]?.prompt).not.toContain('turn 0 ');
  expect(server.asked[0]?.prompt).toContain('turn 39 ');
});

test('where the second port takes the connection and says nothing, the answer comes whole by the first', async () => {
  server.streamFault.on('GET', '/api/v1/stream', [{ type: 'stall' }]);
  // The handshake may take ten seconds, which are a tenth of one here.
  const hurried = {
    ...createClock(Date.now),
    after: (ms: number, done: () => void) => createClock(Date.now).after(ms / 100, done),
  };
  const { parts, error } = await run(provider({ clock: hurried }), ask('Name a river.'));
  expect(error).toBeUndefined();
  expect(textOf(parts)).toBe('The Danube.');
  expect(await server.streamFault.closedAfter(0)).toBeLessThan(250);
});
