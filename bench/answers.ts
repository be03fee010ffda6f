/** Servers that speak OpenAI's Chat Completions and answer as the question orders: so many chunks of such a size, so far apart. Page and background ask the same ones. */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The question, as JSON in the last message. */
export interface Order {
  readonly chunks: number;
  /** Characters of each chunk. */
  readonly chars: number;
  /** Milliseconds from chunk to chunk; 0 is as fast as possible. */
  readonly everyMs?: number;
  /** Each chunk is the time of its sending, milliseconds of this machine's clock, and a blank. */
  readonly stamped?: boolean;
}

export interface Answers {
  /** One origin for each port; they are all alike. */
  readonly origins: readonly string[];
  close(): Promise<void>;
}

const here = dirname(fileURLToPath(import.meta.url));
const parser = join(here, '..', 'node_modules', 'eventsource-parser', 'dist');
/** Timers finer than a millisecond are there in isolated pages only. */
const isolation = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
const plain = '<!doctype html><meta charset="utf-8"><title>Plain</title><link rel="icon" href="data:,"><p>Some text.';
const measuring = `${plain}<script type="module" src="/measure.js"></script>`;

const fileOf = (path: string): [content: string, type: string] | undefined => {
  if (path === '/plain') return [plain, 'text/html; charset=utf-8'];
  if (path === '/') return [measuring, 'text/html; charset=utf-8'];
  if (path === '/measure.js') return [readFileSync(join(here, 'measure.js'), 'utf8'), 'text/javascript'];
  const module = /^\/eventsource-parser\/(\w+\.js)$/.exec(path)?.[1];
  return module === undefined ? undefined : [readFileSync(join(parser, module), 'utf8'), 'text/javascript'];
};

/** @param ports a browser opens six connections to each at most (HTTP/1.1) */
export async function startAnswers(ports: number): Promise<Answers> {
  const servers = await Promise.all(Array.from({ length: ports }, startServer));
  return {
    origins: servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    async close() {
      for (const server of servers) server.closeAllConnections();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

async function startServer(): Promise<http.Server> {
  const server = http.createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    respond(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function respond(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://bench');
  if (request.method === 'GET' && pathname.endsWith('/models')) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ object: 'list', data: [{ id: 'bench', object: 'model' }] }));
    return;
  }
  const file = fileOf(pathname);
  if (request.method === 'GET') {
    response.writeHead(file ? 200 : 404, { ...isolation, 'cache-control': 'no-store', ...(file && { 'content-type': file[1] }) });
    response.end(file?.[0]);
    return;
  }
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const { messages } = JSON.parse(Buffer.concat(pieces).toString()) as { messages: { content: string }[] };
  await play(JSON.parse(messages.at(-1)?.content ?? '') as Order, response);
}

async function play({ chunks, chars, everyMs = 0, stamped = false }: Order, response: http.ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const same = Buffer.from(eventOf('x'.repeat(chars)));
  const begun = performance.now();
  for (let index = 0; index < chunks && !response.destroyed; index += 1) {
    const wait = begun + index * everyMs - performance.now();
    if (everyMs > 0 && wait > 0) await delay(wait);
    const chunk = stamped ? eventOf(`${(performance.timeOrigin + performance.now()).toFixed(3)} `) : same;
    if (!response.write(chunk) && !response.destroyed) await once(response, 'drain');
  }
  response.end(`${eventOf('', 'stop')}data: [DONE]\n\n`);
}

function eventOf(content: string, reason: string | null = null): string {
  const choice = { index: 0, delta: reason === null ? { content } : {}, finish_reason: reason };
  const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'bench', choices: [choice] };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
