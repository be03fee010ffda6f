/** The vault as pages and people meet it: what waits, what is shown, and when it locks by itself. */
import { beforeEach, expect, test, vi } from 'vitest';
import { createUnlocks } from '../../background/unlocks';
import { limits } from '../../protocol/limits';
import { uiOperations } from '../../protocol/ui-inputs';
import type { Wire } from '../protocol/support/wire';
import { failing } from './support/backend';
import { type Background, createBackground, type Screen, serverAddress, serverKey } from './support/background';
import { eventually } from './support/eventually';
import { createHolds } from './support/keep-alive';
import { pageOf, senderOf } from './support/pages';
import { uiInputs } from './support/ui-inputs';
import { keyFrom, protection } from './support/vault';

const generate = (text = 'Hi') => ({
  type: 'generate',
  request: { messages: [{ role: 'user', content: [{ type: 'text', text }] }] },
});
const minute = 60_000;

let background: Background;
let screen: Screen;
beforeEach(async () => {
  background = createBackground();
  screen = background.screen();
});

const protect = async () => {
  await background.connect();
  await screen.call('vault-protect', { next: protection(1) });
};
const lock = () => screen.call('vault-lock', {});
const unlock = () => screen.call('vault-unlock', { key: keyFrom(1) });
const stateOf = async () => (await background.screen().call('overview', {})).vault.type;
const waiting = (wire: Wire) => wire.frames.flatMap((frame) => (frame.type === 'waiting' ? frame.id : []));
const waits = (wire: Wire, id = '1') => eventually(() => expect(waiting(wire)).toContain(id));

test('a call that needs a key waits for the unlocking, then for the permission, and goes on', async () => {
  await protect();
  await lock();
  const page = background.page();
  page.request('1', generate());
  await waits(page);
  expect(background.browser.opened).toEqual(['approval.html']);
  expect(background.browser.badges.at(-1)).toBe('1');
  await unlock();
  await background.decide('allow-visit');
  expect(await page.settled('1')).toMatchObject({ type: 'end' });
  expect(waiting(page)).toEqual(['1']);
  expect(background.backend.completions()[0]?.headers.authorization).toBe(`Bearer ${serverKey}`);
  expect(background.browser.badges.at(-1)).toBe('');
});

test('T32 a site that may goes on by itself after the unlocking, and one that was blocked does not', async () => {
  await protect();
  const page = background.page();
  page.request('1', generate());
  await background.decide('allow-always');
  await page.settled('1');
  await lock();
  page.request('2', generate());
  await waits(page);
  await unlock();
  expect(await page.settled('2')).toMatchObject({ type: 'end' });
  await lock();
  page.request('3', generate());
  await waits(page, '3');
  // While it waits the permission lapses.
  background.now += limits.alwaysUnusedTtl;
  await background.screen().call('vault-unlock', { key: keyFrom(1) });
  await background.decide('deny');
  expect(await page.settled('3')).toMatchObject({ type: 'error', error: { code: 'not-allowed' } });
});

test('a call to a connection without a key is not held up where the site may', async () => {
  await screen.call('connection-add', { providerId: 'openai-compatible', baseUrl: serverAddress });
  await screen.call('vault-protect', { next: protection(1) });
  const page = background.page();
  page.request('1', generate());
  await background.decide('allow-visit');
  await page.settled('1');
  await lock();
  page.request('2', generate());
  expect(await page.settled('2')).toMatchObject({ type: 'end' });
});

test('closing the window that asks for the passphrase refuses what waited for it', async () => {
  await protect();
  await lock();
  const page = background.page();
  page.request('1', generate());
  await waits(page);
  await eventually(() => expect(background.browser.windows.size).toBe(1));
  await background.browser.closeWindow(1);
  expect(await page.settled('1')).toMatchObject({ error: { code: 'not-allowed' } });
});

test('a document that nobody used opens no window; the badge says that something waits', async () => {
  await protect();
  await lock();
  const page = background.page();
  page.request('1', generate(), false);
  await waits(page);
  expect(background.browser.opened).toEqual([]);
  expect(background.browser.badges.at(-1)).toBe('1');
  page.send({ v: 1, type: 'abort', id: '1' });
  expect(await page.settled('1')).toMatchObject({ error: { code: 'aborted' } });
  expect(background.browser.badges.at(-1)).toBe('');
});

test('where the browser opens no window the call waits all the same', async () => {
  await protect();
  await lock();
  background.browser.failOpening = true;
  const page = background.page();
  page.request('1', generate());
  await waits(page);
  await unlock();
  await background.decide('allow-visit');
  expect(await page.settled('1')).toMatchObject({ type: 'end' });
});

