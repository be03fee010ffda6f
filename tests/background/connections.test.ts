import { beforeEach, expect, test, vi } from 'vitest';
import { createBreaker } from '../../background/breaker';
import type { OriginRule } from '../../background/browser-api';
import { rowOfConnection } from '../../background/connection-state';
import { type Connections, createConnections } from '../../background/connections';
import type { Database } from '../../background/database';
import { createEgress } from '../../background/egress';
import { createEngine } from '../../background/engine';
import { createGrants } from '../../background/grants';
import { createRouter } from '../../background/router';
import { createRules } from '../../background/rules';
import { createSiteRecords } from '../../background/site-records';
import { createUndo } from '../../background/undo';
import { unlistedModel } from '../../background/unlisted-model';
import { AiError, backendError, type Fault, faultCodes } from '../../protocol/errors';
import { toConnectionId } from '../../protocol/ids';
import { createArea } from './support/area';
import { type Backend, createBackend, failing } from './support/backend';
import { dumpOf, newDatabase } from './support/database';
import { createStore } from './support/device';
import { eventually } from './support/eventually';
import { createHolds } from './support/keep-alive';
import { noEngine, onDemandWith } from './support/on-demand';
import { pageOf } from './support/pages';
import { noSocket } from './support/sockets';
import { createTestVault } from './support/vault';

const key = 'sk-CANARY-0123456789';
const server = { providerId: 'openai-compatible', baseUrl: 'http://127.0.0.1:8080' };

let database: Database;
let backend: Backend;
let now: number;
let rules: (readonly OriginRule[])[];
let setRules: ((next: readonly OriginRule[]) => Promise<void>) | undefined;
let onChange: ReturnType<typeof vi.fn<() => void>>;
let connections: Connections;

beforeEach(() => {
  database = newDatabase();
  backend = createBackend();
  now = 1000;
  rules = [];
  setRules = async (next) => void rules.push(next);
  onChange = vi.fn();
  connections = create();
});

const create = () => {
  const { vault, redactor } = createTestVault(database);
  return createConnections({
    undo: createUndo(createHolds()),
    breaker: createBreaker(() => now),
    ...onDemandWith(createStore()),
    database,
    vault,
    redactor,
    egress: createEgress({ fetch: backend.fetch, openSocket: noSocket, vault }),
    engine: createEngine({ files: async () => createStore(), open: undefined, own: noEngine }),
    setOriginRules: setRules && ((next) => setRules?.(next) ?? Promise.resolve()),
    now: () => now++,
    onChange,
  });
};

/** Who answers a site without rules. */
const route = async (of: Connections) => {
  const router = createRouter({
    connections: of,
    grants: createGrants({ database, session: createArea(), now: () => now }),
    rules: createRules(createSiteRecords(database)),
  });
  const [choice] = await router.plan(pageOf(), undefined);
  if (!choice) throw new AiError('not-allowed', 'Nobody answers.');
  return router.open(choice, pageOf().subject);
};

const record = async (id: string) => {
  const found = await database.connections.get(toConnectionId(id));
  if (!found) throw new Error('There is no connection.');
  return found;
};
const lastKey = () => backend.sent.at(-1)?.headers.authorization;

test('a connection is saved, tested, and the first is active with its first model', async () => {
  const added = await connections.add({ ...server, key });
  expect(added).toMatchObject({ type: 'connected', models: [{ id: 'm-1' }, { id: 'm-2' }] });
  expect(await connections.active()).toEqual({
    id: added.id,
    providerId: 'openai-compatible',
    name: 'OpenAI-compatible server',
    baseUrl: 'http://127.0.0.1:8080/v1',
    defaultModel: 'm-1',
    known: { id: 'm-1', name: 'm-1' },
    keyEnding: '6789',
    createdAt: 1000,
  });
  expect(lastKey()).toBe(`Bearer ${key}`);
});

