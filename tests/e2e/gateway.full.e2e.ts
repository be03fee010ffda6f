/**
 * A team's gateway: LiteLLM's proxy before two llama.cpp servers, all of them real. One server dies in mid-answer, then the other, then the gateway; what a
 * page sees of that, and what a site's fallback adds. docs/beyond-one-machine.md tells it to people.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
// @ts-expect-error: a script without types
import { liteLlm, llamaServer } from '../../scripts/real-servers.mjs';
import { type RealServer, startLiteLlm, startRealServer } from '../support/real-server';
import { answerApproval, browserNames, callOf, type Oriel, openOriel, settled, start, until } from './support/oriel';
import { changeRules } from './support/rules';

type Found = { readonly path: string; readonly missing?: never } | { readonly missing: string };
const programs: readonly [llama: Found, gateway: Found] = [llamaServer(), liteLlm()];

const startLlama = (program: string) =>
  startRealServer(
    program,
    // The toy model says some 300 tokens a second: an answer of 3000 lasts long enough to die in.
    (model, port) => `-m ${model} --host 127.0.0.1 --port ${port} -c 8192 -t 1 -np 2 --api-key secret --metrics`.split(' '),
    '/health',
  );

const read = async ({ origin }: RealServer, path: string) =>
  (await fetch(origin + path, { headers: { authorization: 'Bearer secret' } })).text();
const tokensOf = async (server: RealServer) =>
  Number(/^llamacpp:tokens_predicted_total (\d+)/m.exec(await read(server, '/metrics'))?.[1]);
const isAnswering = async (server: RealServer) => (await read(server, '/slots')).includes('"is_processing":true');

const hello = /^\s?Hello from the tiny model/;
const host = 'team.localhost';

describe.each(browserNames)('%s', (name) => {
  let oriel: Oriel;
  let servers: RealServer[] = [];
  let gateway: RealServer;
  const said = async (maxTokens = 16) => {
    const page = await oriel.visit(host);
    const call = await settled(page, await start(page, { prompt: 'Hi' }, { maxTokens }), 60_000);
    await page.close();
    return call;
  };
  const answered = { state: 'resolved', value: [{ text: expect.stringMatching(hello) }] };

  beforeAll(async () => {
    const [llama, proxy] = programs;
    if (llama.missing !== undefined || proxy.missing !== undefined) return;
    servers = await Promise.all([startLlama(llama.path), startLlama(llama.path)]);
    gateway = await startLiteLlm(proxy.path, ...servers);
    oriel = await openOriel(name);
    await oriel.connect({ provider: 'LiteLLM', name: 'Team', address: `${gateway.origin}/v1`, key: 'secret' });
    await oriel.connect({ name: 'Standing by' });
    oriel.backend.set({ answer: () => 'Standing by.' });
    const page = await oriel.visit(host);
    const call = await start(page, { prompt: 'Hi' }, { maxTokens: 1 });
    await answerApproval(oriel.browser, 'Always allow');
    await settled(page, call);
    await page.close();
    await changeRules(oriel, host, (settings) => settings.select('Connection', 'Team'));
  }, 240_000);
  afterAll(async () => {
    await oriel?.close();
    for (const server of [gateway, ...servers]) server?.close();
  });
  beforeEach(({ skip }) => {
    const { missing } = programs.find((program) => program.missing !== undefined) ?? {};
    if (missing !== undefined) skip(missing);
  });

  test('the gateway spreads pages’ requests over both servers, which no page can tell', async () => {
    await until(async () => {
      expect(await said()).toMatchObject(answered);
      return (await Promise.all(servers.map(tokensOf))).every((tokens) => tokens > 0);
    }, 60_000);
  });

  test('a server that dies in mid-answer ends that answer with an error, and nothing is asked again; the next one comes from the other server', async () => {
    const page = await oriel.visit(host);
    const call = await start(page, { prompt: 'Hi' }, { maxTokens: 3000 }, { streams: true });
    const dying = await until(async () => {
      if ((await callOf(page, call)).stream.length === 0) return undefined;
      for (const server of servers) if (await isAnswering(server)) return server;
    }, 30_000);
    const other = servers.find((server) => server !== dying) as RealServer;
    const before = await tokensOf(other);
    dying.close();
    const broken = await settled(page, call, 30_000);
    expect(broken.state).toBe('rejected');
    expect(String(broken.error)).toMatch(/^[A-Z_]+/);
    expect(broken.error).not.toContain('127.0.0.1');
    const { stream } = await callOf(page, call);
    expect(stream.map(([result]) => result?.text ?? '').join('')).toMatch(hello);
    expect(await tokensOf(other)).toBe(before);
    await page.close();

    for (let more = 0; more < 4; more += 1) expect(await said()).toMatchObject(answered);
    expect(await tokensOf(other)).toBeGreaterThan(before);
  });

  test('with no server left behind the gateway the page hears that, unless its person named who stands in', async () => {
    for (const server of servers) server.close();
    const { state, error } = await said();
    // A failure of the proxy's, or its word that it has nobody left just now: which of them hangs on which server it tried.
    expect([state, error]).toEqual(['rejected', expect.stringMatching(/^(NOT_AUTHENTICATED$|MODEL_REJECTED_REQUEST: 429)/)]);
    await changeRules(oriel, host, (settings) => settings.select('Add a connection', 'Standing by'));
    expect(await said()).toMatchObject({ state: 'resolved', value: [{ text: 'Standing by.' }] });
  });

  test('when the gateway itself is gone, whoever stands in answers', async () => {
    gateway.close();
    expect(await said()).toMatchObject({ state: 'resolved', value: [{ text: 'Standing by.' }] });
  });
});
