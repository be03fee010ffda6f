/** Where an API key travels: to the server that it was typed for, and nowhere else, whatever the server or a changed address says. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Overview } from '../../protocol/ui-messages';
import { type FaultRequest, type FaultServer, startFaultServer } from '../support/faultd';
import { startOpenAiServer } from '../support/servers/openai-server';
import { browserNames, delay, type Oriel, openOriel, settled, start, until } from './support/oriel';
import { askBackground, bystander } from './support/own-page';

const key = 'sk-CANARY-71b3e0c94fd2a856';

/** Whether a request carries the key in any form, in any of its parts. */
function carriesKey({ method, path, headers, body, ...rest }: FaultRequest): boolean {
  const raw = JSON.stringify([method, path, 'query' in rest ? rest.query : '', headers, body]);
  const forms = [key, key.slice(3), Buffer.from(key).toString('base64').replace(/=+$/, ''), encodeURIComponent(key)];
  return forms.some((form) => raw.includes(form));
}

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;
  let thief: FaultServer;

  beforeAll(async () => {
    oriel = await openOriel(name);
    thief = await startFaultServer();
    await oriel.connect({ key });
    await oriel.grant();
  });
  afterAll(async () => {
    await thief?.close();
    await oriel?.close();
  });

  const statuses = [301, 302, 303, 307, 308];
  const targets = (): Record<string, string> => ({
    'another port': `${thief.url}/stolen`,
    'another host': `http://localhost:${thief.port}/stolen`,
    'the same origin': `${oriel.backend.fault.url}/stolen`,
  });
  const takenBy = () => [...thief.requests, ...oriel.backend.fault.requests.filter(({ path }) => path === '/stolen')];

  test('T51 a fetch that follows redirects gives keys away: the probe sees it', async () => {
    const own = await bystander(oriel);
    const leaks: string[] = [];
    for (const status of statuses) {
      oriel.backend.fault.on('POST', '/probe', [{ type: 'redirect', to: `${thief.url}/stolen`, status }]);
      for (const header of ['x-api-key', 'api-key', 'x-goog-api-key', 'authorization']) {
        const before = thief.requests.length;
        await own.evaluate(
          (url: string, named: string, value: string) =>
            fetch(url, { method: 'POST', body: '{}', headers: { [named]: value } }).then(
              () => undefined,
              () => undefined,
            ),
          `${oriel.backend.fault.url}/probe`,
          header,
          key,
        );
        if (thief.requests.slice(before).some(carriesKey)) leaks.push(`${status} ${header}`);
      }
    }
    console.log(`${name}: with redirects followed the other server gets ${leaks.join(', ')}`);
    for (const status of statuses)
      for (const header of ['x-api-key', 'api-key', 'x-goog-api-key']) expect(leaks).toContain(`${status} ${header}`);
    await own.close();
  });

  test.each(statuses)('T51 a redirect with %d ends the call, and nobody else hears of it', async (status) => {
    const page = await oriel.visit('localhost');
    for (const [what, to] of Object.entries(targets())) {
      const asked = oriel.backend.fault.requests.length;
      const taken = takenBy().length;
      oriel.backend.fault.on('POST', '/v1/chat/completions', [{ type: 'redirect', to, status }]);
      const call = await settled(page, await start(page, { prompt: 'go on' }));
      expect([what, call.state, call.error]).toEqual([what, 'rejected', 'NOT_AUTHENTICATED']);
      await delay(100);
      expect([what, takenBy().length - taken]).toEqual([what, 0]);
      // Once, and not again.
      expect([what, oriel.backend.fault.requests.length - asked]).toEqual([what, 1]);
    }
    const own = await bystander(oriel);
    const { failures } = await askBackground<Overview>(own, 'overview');
    expect(failures.map(({ error }) => error.fault)).toContain('redirect');
    await own.close();
    await page.close();
  });

  // Last: it moves the connection.
  test('T50 a connection that moves to another origin takes its key not with it, and the form says so', async () => {
    const { fault } = oriel.backend;
    // The search finds the key where it belongs.
    expect(fault.requests.some(carriesKey)).toBe(true);
    const other = await startOpenAiServer();
    try {
      const options = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#connections'));
      await options.click('button', 'Edit');
      await options.fill('Server address', other.baseUrl);
      const host = new URL(other.baseUrl).host;
      await options.waitForText(new RegExp(`${host.replaceAll('.', '\\.')}`));
      const hint = await options.text();
      expect(hint).toContain(new URL(oriel.backend.baseUrl).host);
      await options.click('button', 'Connect');
      await until(async () => other.fault.requests.length > 0);
      await options.waitForNoRole('dialog');
      const page = await oriel.visit('localhost');
      await settled(page, await start(page, { prompt: 'to the new one' }));
      await page.close();
      expect(other.fault.requests.filter(carriesKey)).toEqual([]);
      expect(other.fault.requests.filter(({ headers }) => 'authorization' in headers)).toEqual([]);
      const own = await bystander(oriel);
      const { connections } = await askBackground<Overview>(own, 'overview');
      expect(connections.map(({ baseUrl, keyEnding }) => [baseUrl, keyEnding])).toEqual([[other.baseUrl, undefined]]);
      await own.close();
      await options.close();
    } finally {
      await other.close();
    }
  });
});