test('the second connection is saved and not active', async () => {
  const first = await connections.add(server);
  const second = await connections.add({ ...server, name: '  Mine  ', defaultModel: ' m-2 ' });
  expect((await connections.active())?.id).toBe(first.id);
  expect(await record(second.id)).toMatchObject({ name: 'Mine', defaultModel: 'm-2' });
  expect((await connections.list()).map(({ id }) => id)).toEqual([first.id, second.id]);
});

test('a chosen connection stays chosen over a restart', async () => {
  await connections.add(server);
  const second = await connections.add(server);
  await connections.use(second.id);
  connections = create();
  expect((await connections.active())?.id).toBe(second.id);
});

test('a test that fails keeps what was typed, and marks the connection', async () => {
  backend.list = () => Promise.reject(new TypeError('fetch failed'));
  const added = await connections.add({ ...server, key, name: 'Mine' });
  expect(added).toMatchObject({ type: 'failed', error: { code: 'unavailable', fault: 'network' } });
  expect(await record(added.id)).toMatchObject({ name: 'Mine', keyEnding: '6789', attention: { fault: 'network' } });
  expect((await connections.active())?.id).toBe(added.id);
});

test('a test that succeeds clears the mark', async () => {
  backend.list = () => failing(401, { message: 'No such key' });
  const { id } = await connections.add({ ...server, key });
  expect(await record(id)).toMatchObject({ attention: { fault: 'auth', status: 401 } });
  backend.list = undefined;
  expect(await connections.test(id)).toMatchObject({ type: 'connected' });
  expect((await record(id)).attention).toBeUndefined();
});

test('a test says when the list does not name the chosen model, and stays a success', async () => {
  const { id, ...added } = await connections.add({ ...server, key, defaultModel: 'mine' });
  expect(added).toMatchObject({ type: 'connected', unlistedModel: 'mine' });
  await connections.useModel(id, 'm-2');
  expect(await connections.test(id)).toMatchObject({ type: 'connected', unlistedModel: undefined });
});

test.each([
  ['as it is written', 'm', ['other', 'm'], undefined],
  ['by a variant of it', 'vendor/m:online', ['vendor/m'], undefined],
  ['with the tag that is left out', 'llama3', ['llama3:latest'], undefined],
  ['by its date', 'claude-x', ['claude-x-20250929'], undefined],
  ['in no way', 'gpt-5', ['gpt-5-mini', 'gpt-4'], 'gpt-5'],
  ['in no way where nothing is told', 'gpt-5', [], undefined],
  ['while none is chosen', undefined, ['m'], undefined],
])('a model is told to be unlisted, where it is listed %s', (_how, model, listed, expected) => {
  expect(
    unlistedModel(
      model,
      listed.map((id) => ({ id, name: id })),
    ),
  ).toBe(expected);
});

test('a server that says nothing is a timeout', async () => {
  vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(AbortSignal.abort(new DOMException('', 'TimeoutError')));
  expect(await connections.add(server)).toMatchObject({ type: 'failed', error: { code: 'timeout', fault: 'timeout' } });
});

test.each<[string, Parameters<Connections['add']>[0], string]>([
  ['an unknown provider', { providerId: 'nobody' }, 'providerId'],
  ['a missing address', { providerId: 'openai-compatible' }, 'baseUrl'],
  ['a bad address', { ...server, baseUrl: 'ftp://x' }, 'baseUrl'],
  ['a missing key', { providerId: 'openai' }, 'key'],
  ['a blank key', { providerId: 'openai', key: '  ' }, 'key'],
  ['a key that is no header', { ...server, key: 'sk-\n-1' }, 'key'],
])('%s is refused at its field, and nothing is saved', async (_name, input, field) => {
  await expect(connections.add(input)).rejects.toMatchObject({ code: 'invalid-request', field });
  expect(await connections.list()).toEqual([]);
  expect(await connections.active()).toBeUndefined();
  expect(backend.sent).toEqual([]);
});

test('a vendor’s connection has no address of its own, whatever was typed', async () => {
  const { id } = await connections.add({ providerId: 'openai', key, baseUrl: 'https://evil.test' });
  expect((await record(id)).baseUrl).toBeUndefined();
  expect(backend.sent.every(({ url }) => url.startsWith('https://api.openai.com/v1/'))).toBe(true);
});

