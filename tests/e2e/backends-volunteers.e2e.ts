/** AI Horde, whose models run on the computers of volunteers, played by a stand-in: said so, waited for, stopped, and not lost with the background. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHordeServer } from '../support/servers/horde-server';
import { startVendors, type Vendors } from '../support/vendors';
import { type Backend, testBackend, testOff } from './support/backend';
import { browserNames, type Oriel, openOriel, settled, start, until } from './support/oriel';

const status = '/api/v2/generate/text/status/';

const aiHorde = {
  provider: 'AI Horde',
  place: "by volunteers' computers, whose owners can read what is sent",
  model: 'any',
  key: 'key-of-ada-0123',
  isWhole: true,
  hosts: ['aihorde.net'],
  async start(key: string) {
    const server = await startHordeServer({ users: { [key]: 540.7 } });
    const say = (text: string, wordMs = 0) => server.set({ answer: () => ` ${text}`, workMs: wordMs * 100 });
    return Object.assign(server, { accepted: server.orders, say });
  },
  async stopped({ fault }, since) {
    const stop = await until(async () =>
      fault.requests.find(
        ({ method, path, receivedAt }) => method === 'DELETE' && path.startsWith(status) && receivedAt >= since,
      ),
    );
    return stop.receivedAt - since;
  },
} satisfies Backend;

describe.each(browserNames)('%s', (name) => {
  const hosts = new Map<string, number>();
  let vendors: Vendors;
  let oriel: Oriel;
  const bed = { oriel: () => oriel, hosts };

  beforeAll(async () => {
    vendors = await startVendors(hosts);
    oriel = await openOriel(name, {}, { vendors });
  });
  afterAll(async () => {
    await oriel?.close();
    await vendors?.close();
  });

  const bench = testBackend(aiHorde, bed);

  test('AI Horde: an order that was stopped is taken back there', () => {
    const { server } = bench();
    expect(server.cancelled).toHaveLength(1);
  });

  test('AI Horde: who asks too often waits, and gets the answer of the same order', async () => {
    const { server, ask } = bench();
    server.say('After a while.');
    server.set({ limited: 1 });
    const before = server.orders.length;
    expect(await ask(undefined, 20_000)).toMatchObject({ state: 'resolved', value: [{ text: 'After a while.' }] });
    expect(server.orders.length).toBe(before + 1);
  });

  test('AI Horde: an order outlives the background, and is not given twice', async () => {
    const { server, visit } = bench();
    server.say('Still there.');
    server.set({ queueMs: 4000 });
    const before = server.orders.length;
    const page = await visit();
    const call = await start(page, { prompt: 'Hi' });
    await until(async () => server.orders.length > before);
    await until(async () => server.fault.requests.at(-1)?.path.startsWith(status));
    await oriel.browser.killBackground();
    expect(await settled(page, call, 30_000)).toMatchObject({ state: 'resolved', value: [{ text: 'Still there.' }] });
    expect(server.orders.length).toBe(before + 1);
    server.set({ queueMs: 0 });
    await page.close();
  });

  test('AI Horde: an answer that its filter took away is told as such', async () => {
    const { server, ask } = bench();
    server.set({ state: 'censored' });
    expect(await ask(undefined, 20_000)).toMatchObject({
      state: 'rejected',
      error: expect.stringMatching(/^MODEL_REJECTED_REQUEST: 400/),
    });
    server.set({ state: 'ok' });
  });

  testOff(aiHorde, bench);
});
