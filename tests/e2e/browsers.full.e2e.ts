/**
 * What browsers do with a WebSocket that a plain page closes before its handshake is answered: what the fault matrix takes for given
 * (docs/faults.md), and would have to take back when Firefox changes.
 */

import { expect, test } from 'vitest';
import { launchBrowser } from '../support/browser';
import { startFaultServer } from '../support/faultd';
import { startPageServer } from '../support/pages';
import { browserNames, delay, until } from './support/oriel';

test.each(browserNames)(
  '%s: the page hears of the end at once; the socket is closed when the server answers, at the latest',
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
