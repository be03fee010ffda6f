/** The conversation that a person keeps: there until they take that back, on disk only encrypted, and for nobody while the vault is locked. */
import { beforeEach, expect, test } from 'vitest';
import type { KeptTurn } from '../../protocol/chat';
import { limits } from '../../protocol/limits';
import { type Background, createBackground, type Screen } from './support/background';
import { dumpOf } from './support/database';
import { keyFrom, protection } from './support/vault';

const turns: readonly KeptTurn[] = [
  { type: 'question', text: 'ASKED' },
  { type: 'answer', model: 'gpt-5-mini', text: 'ANSWERED', reasoning: 'THOUGHT', reason: 'stop' },
];

let background: Background;
let screen: Screen;
beforeEach(() => {
  background = createBackground();
  screen = background.screen();
});

const kept = async () => (await screen.call('chat-kept', {}))?.turns;
const chatKeys = () => background.database.secrets.where('connectionId').startsWith('chat ').count();

test('nothing is kept that nobody asked for, and forgetting nothing is no error', async () => {
  expect(await kept()).toBeUndefined();
  await screen.call('chat-forget', {});
  expect(await chatKeys()).toBe(0);
});

test('what is kept outlives the background, takes the place of what was kept before, and lies on the disk only encrypted', async () => {
  await screen.call('chat-keep', { turns: turns.slice(0, 1) });
  await screen.call('chat-keep', { turns });
  background.restart();
  screen = background.screen();
  expect(await kept()).toEqual(turns);
  expect(await chatKeys()).toBe(1);
  const disk = await dumpOf(background.database);
  for (const word of ['ASKED', 'ANSWERED', 'THOUGHT']) expect(disk).not.toContain(word);
});

test('what is forgotten is gone with its key, also where it was just being written', async () => {
  const written = screen.call('chat-keep', { turns });
  await screen.call('chat-forget', {});
  await written;
  expect(await kept()).toBeUndefined();
  expect(await chatKeys()).toBe(0);
});

test('what another window has kept or forgotten since is neither written over nor forgotten, unless the person keeps this one instead', async () => {
  const mine = await screen.call('chat-keep', { turns: turns.slice(0, 1) });
  const found = await screen.call('chat-kept', {});
  expect(found).toEqual({ turns: turns.slice(0, 1), stamp: mine });
  const theirs = await screen.call('chat-keep', { turns, over: found?.stamp });
  expect(theirs).toEqual(expect.any(String));
  expect(await screen.call('chat-keep', { turns: [], over: mine })).toBeUndefined();
  await screen.call('chat-forget', { over: mine });
  expect(await kept()).toEqual(turns);
  await screen.call('chat-forget', { over: theirs });
  expect(await screen.call('chat-keep', { turns, over: theirs })).toBeUndefined();
  expect(await kept()).toBeUndefined();
  await screen.call('chat-keep', { turns });
  expect(await kept()).toEqual(turns);
});

test('a locked vault gives nothing and takes nothing; a new passphrase opens what was kept before it', async () => {
  await screen.call('chat-keep', { turns });
  await screen.call('vault-protect', { next: protection(1) });
  expect(await kept()).toEqual(turns);
  await screen.call('vault-lock', {});
  await expect(kept()).rejects.toMatchObject({ code: 'invalid-state' });
  await expect(screen.call('chat-keep', { turns: [] })).rejects.toMatchObject({ code: 'invalid-state' });
  await screen.call('vault-unlock', { key: keyFrom(1) });
  expect(await kept()).toEqual(turns);
});

test('a reset of the vault takes it along', async () => {
  await screen.call('chat-keep', { turns });
  await screen.call('vault-protect', { next: protection(1) });
  await screen.call('vault-reset', {});
  expect(await kept()).toBeUndefined();
  expect(await background.database.chats.count()).toBe(0);
});

test('one whose key is lost, or that was changed, is as good as gone, and another can be kept', async () => {
  await screen.call('chat-keep', { turns });
  const record = await background.database.chats.get('kept');
  await background.database.chats.update('kept', { iv: new Uint8Array(12) });
  expect(await kept()).toBeUndefined();
  await background.database.secrets.delete(record?.keyId as never);
  expect(await kept()).toBeUndefined();
  await screen.call('chat-keep', { turns });
  expect(await kept()).toEqual(turns);
});

test('it is bounded, and nothing but turns is taken', async () => {
  const many = Array.from({ length: limits.keptTurns + 1 }, () => turns[0] as KeptTurn);
  await expect(screen.call('chat-keep', { turns: many })).rejects.toMatchObject({ code: 'invalid-request' });
  const odd = [{ ...turns[0], more: 1 }] as unknown as readonly KeptTurn[];
  await expect(screen.call('chat-keep', { turns: odd })).rejects.toMatchObject({ code: 'invalid-request' });
});
