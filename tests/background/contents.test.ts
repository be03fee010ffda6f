/** What was said in calls, as the person has it kept: written and read only while the vault is open, gone with its call, never of private windows. */
import { beforeEach, expect, test } from 'vitest';
import { createCallRecorder } from '../../background/call-recorder';
import { createContents } from '../../background/contents';
import { chatIdentity } from '../../background/identity';
import { limits } from '../../protocol/limits';
import type { PageCall } from '../../protocol/page-messages';
import { answering, failing } from './support/backend';
import { type Background, createBackground, type Screen, serverAddress, serverKey } from './support/background';
import { dumpOf } from './support/database';
import { eventually } from './support/eventually';
import { senderOf } from './support/pages';
import { createTestVault, keyFrom, protection } from './support/vault';

const generate = (text = 'ASKED', fields: object = {}): PageCall => ({
  type: 'generate',
  request: { messages: [{ role: 'user', content: [{ type: 'text', text }] }], ...fields },
});
const day = 86_400_000;

let background: Background;
let screen: Screen;
let calls: number;
beforeEach(() => {
  background = createBackground();
  background.backend.answer = () => answering('ANSWER ', 'ED');
  screen = background.screen();
  calls = 0;
});

const keep = (on = true) => screen.call('activity-keep-content', { on });
const entries = async () => (await screen.call('activity-list', { limit: 100 })).entries;
const contentOf = (id: number) => screen.call('activity-content', { id });
/** Makes a call and waits until it is noted. */
const ask = async (call = generate(), sender = senderOf()) => {
  const noted = (await entries()).length;
  calls += 1;
  const page = background.page(sender);
  const id = String(calls);
  page.request(id, call);
  if (calls === 1) await background.decide('allow-always');
  await page.settled(id);
  if (sender.tab?.incognito) return;
  await eventually(async () => expect(await entries()).toHaveLength(noted + 1));
};
const connectWithoutKey = () => screen.call('connection-add', { providerId: 'openai-compatible', baseUrl: serverAddress });
const rows = () => background.database.contents.toArray();
const contentKeys = () => background.database.secrets.where('connectionId').startsWith('content ').count();

test('without the person’s wish nothing of what was said is kept, and no key is made for it', async () => {
  await background.connect();
  await ask();
  expect((await entries())[0]).not.toHaveProperty('content');
  expect(await contentOf(1)).toEqual({ type: 'gone' });
  expect(await rows()).toEqual([]);
  expect(await contentKeys()).toBe(0);
});

test('kept: what was asked, what the backend was sent without the key, and what it answered; on disk only encrypted', async () => {
  await background.connect();
  await keep();
  await ask(generate('ASKED', { temperature: 0.5 }));
  expect((await entries())[0]).toMatchObject({ content: 'kept' });
  const view = await contentOf(1);
  if (view.type !== 'kept') throw new Error('It is not kept.');
  expect(view.content).toMatchObject({
    asked: [{ role: 'user', content: [{ type: 'text', text: 'ASKED' }] }],
    parameters: { temperature: 0.5 },
    answers: [{ text: 'ANSWER ED', reasoning: '', toolCalls: [] }],
    isCut: false,
  });
  expect(view.content.sent).toHaveLength(1);
  expect(JSON.parse(view.content.sent[0] ?? '')).toMatchObject({ model: 'm-1', messages: [{ content: 'ASKED' }] });
  expect(JSON.stringify(view)).not.toContain(serverKey);
  const dump = await dumpOf(background.database);
  for (const word of ['ASKED', 'ANSWER']) expect(dump).not.toContain(word);
  background.restart();
  screen = background.screen();
  expect(await contentOf(1)).toEqual(view);
});

test('a call that failed is kept with as much as there was of it', async () => {
  await background.connect();
  await keep();
  background.backend.answer = () => failing(401, { message: 'no' });
  await ask();
  expect(await contentOf(1)).toMatchObject({ type: 'kept', content: { sent: [expect.any(String)], answers: [] } });
});

test('of private windows nothing is kept', async () => {
  await background.connect();
  await keep();
  await ask();
  const page = background.page(senderOf({ origin: 'https://private.test', isPrivate: true, documentId: 'p' }));
  page.request('p', generate());
  await background.decide('allow-visit');
  await page.settled('p');
  expect(await rows()).toHaveLength(1);
  expect(await entries()).toHaveLength(1);
});

test('what is said in a private window is not even collected', async () => {
  const { database, vault } = createTestVault();
  const contents = createContents({ database, vault, createRecorder: async (asked) => createCallRecorder(asked) });
  await contents.setKept(true);
  const request = { messages: [] };
  expect(await contents.recorder(chatIdentity(true), request)).toBeUndefined();
  expect(await contents.recorder(chatIdentity(false), request)).toBeDefined();
});

test('where its key is gone, what was kept is unreadable, and what follows gets another key', async () => {
  const { database, vault } = createTestVault();
  const contents = createContents({ database, vault, createRecorder: async (asked) => createCallRecorder(asked) });
  const said = { asked: [], parameters: {}, sent: [], answers: [], isCut: false } as never;
  const first = await contents.seal(said, 1);
  await database.contents.put(first as NonNullable<typeof first>);
  expect(await contents.open(first?.id)).toMatchObject({ type: 'kept' });
  await vault.remove(first?.keyId as NonNullable<typeof first>['keyId']);
  expect(await contents.open(first?.id)).toEqual({ type: 'unreadable' });
  const second = await contents.seal(said, 2);
  expect(second?.keyId).not.toBe(first?.keyId);
});

