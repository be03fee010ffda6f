/** A net that goes away and comes back, and a proxy that suddenly asks for a name and a password: calls settle, and the next one works without a restart. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OpenAiServer, startOpenAiServer } from '../support/servers/openai-server';
import { startVendors, type Vendors } from '../support/vendors';
import { browserNames, callOf, type Oriel, openOriel, settled, start, until } from './support/oriel';

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;
  let vendors: Vendors;
  let vendor: OpenAiServer;

  beforeAll(async () => {
    vendor = await startOpenAiServer({ answer: () => 'from far away', models: ['gpt-4o-mini'] });
    vendors = await startVendors(new Map([['api.openai.com', vendor.fault.port]]));
    oriel = await openOriel(name, {}, { vendors });
    await oriel.connect({ provider: 'OpenAI', key: 'sk-test-0123456789', address: undefined });
    await oriel.grant();
  });
  afterAll(async () => {
    await oriel?.close();
    await vendors?.close();
    await vendor?.close();
  });

  const ask = async () => {
    const page = await oriel.visit('localhost');
    const call = await settled(page, await start(page, { prompt: 'Hi' }), 30_000);
    await page.close();
    return call;
  };

  test('T111 while there is no way to the net a call fails with its code, and the next one afterwards is answered', async () => {
    vendors.set('away');
    try {
      // That the backend cannot be reached: no more than that is told to a page.
      expect(await ask()).toMatchObject({ state: 'rejected', error: 'NOT_AUTHENTICATED' });
    } finally {
      vendors.set('open');
    }
    expect(await ask()).toMatchObject({ state: 'resolved', value: [{ text: 'from far away' }] });
  });

  test('T111 a proxy that suddenly asks for a name and a password is no refusal of the backend', async ({ skip }) => {
    if (name === 'firefox') return skip('Firefox asks the person in a window of its own, which stops its driver');
    vendors.set('asks');
    try {
      expect(await ask()).toMatchObject({ state: 'rejected', error: 'NOT_AUTHENTICATED' });
    } finally {
      vendors.set('open');
    }
    expect(await ask()).toMatchObject({ state: 'resolved', value: [{ text: 'from far away' }] });
  });

  test('T111 the net goes away in mid-stream: the call is cut short at once, and the next one afterwards is answered', async () => {
    vendor.set({ answer: () => 'word '.repeat(400), chunkDelayMs: 50 });
    const page = await oriel.visit('localhost');
    const call = await start(page, { prompt: 'go on' }, {}, { streams: true });
    await until(async () => (await callOf(page, call)).stream.length > 2);
    vendors.set('away');
    expect(await settled(page, call)).toMatchObject({ state: 'rejected', error: expect.stringContaining('cut short') });
    vendors.set('open');
    vendor.set({ answer: () => 'from far away', chunkDelayMs: 0 });
    expect(await ask()).toMatchObject({ state: 'resolved', value: [{ text: 'from far away' }] });
    await page.close();
  });
});
