/** Each backend as a person connects it: the form, a page's question, the approval, the answer; and its typical faults. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startOpenAiServer } from '../support/servers/openai-server';
import { startVendors, type Vendors } from '../support/vendors';
import { answerApproval, browserNames, type Oriel, openOriel, settled, start } from './support/oriel';

describe.each(browserNames)('%s', (name) => {
  const hosts = new Map<string, number>();
  let vendors: Vendors;
  let oriel: Oriel;

  beforeAll(async () => {
    vendors = await startVendors(hosts);
    oriel = await openOriel(name, {}, { vendors });
  });
  afterAll(async () => {
    await oriel?.close();
    await vendors?.close();
  });

  test('OpenAI', async () => {
    const server = await startOpenAiServer({ apiKey: 'sk-test-0123456789', models: ['gpt-4o-mini'] });
    hosts.set('api.openai.com', server.fault.port);
    await oriel.connect({ provider: 'OpenAI', name: 'OpenAI', address: undefined, key: 'sk-test-0123456789' });
    const page = await oriel.visit();
    const call = await start(page, { prompt: 'Hi' });
    await answerApproval(oriel.browser, 'Allow this visit');
    expect(await settled(page, call)).toMatchObject({ state: 'resolved', value: [{ text: 'You said: Hi' }] });
    await page.close();
    await server.close();
  });
});
