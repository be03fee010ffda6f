/** The list of connections as the person arranges it. */
import { beforeEach, expect, test } from 'vitest';
import type { ConnectionId } from '../../protocol/ids';
import { type Background, createBackground, type Screen, serverAddress, serverKey } from './support/background';
import { dumpOf } from './support/database';
import { eventually } from './support/eventually';
import { keyFrom, protection } from './support/vault';

let background: Background;
let screen: Screen;
beforeEach(() => {
  background = createBackground();
  screen = background.screen();
});

const add = async (name: string, key: string | undefined = serverKey) => {
  background.now += 1;
  const { id } = await screen.call('connection-add', { providerId: 'openai-compatible', baseUrl: serverAddress, name, key });
  return id;
};
const overview = () => screen.call('overview', {});
const names = async () => (await overview()).connections.map(({ name }) => name);
const move = (id: ConnectionId, direction: 'up' | 'down') => screen.call('connection-move', { id, direction });
/** The keys that were sent with completions, when this connection answers. */
const keyUsedBy = async (id: ConnectionId) => {
  const before = background.backend.sent.length;
  await screen.call('connection-test', { id });
  return background.backend.sent[before]?.headers.authorization;
};

test('connections stand in the order in which they were made, until one is moved; new ones come last', async () => {
  const [a, , c] = [await add('a'), await add('b'), await add('c')];
  expect(await names()).toEqual(['a', 'b', 'c']);
  await move(c, 'up');
  await move(c, 'up');
  expect(await names()).toEqual(['c', 'a', 'b']);
  await move(a, 'down');
  expect(await names()).toEqual(['c', 'b', 'a']);
  await add('d');
  background.restart();
  screen = background.screen();
  expect(await names()).toEqual(['c', 'b', 'a', 'd']);
});

test('at an end of the list there is nowhere to go, and what is gone cannot be moved', async () => {
  const [a, b] = [await add('a'), await add('b')];
  await move(a, 'up');
  await move(b, 'down');
  expect(await names()).toEqual(['a', 'b']);
  await expect(move('gone' as ConnectionId, 'up')).rejects.toMatchObject({ code: 'invalid-request' });
});

test('a copy stands after the first one, has its settings, its key and a name of its own, and is not the active one', async () => {
  const [a] = [await add('a'), await add('b')];
  await screen.call('connection-update', { id: a, defaultModel: 'm-2', options: { samplers: { temperature: 0.5 } } });
  const { id } = await screen.call('connection-duplicate', { id: a });
  const { connections, activeConnection } = await overview();
  expect(connections.map(({ name }) => name)).toEqual(['a', 'a 2', 'b']);
  const [first, copy] = connections;
  expect(copy).toEqual({ ...first, id, name: 'a 2' });
  expect(activeConnection).toBe(a);
  expect(await keyUsedBy(id)).toBe(`Bearer ${serverKey}`);
  await screen.call('connection-update', { id, key: 'sk-another-key-of-the-copy' });
  expect([await keyUsedBy(a), await keyUsedBy(id)]).toEqual([`Bearer ${serverKey}`, 'Bearer sk-another-key-of-the-copy']);
  expect(await dumpOf(background.database)).not.toContain(serverKey);
});

test('a connection without a key is copied without one, and what is gone not at all', async () => {
  const a = await add('a', '');
  const { id } = await screen.call('connection-duplicate', { id: a });
  expect((await overview()).connections[1]).not.toHaveProperty('keyEnding', expect.anything());
  expect(await keyUsedBy(id)).toBeUndefined();
  await expect(screen.call('connection-duplicate', { id: 'gone' as ConnectionId })).rejects.toMatchObject({
    code: 'invalid-request',
  });
});

test('the same provider twice has two names, also where none was typed', async () => {
  for (const _ of [1, 2]) {
    background.now += 1;
    await screen.call('connection-add', { providerId: 'openai-compatible', baseUrl: serverAddress });
  }
  expect(await names()).toEqual(['OpenAI-compatible server', 'OpenAI-compatible server 2']);
});

test('a removed connection is gone with its key, and comes back with it, where it was and as the active one', async () => {
  const [a, b] = [await add('a'), await add('b')];
  await move(b, 'up');
  await screen.call('connection-use', { id: b });
  const { undo } = await screen.call('connection-remove', { id: b });
  expect(await overview()).toMatchObject({ activeConnection: a, connections: [{ id: a }] });
  expect(await background.database.secrets.count()).toBe(1);
  await screen.call('connection-restore', { undo });
  expect(await overview()).toMatchObject({ activeConnection: b, connections: [{ id: b }, { id: a }] });
  expect(await keyUsedBy(b)).toBe(`Bearer ${serverKey}`);
  await expect(screen.call('connection-restore', { undo })).rejects.toMatchObject({ code: 'invalid-state' });
});

test('the last connection and one without a key come back too', async () => {
  const a = await add('a', '');
  const { undo } = await screen.call('connection-remove', { id: a });
  expect((await overview()).activeConnection).toBeUndefined();
  await screen.call('connection-restore', { undo });
  expect((await overview()).activeConnection).toBe(a);
});

test('a key that came back after the passphrase was changed does not open, and the connection asks for it', async () => {
  const [a] = [await add('a'), await add('b')];
  const { undo } = await screen.call('connection-remove', { id: a });
  await screen.call('vault-protect', { next: protection(1) });
  await screen.call('connection-restore', { undo });
  expect(await keyUsedBy(a)).toBeUndefined();
  await screen.call('vault-lock', {});
  await screen.call('vault-unlock', { key: keyFrom(1) });
});

test('an export has the connections in their order', async () => {
  const [, b] = [await add('a'), await add('b')];
  await move(b, 'up');
  const file = await screen.call('vault-export', { next: protection(2), withSites: false });
  const other = createBackground();
  await other.screen().call('vault-import', { file, key: keyFrom(2), withSites: false });
  await eventually(async () =>
    expect((await other.screen().call('overview', {})).connections.map(({ name }) => name)).toEqual(['b', 'a']),
  );
});
