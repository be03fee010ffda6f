/** What every backend has to go through: the form, a page's question, the approval, the answer, a stop in the middle, and being off. */

import { performance } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import type { TestPage } from '../../support/browser';
import type { FaultServer } from '../../support/faultd';
import { stopsWithin } from './limits';
import { answerApproval, type Call, callOf, type Oriel, settled, start, until } from './oriel';

/** A stand-in as the tests of all rows need it. */
export interface StandIn {
  readonly fault: FaultServer;
  /** What a person types; absent where the vendor's host is fixed. */
  readonly address?: string;
  /** The bodies of the generations that were accepted, in order. */
  readonly accepted: readonly unknown[];
  /** From now on it says this, so many milliseconds a word. */
  say(text: string, wordMs?: number): void;
  close(): Promise<void>;
}

export interface Backend<Server extends StandIn = StandIn> {
  /** As the form lists it. */
  readonly provider: string;
  /** What the tests call it, where the provider alone does not say it. */
  readonly title?: string;
  /** Where the approval says that it answers. */
  readonly place: string;
  /** The model that answers where nobody chose one, as the approval names it. */
  readonly model: string;
  readonly key?: string;
  /** A wrong key is told at the form in other words than "rejected your key". */
  readonly refusal?: RegExp;
  /** The whole answer comes at once. */
  readonly isWhole?: boolean;
  /** Vendors' hosts that the stand-in plays. */
  readonly hosts?: readonly string[];
  /** @param key that it wants from now on; empty where the row has none */
  start(key: string): Promise<Server>;
  /** How a stop reaches it, in milliseconds from `since`, where that is not by its closed socket. */
  stopped?(server: StandIn, since: number): Promise<number>;
}

/** A backend in one browser, and what the tests of its row do with it. */
export interface Bench<Server extends StandIn> {
  readonly server: Server;
  readonly oriel: Oriel;
  /** A page that may ask this backend without an approval. */
  visit(): Promise<TestPage>;
  /** One call of such a page, to its end. */
  ask(text?: string, timeoutMs?: number): Promise<Call>;
}

interface Place {
  readonly oriel: () => Oriel;
  readonly hosts: Map<string, number>;
}

const system = 'You are a guide.';
const question = 'Which river flows through Vienna?';
const answer = 'The Danube flows through Vienna.';

/** The tests that every row passes. Gives access to what they set up, for tests of the row's own after them. */
export function testBackend<Server extends StandIn>(backend: Backend<Server>, { oriel, hosts }: Place): () => Bench<Server> {
  const { key, model } = backend;
  const title = titleOf(backend);
  const site = `${title.replace(/\W+/g, '-').replace(/-+$/, '').toLowerCase()}.localhost`;
  let server: Server;
  const visit = () => oriel().visit(site);
  const ask = async (text = question, timeoutMs?: number) => {
    const page = await visit();
    const call = await settled(page, await start(page, { prompt: text }, {}, { streams: true }), timeoutMs);
    await page.close();
    return call;
  };

  test(`${title}: connected in the form${key === undefined ? '' : ', which tells a wrong key and keeps what was typed'}`, async () => {
    server = await backend.start(key ?? '');
    for (const host of backend.hosts ?? []) hosts.set(host, server.fault.port);
    await connect(oriel(), backend, server.address);
  });

  test(`${title}: a page's chat is answered once the person allowed it`, async () => {
    server.say(answer);
    const page = await visit();
    const messages = [
      { role: 'system', content: system },
      { role: 'user', content: question },
    ];
    const call = await start(page, { messages }, {}, { streams: true });
    const approval = await oriel().browser.waitForPage('approval.html', 10_000);
    await approval.waitForText(`Answered by ${model} · ${connectionName(backend)} · ${backend.place}`);
    await answerApproval(oriel().browser, 'Always allow');
    const { stream, ...outcome } = await settled(page, call);
    expect(outcome).toMatchObject({ state: 'resolved', value: [{ message: { role: 'assistant', content: answer } }] });
    expect(stream.map(([result]) => result?.message?.content).join('')).toBe(answer);
    const sent = JSON.stringify(server.accepted.at(-1));
    expect(sent).toContain(system);
    expect(sent).toContain(question);
    await page.close();
  });

  test(`${title}: a page's stop reaches it within ${stopsWithin} ms`, async () => {
    server.say('word '.repeat(200), 30);
    const page = await visit();
    const before = server.accepted.length;
    const call = await start(page, { prompt: question }, {}, { streams: true });
    await until(async () => server.accepted.length > before);
    if (!backend.isWhole) await until(async () => (await callOf(page, call)).stream.length > 1);
    const request = server.fault.requests.findLastIndex(({ method }) => method === 'POST');
    const since = performance.now();
    await page.evaluate(
      (id: string) => (globalThis as unknown as { aborts: Record<string, AbortController> }).aborts[id]?.abort(),
      call,
    );
    const stopped = backend.stopped ?? ((_server: StandIn, from: number) => server.fault.closedAfter(request, from));
    expect(await stopped(server, since)).toBeLessThan(stopsWithin);
    expect(await settled(page, call)).toMatchObject({ state: 'rejected', error: expect.stringMatching(/abort/i) });
    await page.close();
  });

  return () => ({ server, oriel: oriel(), visit, ask });
}

/** The last test of a row: its server goes away. */
export function testOff<Server extends StandIn>(backend: Backend<Server>, bench: () => Bench<Server>): void {
  test(`${titleOf(backend)}: when it is off, the page gets a code and the person hears who could not be reached`, async () => {
    const { server, oriel, ask } = bench();
    await server.close();
    expect(await ask(undefined, 20_000)).toMatchObject({ state: 'rejected', error: 'NOT_AUTHENTICATED' });
    const options = await oriel.browser.newPage(oriel.browser.extensionUrl('options.html#connections'));
    const { address } = server;
    await options.waitForText(
      address === undefined ? `${backend.hosts?.[0]} cannot be reached` : `Nothing answers at ${new URL(address).host}`,
    );
    await options.close();
  });
}

const titleOf = ({ title, provider }: Pick<Backend, 'provider' | 'title'>) => title ?? provider;
const connectionName = (backend: Pick<Backend, 'provider' | 'title'>) => `My ${titleOf(backend)}`;

/** As a person does it; where there is a key, first with a wrong one. */
async function connect({ browser }: Oriel, backend: Backend, address: string | undefined): Promise<void> {
  const { provider, key, refusal } = backend;
  const name = connectionName(backend);
  const options = await browser.newPage(browser.extensionUrl('options.html#connections/add'));
  try {
    await options.select('Provider', provider);
    await options.fill('Name', name);
    if (address !== undefined) await options.fill('Server address', address);
    if (key !== undefined) {
      await options.fill('API key', `${key.slice(0, -4)}0000`);
      await options.click('button', 'Connect');
      await options.waitForText(refusal ?? `${name} rejected your key.`);
      await options.fill('API key', key);
    }
    await options.click('button', 'Connect');
    await options.waitForNoRole('dialog');
    const row = { within: { role: 'article', name } };
    await options.waitForRole('button', 'Test', row);
    if (await options.hasRole('button', 'Use', row)) await options.click('button', 'Use', row);
    await options.waitForNoRole('button', 'Use', row);
    expect(await options.evaluate('document.documentElement.outerHTML')).not.toContain(key ?? 'no key');
  } finally {
    await options.close();
  }
}
