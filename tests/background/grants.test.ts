import { beforeEach, expect, test } from 'vitest';
import type { Database } from '../../background/database';
import { decide } from '../../background/gate';
import { createGrants, type Grants } from '../../background/grants';
import type { PageIdentity } from '../../background/identity';
import { limits } from '../../protocol/limits';
import { createArea, type MemoryArea } from './support/area';
import { dumpOf, newDatabase } from './support/database';
import { pageOf } from './support/pages';

const hour = 3_600_000;
const page = pageOf();
const other = pageOf({ origin: 'https://other.test' });
const secret = pageOf({ origin: 'https://secret.test', isPrivate: true });
const plain = pageOf({ origin: 'http://nas' });

let database: Database;
let session: MemoryArea;
let now: number;
let grants: Grants;

beforeEach(() => {
  database = newDatabase();
  session = createArea();
  now = 1_700_000_000_000;
  grants = create();
});

const create = () => createGrants({ database, session, now: () => now });
const answer = async (who: PageIdentity = page) => decide({ site: await grants.stateOf(who), insecure: who.insecure, now }).type;
const stateIn = async (tabId: number) => (await grants.sitesOfTab(tabId)).map(({ state }) => state.type);

test('a site without anything is asked for', async () => {
  expect(await grants.stateOf(page)).toEqual({ useHere: false });
  expect(await answer()).toBe('ask');
});

test('a visit ends with the last tab of the site', async () => {
  await grants.seen(pageOf({ tabId: 1 }));
  await grants.seen(pageOf({ tabId: 2 }));
  await grants.allowVisit(page);
  await grants.tabClosed(1);
  expect(await answer()).toBe('allow');
  await grants.tabClosed(2);
  expect(await answer()).toBe('ask');
});

test('a visit does not end with a tab of another site', async () => {
  await grants.seen(page);
  await grants.seen(pageOf({ origin: 'https://other.test', tabId: 2 }));
  await grants.allowVisit(page);
  await grants.tabClosed(2);
  expect(await answer()).toBe('allow');
});

test('a visit ends after 24 hours, to the millisecond', async () => {
  await grants.seen(page);
  await grants.allowVisit(page);
  now += limits.visitTtl - 1;
  expect(await answer()).toBe('allow');
  now += 1;
  expect(await answer()).toBe('ask');
});

test('a clock that goes back ends a visit', async () => {
  await grants.seen(page);
  await grants.allowVisit(page);
  now -= 1;
  expect(await answer()).toBe('ask');
});

test('a visit survives the death of the background, and not that of the browser', async () => {
  await grants.seen(page);
  await grants.allowVisit(page);
  grants = create();
  expect(await answer()).toBe('allow');
  session = createArea();
  grants = create();
  expect(await answer()).toBe('ask');
});

test('Always holds over a restart of the browser, and lapses after 60 days without use', async () => {
  await grants.seen(page);
  await grants.allowAlways(page);
  session = createArea();
  grants = create();
  now += limits.alwaysUnusedTtl - 1;
  expect(await answer()).toBe('allow');
  now += 1;
  expect(await answer()).toBe('ask');
});

test('a use prolongs Always', async () => {
  await grants.allowAlways(page);
  now += limits.alwaysUnusedTtl - 1;
  await grants.used(page);
  now += limits.alwaysUnusedTtl - 1;
  expect(await answer()).toBe('allow');
});

test('uses are noted once an hour at most', async () => {
  await grants.allowAlways(page);
  const issuedAt = now;
  now += hour - 1;
  await grants.used(page);
  expect((await grants.stateOf(page)).always).toEqual({ issuedAt, lastUsedAt: issuedAt });
  now += 1;
  await grants.used(page);
  expect((await grants.stateOf(page)).always).toEqual({ issuedAt, lastUsedAt: now });
});

test('a use creates no grant', async () => {
  await grants.used(page);
  await grants.used(secret);
  expect(await answer()).toBe('ask');
  expect(await database.sites.count()).toBe(0);
});

test('a use that meets a revocation does not bring the grant back', async () => {
  await grants.allowAlways(page);
  now += hour;
  await Promise.all([grants.used(page), grants.revoke(page)]);
  expect(await answer()).toBe('ask');
});

test('a grant is of its site alone', async () => {
  await grants.allowAlways(page);
  await grants.allowVisit(page);
  for (const stranger of [
    other,
    pageOf({ origin: 'http://site.test' }),
    pageOf({ origin: 'https://site.test:8443' }),
    pageOf({ origin: 'https://site.test.' }),
    pageOf({ origin: 'https://site.test', top: 'https://other.test' }),
    pageOf({ origin: 'https://other.test', top: 'https://site.test' }),
    pageOf({ isPrivate: true }),
  ]) {
    expect((await grants.stateOf(stranger)).always).toBeUndefined();
    expect((await grants.stateOf(stranger)).visit).toBeUndefined();
  }
});

test('the second refusal within a visit is the last that is asked for', async () => {
  await grants.seen(page);
  await grants.refuse(page);
  expect(await answer()).toBe('ask');
  expect(await stateIn(1)).toEqual(['refused']);
  await grants.refuse(page);
  expect(await answer()).toBe('deny');
  expect(await answer(other)).toBe('ask');
});