test('the vendor’s suggestion is the first model where the backend has it', async () => {
  const row = rowOfConnection({ providerId: 'openai' });
  const [suggested] = row.suggestedModels ?? [];
  if (suggested === undefined) return;
  backend.models = ['aaa', suggested];
  const { id } = await connections.add({ providerId: 'openai', key });
  expect((await record(id)).defaultModel).toBe(suggested);
});

test('a chosen model outlives a test whose list does not have it', async () => {
  const { id } = await connections.add(server);
  await connections.useModel(id, 'mine');
  await connections.test(id);
  expect((await record(id)).defaultModel).toBe('mine');
});

test('an update changes what was typed and leaves the rest', async () => {
  const { id } = await connections.add({ ...server, key, name: 'Mine' });
  await connections.update({ id, defaultModel: 'm-2' });
  expect(await record(id)).toMatchObject({
    name: 'Mine',
    defaultModel: 'm-2',
    keyEnding: '6789',
    baseUrl: 'http://127.0.0.1:8080/v1',
  });
  await connections.update({ id, name: ' ', key: 'another-key-1234' });
  expect(await record(id)).toMatchObject({ name: 'Mine', keyEnding: '1234' });
  expect(lastKey()).toBe('Bearer another-key-1234');
});

test('an emptied model is chosen anew, an emptied key is removed', async () => {
  const { id } = await connections.add({ ...server, key, defaultModel: 'gone' });
  await connections.update({ id, defaultModel: '', key: '' });
  expect((await record(id)).defaultModel).toBe('m-1');
  expect((await record(id)).keyEnding).toBeUndefined();
  expect(lastKey()).toBeUndefined();
  expect(await database.secrets.count()).toBe(0);
});

test('T50 a key does not follow to another origin: it is typed again', async () => {
  const { id } = await connections.add({ ...server, key });
  await connections.update({ id, baseUrl: 'https://evil.test' });
  expect((await record(id)).keyEnding).toBeUndefined();
  const toThief = backend.sent.filter(({ url }) => url.startsWith('https://evil.test'));
  expect(toThief.length).toBeGreaterThan(0);
  const received = JSON.stringify(toThief);
  for (const written of [key, btoa(key), btoa(`:${key}`), btoa(`Bearer ${key}`), encodeURIComponent(key), key.slice(-4)])
    expect(received).not.toContain(written.replaceAll('=', ''));
  await connections.update({ id, baseUrl: server.baseUrl });
  expect(lastKey()).toBeUndefined();
});

test('T50 a key that was typed with the new origin goes there', async () => {
  const { id } = await connections.add({ ...server, key });
  await connections.update({ id, baseUrl: 'https://new.test', key: 'new-key-for-there' });
  expect(lastKey()).toBe('Bearer new-key-for-there');
});

test('a key stays at another path of the same origin', async () => {
  const { id } = await connections.add({ ...server, key });
  await connections.update({ id, baseUrl: 'http://127.0.0.1:8080/other/v1' });
  expect(lastKey()).toBe(`Bearer ${key}`);
  expect((await record(id)).keyEnding).toBe('6789');
});

test('an update that is refused changes nothing', async () => {
  const { id } = await connections.add({ ...server, key });
  const before = await record(id);
  await expect(connections.update({ id, name: 'x', baseUrl: 'ftp://x' })).rejects.toMatchObject({ field: 'baseUrl' });
  await expect(connections.update({ id, name: 'x', key: 'ключ' })).rejects.toMatchObject({ field: 'key' });
  expect(await record(id)).toEqual(before);
});

test('no record and no answer holds a key', async () => {
  const added = await connections.add({ ...server, key });
  const updated = await connections.update({ id: added.id, name: 'Mine' });
  expect(JSON.stringify([added, updated, await connections.list()])).not.toContain('CANARY');
  expect(await dumpOf(database)).not.toContain('CANARY');
});