test('no more calls wait than may', async () => {
  await protect();
  await lock();
  const page = background.page();
  for (let call = 0; call <= limits.queuePerSubject; call += 1) page.request(`call ${call}`, generate());
  expect(await page.until((frame) => frame.type === 'error')).toMatchObject({ error: { code: 'rate-limited' } });
  expect(waiting(page)).toHaveLength(limits.queuePerSubject + 1);
});

test('the death of the background loses no call that waits for the unlocking', async () => {
  await protect();
  await lock();
  const page = background.page();
  page.request('1', generate());
  await waits(page);
  background.restart();
  const again = background.page(senderOf());
  again.request('1', generate());
  await waits(again);
  screen = background.screen();
  await unlock();
  await background.decide('allow-visit');
  expect(await again.settled('1')).toMatchObject({ type: 'end' });
});

test('T32 while it is locked no page of Oriel is told anything, and none may do anything but unlock', async () => {
  await protect();
  const page = background.page();
  page.request('1', generate('a very private question'));
  const { id, digest } = await background.card();
  await lock();
  const shown = await screen.call('overview', {});
  expect(shown).toEqual({ connections: [], approvals: [], running: [], failures: [], vault: { ...shown.vault, type: 'locked' } });
  // About the card that waits, so that only the lock can refuse.
  const ofCard = (type: string) => type.startsWith('approval-') && { id, ...(type === 'approval-decide' && { digest }) };
  const open = ['overview', 'vault-parameters', 'vault-unlock', 'vault-lock', 'vault-reset', 'run-stop-all'];
  for (const type of uiOperations.filter((each) => !open.includes(each))) {
    const input = { ...(uiInputs[type] as object), ...ofCard(type) };
    await expect(screen.call(type, input as never), type).rejects.toMatchObject({ code: 'invalid-state', field: 'vault' });
  }
  await screen.call('run-stop-all', {});
  await eventually(() => expect(screen.overviews.at(-1)).toEqual(shown));
  await unlock();
  expect((await background.card()).id).toBe(id);
});

test('T70 at the alarm it locks, and the pages of Oriel are told', async () => {
  await protect();
  expect(background.browser.alarms.get('lock')).toBe(background.now + 60 * minute + 1000);
  background.now += 60 * minute;
  background.browser.ring('another');
  background.browser.ring('lock');
  await eventually(() => expect(screen.overviews.at(-1)?.vault.type).toBe('locked'));
  expect(background.browser.session.entries.get('unlocked')).toBeUndefined();
});

test('T70 at the first use after the time was over it is locked, although no alarm rang', async () => {
  await protect();
  const page = background.page();
  page.request('1', generate());
  await background.decide('allow-always');
  await page.settled('1');
  const asked = background.backend.completions().length;
  background.now += 61 * minute;
  page.request('2', generate());
  await waits(page);
  expect(background.backend.completions()).toHaveLength(asked);
});

test('T70 a background that starts after the time was over drops the key at once', async () => {
  await protect();
  background.now += 61 * minute;
  background.restart();
  await eventually(() => expect(background.browser.session.entries.get('unlocked')).toBeUndefined());
});

test('T70 a start of the browser and an update lock', async () => {
  await protect();
  expect(await stateOf()).toBe('unlocked');
  background.browser.started();
  await eventually(async () => expect(await stateOf()).toBe('locked'));
});

test('T70 the lock of the computer locks, whatever time to lock was chosen, and the pages of Oriel are told', async () => {
  await protect();
  await screen.call('vault-auto-lock', { after: 'session' });
  background.browser.lockComputer();
  await eventually(() => expect(screen.overviews.at(-1)?.vault.type).toBe('locked'));
  expect(background.browser.session.entries.get('unlocked')).toBeUndefined();
});

test('what the person does puts the lock off, and another choice holds at once', async () => {
  await protect();
  background.now += 50 * minute;
  await screen.call('sites', {});
  background.now += 50 * minute;
  expect(await stateOf()).toBe('unlocked');
  await screen.call('vault-auto-lock', { after: '5m' });
  expect(background.browser.alarms.get('lock')).toBe(background.now + 5 * minute + 1000);
  expect((await screen.call('overview', {})).vault.autoLock).toBe('5m');
  background.now += 5 * minute;
  expect(await stateOf()).toBe('locked');
});

test('an answer that runs goes on when the vault is locked', async () => {
  await protect();
  const page = background.page();
  let finish: (() => void) | undefined;
  const held = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const answer = background.backend.answer;
  background.backend.answer = async (signal) => {
    await held;
    return answer(signal);
  };
  page.request('1', generate());
  await background.decide('allow-visit');
  await eventually(() => expect(background.backend.completions()).toHaveLength(1));
  await lock();
  finish?.();
  expect(await page.settled('1')).toMatchObject({ type: 'end' });
});

