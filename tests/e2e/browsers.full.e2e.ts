/**
 * What browsers do by themselves, in a plain page without Oriel: what the fault matrix takes for given (docs/faults.md), and would have to take
 * back when they change.
 */

import { expect, test } from 'vitest';
import { launchBrowser } from '../support/browser';
import { startFaultServer } from '../support/faultd';
import { startPageServer } from '../support/pages';
import { browserNames, delay, until } from './support/oriel';

test.each(browserNames)(
  '%s: of a WebSocket that is closed before its handshake is answered the page hears at once; its socket goes when the server answers, at the latest',
  async (name) => {
    const server = await startFaultServer();
    const pages = await startPageServer({ '/': '<!doctype html><title>Plain</title>' });
    let answer: () => void = () => undefined;
    const answering = new Promise<void>((resolve) => {
      answer = resolve;
    });
    server.on('GET', '/late', [{ type: 'wait', until: answering }, { type: 'upgrade' }, { type: 'stall' }]);
    const browser = await launchBrowser(name);
    try {
      const page = await browser.newPage(pages.url('/', 'localhost'));
      await page.evaluate(
        `void ((window.ws = new WebSocket('ws://127.0.0.1:${server.port}/late')).onclose = () => { window.isShut = true; })`,
      );
      const { socket } = await server.waitForRequest(1);
      await page.evaluate('ws.close()');
      await until(() => page.evaluate<boolean, []>('window.isShut === true'), 1000);
      await delay(3000);
      expect(socket.closedAt === undefined).toBe(name === 'firefox');
      answer();
      await until(async () => socket.closedAt !== undefined, 1000);
      expect(socket.closedBy).toBe('client');
    } finally {
      await browser.close();
      await pages.close();
      await server.close();
    }
  },
);

/** A page of another origin, and what one `fetch` of it came to. */
async function fetchFrom(name: (typeof browserNames)[number], port: number): Promise<string> {
  const pages = await startPageServer({ '/': '<!doctype html><title>Plain</title>' });
  const browser = await launchBrowser(name);
  try {
    const page = await browser.newPage(pages.url('/', 'localhost'));
    return await page.evaluate<string, []>(
      `fetch('http://127.0.0.1:${port}/asked').then((answer) => answer.text()).catch((error) => error.name)`,
    );
  } finally {
    await browser.close();
    await pages.close();
  }
}

test.each(browserNames)('%s: how often a GET is sent whose connection breaks before any answer', async (name) => {
  const server = await startFaultServer();
  server.on('GET', '/asked', [{ type: 'reset' }]);
  try {
    expect(await fetchFrom(name, server.port)).toBe('TypeError');
    console.log('DBG', name, server.requests.length);
  } finally {
    await server.close();
  }
});

test.each(browserNames)('%s: how long a socket is kept whose answer was whole, and whose server then ends it', async (name) => {
  const server = await startFaultServer();
  server.on('GET', '/asked', [
    { type: 'headers', headers: { 'access-control-allow-origin': '*', 'content-length': '10' } },
    { type: 'write', data: 'x'.repeat(10) },
    { type: 'delay', ms: 60 },
    { type: 'fin' },
  ]);
  const pages = await startPageServer({ '/': '<!doctype html><title>Plain</title>' });
  const browser = await launchBrowser(name);
  try {
    const page = await browser.newPage(pages.url('/', 'localhost'));
    const text = await page.evaluate<string, []>(
      `fetch('http://127.0.0.1:${server.port}/asked').then((answer) => answer.text()).catch((error) => error.name)`,
    );
    const settledAt = performance.now();
    const socket = server.requests[0]?.socket;
    await delay(12_000);
    console.log('DBG', name, text, socket?.closedAt && socket.closedAt - settledAt, socket?.closedBy);
  } finally {
    await browser.close();
    await pages.close();
    await server.close();
  }
});