test.each(['abcd', 'password', 'elevenchars'])('of the short key %s not even the ending is kept', async (short) => {
  const { id } = await connections.add({ ...server, key: short });
  expect((await record(id)).keyEnding).toBe('');
  expect(await dumpOf(database)).not.toContain(short.slice(-4));
  expect(lastKey()).toBe(`Bearer ${short}`);
});

test('removing takes the key along, and the next connection answers', async () => {
  const first = await connections.add({ ...server, key });
  const second = await connections.add(server);
  await connections.remove(first.id);
  expect(await database.secrets.count()).toBe(0);
  expect((await connections.active())?.id).toBe(second.id);
  await connections.remove(second.id);
  expect(await connections.active()).toBeUndefined();
  expect(await connections.list()).toEqual([]);
});

test('nobody’s words go to volunteers because another connection is gone: that is for the person to choose', async () => {
  const first = await connections.add(server);
  await connections.add({ providerId: 'ai-horde' });
  await connections.remove(first.id);
  expect(await connections.active()).toBeUndefined();
  await connections.add(server);
  const { id } = await connections.add({ ...server, name: 'Next' });
  expect((await connections.active())?.name).toBe('OpenAI-compatible server');
  await connections.remove((await connections.active())?.id ?? id);
  expect((await connections.active())?.id).toBe(id);
});

test('removing another connection leaves the active one', async () => {
  const first = await connections.add(server);
  const second = await connections.add(server);
  await connections.remove(second.id);
  expect((await connections.active())?.id).toBe(first.id);
});

test('what is gone cannot be used', async () => {
  const id = toConnectionId('gone');
  const uses = [
    () => connections.use(id),
    () => connections.useModel(id, 'm'),
    () => connections.models(id),
    () => connections.update({ id }),
  ];
  for (const use of uses) await expect(use()).rejects.toMatchObject({ code: 'invalid-request' });
  expect(await connections.test(id)).toMatchObject({ type: 'failed', error: { code: 'invalid-request' } });
  await expect(connections.used(id, undefined)).resolves.toBeUndefined();
});

const lasting = [
  'auth',
  'forbidden',
  'origin-refused',
  'host-refused',
  'payment',
  'model-not-found',
  'no-model',
  'network',
  'site-access',
  'redirect',
  'content-type',
  'secret-missing',
  'engine',
];

test.each(Object.keys(faultCodes) as Fault[])(
  'a use that failed by %s marks the connection only where somebody must mend it',
  async (fault) => {
    const { id } = await connections.add(server);
    await connections.used(id, backendError(fault, 'x', { detail: 'words' }));
    const { attention } = await record(id);
    expect(attention?.fault).toBe(lasting.includes(fault) ? fault : undefined);
  },
);

test('a use that succeeded clears the mark, an abort does not', async () => {
  const { id } = await connections.add(server);
  await connections.used(id, backendError('auth', 'x'));
  await connections.used(id, new AiError('aborted', 'x'));
  expect((await record(id)).attention).toBeDefined();
  await connections.used(id, undefined);
  expect((await record(id)).attention).toBeUndefined();
});

test('a use that went well twice writes nothing', async () => {
  const { id } = await connections.add(server);
  onChange.mockClear();
  await connections.used(id, undefined);
  expect(onChange).not.toHaveBeenCalled();
});

test('T53 servers on this computer do not see our Origin, each once, and no other server is in the rules', async () => {
  await connections.add(server);
  await connections.add({ ...server, baseUrl: 'http://localhost:8080/other' });
  await connections.add({ ...server, baseUrl: 'http://192.168.1.5:1' });
  const last = await connections.add({ ...server, baseUrl: 'http://127.0.0.1:9' });
  expect(rules.at(-1)).toEqual([{ origin: 'http://127.0.0.1:8080' }, { origin: 'http://127.0.0.1:9' }]);
  await connections.remove(last.id);
  await connections.ready();
  expect(rules.at(-1)).toEqual([{ origin: 'http://127.0.0.1:8080' }]);
});