test('a store that fails while it seals is a fault, and no locked vault', async () => {
  const { database, vault } = createTestVault();
  const broken = { ...vault, save: () => Promise.reject(new Error('disk')), seal: () => Promise.reject(new Error('disk')) };
  const contents = createContents({ database, vault: broken, createRecorder: async (asked) => createCallRecorder(asked) });
  await contents.setKept(true);
  await expect(contents.seal({ asked: [], parameters: {}, sent: [], answers: [], isCut: false } as never, 1)).rejects.toThrow(
    'disk',
  );
});

test('while the vault is locked nothing is kept, the call says so, and what is there is not told', async () => {
  await connectWithoutKey();
  await keep();
  await screen.call('vault-protect', { next: protection(1) });
  await ask();
  await screen.call('vault-lock', {});
  await expect(contentOf(1)).rejects.toMatchObject({ code: 'invalid-state', field: 'vault' });
  const page = background.page();
  page.request('locked', generate());
  expect(await page.settled('locked')).toMatchObject({ type: 'end' });
  await eventually(async () => expect(await background.database.activity.count()).toBe(2));
  await screen.call('vault-unlock', { key: keyFrom(1) });
  expect((await entries()).map(({ content }) => content)).toEqual(['locked', 'kept']);
  expect(await contentOf(1)).toMatchObject({ type: 'kept' });
  expect(await contentOf(2)).toEqual({ type: 'gone' });
});

test('a new passphrase leaves what is kept readable, and seals what follows with another key', async () => {
  await background.connect();
  await keep();
  await ask();
  await screen.call('vault-protect', { next: protection(1) });
  await ask();
  const [first, second] = await rows();
  expect(first?.keyId).not.toBe(second?.keyId);
  for (const id of [1, 2]) expect(await contentOf(id)).toMatchObject({ type: 'kept' });
});

test('what was moved to another call, or changed, does not open', async () => {
  await background.connect();
  await keep();
  await ask();
  await ask(generate('OTHER'));
  const [one, other] = await rows();
  if (!one || !other) throw new Error('There are not two.');
  await background.database.contents.put({ ...other, id: one.id });
  const views = await Promise.all([contentOf(1), contentOf(2)]);
  expect(views.map(({ type }) => type).sort()).toEqual(['kept', 'unreadable']);
});

test.each([
  { type: 'one', id: 1 },
  { type: 'site', subject: { top: 'https://site.test' as never } },
  { type: 'log' },
  { type: 'log-and-usage' },
  { type: 'contents' },
] as const)('$type: deleted it is gone from the disk, and Undo brings it back', async (removal) => {
  await background.connect();
  await keep();
  await ask();
  const before = await contentOf(1);
  const { undo } = await screen.call('activity-remove', removal);
  expect(await rows()).toEqual([]);
  expect((await screen.call('activity-kept', {})).hasContent).toBe(false);
  expect(await contentOf(1)).toEqual({ type: 'gone' });
  await screen.call('activity-undo', { undo });
  expect(await contentOf(1)).toEqual(before);
  expect(await screen.call('activity-kept', {})).toMatchObject({ content: true, hasContent: true });
});

/** What has lapsed is swept out half a second after a start. */
const swept = () => new Promise((resolve) => setTimeout(resolve, 600));

test('the key of what was deleted goes with the next start, so that no rest on the disk can be read', async () => {
  await background.connect();
  await keep();
  await ask();
  expect(await contentKeys()).toBe(1);
  await screen.call('activity-remove', { type: 'log' });
  background.restart();
  await swept();
  await eventually(async () => expect(await contentKeys()).toBe(0));
  screen = background.screen();
  await ask();
  expect(await contentOf((await entries())[0]?.id ?? 0)).toMatchObject({ type: 'kept' });
  background.restart();
  await swept();
  expect(await contentKeys()).toBe(1);
});

test('turned off, nothing more is kept; what is there stays until it is removed', async () => {
  await background.connect();
  await keep();
  await ask();
  await keep(false);
  await ask();
  expect((await entries()).map(({ content }) => content)).toEqual([undefined, 'kept']);
  background.restart();
  screen = background.screen();
  expect(await screen.call('activity-kept', {})).toMatchObject({ content: false, hasContent: true, retention: '30d' });
});

test('a vault that was emptied leaves nothing of it', async () => {
  await background.connect();
  await keep();
  await ask();
  await screen.call('vault-reset', {});
  expect(await rows()).toEqual([]);
  await connectWithoutKey();
  await ask();
  expect(await contentOf(2)).toMatchObject({ type: 'kept' });
});

test('T113 what was said lapses after 7 days, its call later; with a shorter log it goes with its call', async () => {
  await background.connect();
  await keep();
  await ask();
  background.now += 6 * day;
  await ask();
  background.now += 2 * day;
  expect((await entries()).map(({ id }) => id)).toEqual([2, 1]);
  expect(await contentOf(1)).toEqual({ type: 'gone' });
  expect(await contentOf(2)).toMatchObject({ type: 'kept' });
  expect(limits.contentTtl).toBe(7 * day);
});

test('of too much the oldest goes', async () => {
  await background.connect();
  await keep();
  for (const _ of [1, 2, 3]) await ask();
  const [first, second, third] = (await rows()).sort((one, other) => one.at - other.at || one.id.localeCompare(other.id));
  for (const [index, row] of [first, second, third].entries())
    await background.database.contents.update(row?.id ?? '', { size: limits.contentBytes / 2, at: background.now + index });
  background.now += limits.sweep;
  await entries();
  expect((await rows()).map(({ id }) => id).sort()).toEqual([second?.id, third?.id].sort());
});