test('the parameters of the passphrase are told to the page that derives its key; without one there are none', async () => {
  expect(await screen.call('vault-parameters', {})).toEqual({ parameters: undefined });
  await protect();
  await lock();
  expect(await screen.call('vault-parameters', {})).toEqual({ parameters: protection(1).parameters });
  await unlock();
  await screen.call('vault-protect', { current: keyFrom(1), next: null });
  expect(await stateOf()).toBe('open');
});

test('a call that was given up before it could wait, and one for which nobody unlocks, end', async () => {
  const surface = { setWaiting: () => undefined, open: async () => undefined };
  const holds = createHolds();
  const unlocks = createUnlocks({
    vault: { state: async () => 'locked' },
    surface,
    keepAlive: holds,
    isTabActive: async () => false,
  });
  const reply = { activated: true, waiting: () => undefined };
  await expect(unlocks.wait(pageOf(), { ...reply, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
  vi.useFakeTimers();
  try {
    const waiting = expect(unlocks.wait(pageOf(), { ...reply, signal: new AbortController().signal })).rejects.toMatchObject({
      code: 'not-allowed',
    });
    await vi.advanceTimersByTimeAsync(limits.unlockTtl);
    await waiting;
  } finally {
    vi.useRealTimers();
  }
  expect(holds.count).toBe(0);
});

test('a forgotten passphrase ends with a reset: the keys are gone, and each connection says so', async () => {
  await protect();
  await lock();
  await screen.call('vault-reset', {});
  const { vault, connections } = await screen.call('overview', {});
  expect(vault.type).toBe('open');
  expect(connections[0]).toMatchObject({ state: { type: 'needs-attention', error: { fault: 'secret-missing' } } });
  expect(connections[0]?.keyEnding).toBeUndefined();
});

test('T107 a vault that was mended says so until the browser closes', async () => {
  await background.connect();
  await background.database.vault.clear();
  background.restart();
  await eventually(async () =>
    expect((await background.screen().call('overview', {})).vault).toMatchObject({ type: 'open', isRestored: true }),
  );
});

test('T107 keys that are lost are reported connection by connection at the next start', async () => {
  await background.connect();
  await background.database.vault.clear();
  const { createVaultCopyStore } = await import('../../background/vault-copy');
  await createVaultCopyStore().clear();
  background.restart();
  await eventually(async () => {
    const { vault, connections } = await background.screen().call('overview', {});
    expect(vault.type).toBe('lost');
    expect(connections[0]).toMatchObject({ state: { type: 'needs-attention', error: { fault: 'secret-missing' } } });
  });
});

test('the advice to set a passphrase stays away once it was put away', async () => {
  await screen.call('vault-dismiss-advice', {});
  expect((await screen.call('overview', {})).vault.isAdviceDismissed).toBe(true);
});

test('connections come and go with a file', async () => {
  await background.connect();
  const file = await screen.call('vault-export', { next: protection(9), withSites: true });
  expect(await screen.call('vault-import-parameters', { file })).toEqual(protection(9).parameters);
  expect((await screen.call('vault-import-preview', { file, key: keyFrom(9) })).connections).toHaveLength(1);
  background.now += 1;
  await screen.call('vault-import', { file, key: keyFrom(9), withSites: false });
  const { connections, activeConnection } = await screen.call('overview', {});
  expect(connections).toHaveLength(2);
  expect(activeConnection).toBe(connections[0]?.id);
});

test('T57 a backend that echoes the key says it to nobody: not to the page, not in the overview, not in the database', async () => {
  await background.connect();
  const said = `Bad ${serverKey} and ${btoa(serverKey)} and ${encodeURIComponent(serverKey)}`;
  background.backend.answer = () => failing(401, { message: said, code: 'invalid_api_key' });
  background.backend.list = () => failing(401, { message: said, code: 'invalid_api_key' });
  const page = background.page();
  page.request('1', generate());
  await background.decide('allow-visit');
  expect(JSON.stringify(await page.settled('1'))).not.toMatch(/CANARY|Bad/);
  const { connections } = await screen.call('overview', {});
  const tested = await screen.call('connection-test', { id: connections[0]?.id as never });
  const everything = JSON.stringify([
    tested,
    await screen.call('overview', {}),
    [...background.browser.session.entries],
    await background.database.connections.toArray(),
  ]);
  expect(everything).toContain('Bad sk-…6789 and …');
  expect(everything).not.toContain('CANARY');
  expect(everything).not.toContain(btoa(serverKey).slice(0, 12));
});