test('refusals survive the death of the background, and end with the visit', async () => {
  await grants.seen(page);
  await grants.refuse(page);
  await grants.refuse(page);
  grants = create();
  expect(await answer()).toBe('deny');
  await grants.tabClosed(page.tabId);
  expect(await answer()).toBe('ask');
});

test('Ask again forgets refusals', async () => {
  await grants.seen(page);
  await grants.refuse(page);
  await grants.refuse(page);
  await grants.askAgain(page);
  expect(await answer()).toBe('ask');
  expect(await stateIn(1)).toEqual(['none']);
});

test('allowing forgets refusals', async () => {
  await grants.refuse(page);
  await grants.allowVisit(page);
  expect((await grants.stateOf(page)).refusals).toBeUndefined();
  await grants.refuse(page);
  await grants.allowAlways(page);
  expect((await grants.stateOf(page)).refusals).toBeUndefined();
});

test('a block takes every grant and lasts', async () => {
  await grants.seen(page);
  await grants.allowVisit(page);
  await grants.allowAlways(page);
  await grants.block(page);
  expect(await answer()).toBe('deny');
  session = createArea();
  grants = create();
  expect(await answer()).toBe('deny');
  await grants.unblock(page);
  expect(await answer()).toBe('ask');
});

test('revoking takes every permission and leaves a block', async () => {
  await grants.seen(plain);
  await grants.useHere(plain);
  await grants.allowVisit(plain);
  await grants.allowAlways(plain);
  await grants.revoke(plain);
  expect(await answer(plain)).toBe('deny');
  await grants.block(page);
  await grants.revoke(page);
  expect(await answer()).toBe('deny');
});

test('plain http is refused until Use here, and then asked for', async () => {
  await grants.seen(plain);
  expect(await answer(plain)).toBe('deny');
  expect(await stateIn(1)).toEqual(['insecure']);
  await grants.useHere(plain);
  expect(await answer(plain)).toBe('ask');
  expect(await stateIn(1)).toEqual(['none']);
});

test('what a private window may do ends with it, and nothing of it is in the database', async () => {
  await grants.seen(secret);
  await grants.refuse(secret);
  await grants.allowAlways(secret);
  expect(await answer(secret)).toBe('allow');
  await grants.used(secret);
  await grants.revoke(secret);
  expect(await answer(secret)).toBe('ask');
  await grants.block(secret);
  expect(await answer(secret)).toBe('deny');
  await grants.unblock(secret);
  expect(await answer(secret)).toBe('ask');
  await grants.askAgain(secret);
  await grants.useHere(secret);
  expect((await grants.stateOf(secret)).useHere).toBe(true);
  expect(await dumpOf(database)).not.toContain('secret.test');
  await grants.tabClosed(secret.tabId);
  expect(await grants.stateOf(secret)).toEqual({ useHere: false });
});

test('a private window inherits nothing', async () => {
  await grants.allowAlways(page);
  expect(await answer(pageOf({ isPrivate: true }))).toBe('ask');
});

test('changes of one site at once are all kept', async () => {
  await Promise.all([grants.allowAlways(plain), grants.useHere(plain), grants.allowVisit(plain), grants.seen(plain)]);
  expect(await grants.stateOf(plain)).toMatchObject({ useHere: true, visit: { since: now }, always: { issuedAt: now } });
});

test('seeing a site again writes nothing, unless it became insecure', async () => {
  await grants.seen(page);
  const before = session.entries.get('visits');
  await grants.seen(page);
  expect(session.entries.get('visits')).toBe(before);
  await grants.seen({ ...page, insecure: true });
  expect(await stateIn(1)).toEqual(['insecure']);
});

test('the sites of a tab are those that talked to Oriel from it', async () => {
  await grants.seen(page);
  await grants.seen(other);
  await grants.seen(pageOf({ origin: 'https://third.test', tabId: 2 }));
  await grants.allowAlways(other);
  expect(await grants.sitesOfTab(1)).toEqual([
    { subject: page.subject, state: { type: 'none' } },
    { subject: other.subject, state: { type: 'always', since: now, lastUsedAt: now } },
  ]);
  expect(await grants.sitesOfTab(9)).toEqual([]);
});

test('Sites lists grants, refusals and blocks, each site once', async () => {
  await grants.seen(page);
  await grants.allowVisit(page);
  await grants.seen(other);
  const blocked = pageOf({ origin: 'https://blocked.test' });
  await grants.seen(blocked);
  await grants.block(blocked);
  const always = pageOf({ origin: 'https://always.test' });
  await grants.seen(always);
  await grants.allowVisit(always);
  await grants.allowAlways(always);
  const states = new Map((await grants.sites()).map(({ subject, state }) => [subject.top, state.type]));
  expect([...states].sort()).toEqual([
    ['https://always.test', 'always'],
    ['https://blocked.test', 'blocked'],
    ['https://site.test', 'visit'],
  ]);
});

test('a permanent grant that lapsed is not listed', async () => {
  await grants.allowAlways(page);
  now += limits.alwaysUnusedTtl;
  expect(await grants.sites()).toEqual([]);
});

test('a site without anything particular left has no record', async () => {
  await grants.revoke(page);
  await grants.unblock(page);
  expect(await database.sites.count()).toBe(0);
  await grants.allowAlways(page);
  await grants.revoke(page);
  await grants.block(other);
  await grants.unblock(other);
  expect(await database.sites.count()).toBe(0);
});
