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

/** A page of another origin than the server, and what one `fetch` of it came to. */
async function inPlainPage(
  name: (typeof browserNames)[number],
  server: Awaited<ReturnType<typeof startFaultServer>>,
  look: (said: string) => Promise<void>,
): Promise<void> {
  const pages = await startPageServer({ '/': '<!doctype html><title>Plain</title>' });
  const browser = await launchBrowser(name);
  try {
    const page = await browser.newPage(pages.url('/', 'localhost'));
    const asking = `fetch('http://127.0.0.1:${server.port}/asked').then((answer) => answer.text()).catch((error) => error.name)`;
    await look(await page.evaluate<string, []>(asking));
  } finally {
    await browser.close();
    await pages.close();
    await server.close();
  }
}

test.each(browserNames)('%s: a GET whose connection breaks before any answer is sent ten times by Firefox', async (name) => {
  const server = await startFaultServer();
  server.on('GET', '/asked', [{ type: 'reset' }]);
  await inPlainPage(name, server, async (said) => {
    expect(said).toBe('TypeError');
    expect(server.requests).toHaveLength(name === 'firefox' ? 10 : 1);
  });
});

test.each(browserNames)('%s: of a whole answer whose server then ends the connection Chromium sees that late', async (name) => {
  const server = await startFaultServer();
  server.on('GET', '/asked', [
    { type: 'headers', headers: { 'access-control-allow-origin': '*', 'content-length': '10' } },
    { type: 'write', data: 'x'.repeat(10) },
    { type: 'delay', ms: 60 },
    { type: 'fin' },
  ]);
  await inPlainPage(name, server, async (said) => {
    const settledAt = performance.now();
    expect(said).toBe('x'.repeat(10));
    const socket = server.requests[0]?.socket;
    await until(async () => socket?.closedAt !== undefined, 1000);
    const late = Number(socket?.closedAt) - settledAt;
    if (name === 'chromium') expect(late).toBeGreaterThan(250);
    else expect(late).toBeLessThan(250);
  });
});