test('a browser that has no rules is asked for none', async () => {
  setRules = undefined;
  connections = create();
  await connections.add(server);
  expect(await route(connections)).toMatchObject({ model: 'm-1' });
  expect(rules).toEqual([]);
});

test('after a wake-up the rules are set once, before the first request', async () => {
  await connections.add(server);
  rules.length = 0;
  connections = create();
  await Promise.all([route(connections), route(connections)]);
  expect(rules).toEqual([[{ origin: 'http://127.0.0.1:8080' }]]);
});

test('a model that was listed is known without asking again', async () => {
  const { id } = await connections.add(server);
  const asked = backend.sent.length;
  const known = await record(id);
  expect(connections.knownModel(known, 'm-2')).toMatchObject({ id: 'm-2' });
  expect(connections.knownModel(known, 'other')).toBeUndefined();
  expect(connections.knownModel({ ...known, id: toConnectionId('gone') }, 'm-2')).toBeUndefined();
  expect(backend.sent).toHaveLength(asked);
});

test('the chosen model and its price are known after a restart; of another, choosing it asks', async () => {
  const pricing = { prompt: '0.000002', completion: '0.000008' };
  backend.list = () => Response.json({ data: ['m-1', 'm-2'].map((id) => ({ id, pricing })) });
  const { id } = await connections.add(server);
  connections = create();
  expect(connections.knownModel(await record(id), 'm-1')).toMatchObject({ pricing: { input: 2_000_000, output: 8_000_000 } });
  expect(connections.knownModel(await record(id), 'm-2')).toBeUndefined();
  await connections.useModel(id, 'm-2');
  connections = create();
  expect(connections.knownModel(await record(id), 'm-2')).toMatchObject({ pricing: { input: 2_000_000 } });
  backend.list = () => Promise.reject(new TypeError('fetch failed'));
  await connections.useModel(id, 'm-1');
  expect(await record(id)).toMatchObject({ defaultModel: 'm-1' });
});

test('a connection of a provider that is no longer known says so', () => {
  expect(() => rowOfConnection({ providerId: 'gone' })).toThrow(expect.objectContaining({ code: 'unknown' }));
});

test('nobody answers where nothing is connected', async () => {
  await expect(route(connections)).rejects.toMatchObject({ code: 'not-allowed' });
});

test('the chosen model answers', async () => {
  const { id } = await connections.add(server);
  await connections.useModel(id, 'm-2');
  expect(await route(connections)).toMatchObject({ connection: { id }, model: 'm-2' });
});

test('a connection without a model is tested first; why that failed is the error', async () => {
  backend.list = () => failing(401, { message: 'No such key' });
  await connections.add(server);
  await expect(route(connections)).rejects.toMatchObject({ code: 'unavailable', fault: 'auth' });
  backend.list = undefined;
  expect(await route(connections)).toMatchObject({ model: 'm-1' });
});

test('a backend that names no model is said so', async () => {
  backend.models = [];
  await connections.add(server);
  await expect(route(connections)).rejects.toMatchObject({ fault: 'no-model' });
});

test('rules are set one after the other: the browser refuses an id that is set twice', async () => {
  const finish: (() => void)[] = [];
  setRules = () => new Promise<void>((resolve) => finish.push(resolve));
  const adding = Promise.all([connections.add(server), connections.add({ ...server, baseUrl: 'http://127.0.0.1:9' })]);
  for (let turns = 0; turns < 50; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(finish).toHaveLength(1);
  finish[0]?.();
  await eventually(() => expect(finish).toHaveLength(2));
  finish[1]?.();
  await adding;
});

test('rules that could not be set fail this request, and are set again for the next', async () => {
  await connections.add(server);
  connections = create();
  setRules = () => Promise.reject(new Error('busy'));
  await expect(route(connections)).rejects.toThrow('busy');
  setRules = async (next) => void rules.push(next);
  expect(await route(connections)).toMatchObject({ model: 'm-1' });
});
