import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import type { Database } from '../../background/database';
import { decide } from '../../background/gate';
import { createGrants, type Grants } from '../../background/grants';
import { inSession, type PageIdentity } from '../../background/identity';
import { createRules } from '../../background/rules';
import { createSiteRecords } from '../../background/site-records';
import type { Place } from '../../protocol/generate';
import { limits } from '../../protocol/limits';
import { createArea, type MemoryArea } from './support/area';
import { dumpOf, newDatabase } from './support/database';
import { here, terms } from './support/grants';
import { pageOf } from './support/pages';

const hour = 3_600_000;
const nothing = { grants: [], useHere: false, asksEveryTime: false };
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
const use = { scopes: ['generate'] as const, choices: [here] };
const answer = async (who: PageIdentity = page) => decide({ site: await grants.stateOf(who), use, insecure: who.insecure }).type;
const stateIn = async (tabId: number) => (await grants.sitesOfTab(tabId)).map(({ state }) => state.type);

test('a site without anything is asked for', async () => {
  expect(await grants.stateOf(page)).toEqual(nothing);
  expect(await answer()).toBe('ask');
});

test('a visit ends with the last tab of the site', async () => {
  await grants.seen(pageOf({ tabId: 1 }));
  await grants.seen(pageOf({ tabId: 2 }));
  await grants.allowVisit(page, terms());
  await grants.tabClosed(1);
  expect(await answer()).toBe('allow');
  await grants.tabClosed(2);
  expect(await answer()).toBe('ask');
});

test('a visit does not end with a tab of another site', async () => {
  await grants.seen(page);
  await grants.seen(pageOf({ origin: 'https://other.test', tabId: 2 }));
  await grants.allowVisit(page, terms());
  await grants.tabClosed(2);
  expect(await answer()).toBe('allow');
});

test('T38 a visit ends after 24 hours, to the millisecond', async () => {
  await grants.seen(page);
  await grants.allowVisit(page, terms());
  now += limits.visitTtl - 1;
  expect(await answer()).toBe('allow');
  now += 1;
  expect(await answer()).toBe('ask');
});

test('a clock that goes back ends a visit', async () => {
  await grants.seen(page);
  await grants.allowVisit(page, terms());
  now -= 1;
  expect(await answer()).toBe('ask');
});

test('T38 a visit survives the death of the background, and not that of the browser', async () => {
  await grants.seen(page);
  await grants.allowVisit(page, terms());
  grants = create();
  expect(await answer()).toBe('allow');
  session = createArea();
  grants = create();
  expect(await answer()).toBe('ask');
});

test('Always holds over a restart of the browser, and lapses after 60 days without use', async () => {
  await grants.seen(page);
  await grants.allowAlways(page, terms());
  session = createArea();
  grants = create();
  now += limits.alwaysUnusedTtl - 1;
  expect(await answer()).toBe('allow');
  now += 1;
  expect(await answer()).toBe('ask');
});

test('a use prolongs Always', async () => {
  await grants.allowAlways(page, terms());
  now += limits.alwaysUnusedTtl - 1;
  await grants.used(page);
  now += limits.alwaysUnusedTtl - 1;
  expect(await answer()).toBe('allow');
});

test('uses are noted once an hour at most', async () => {
  await grants.allowAlways(page, terms());
  const issuedAt = now;
  now += hour - 1;
  await grants.used(page);
  expect((await grants.stateOf(page)).grants[0]).toMatchObject({ issuedAt, lastUsedAt: issuedAt });
  now += 1;
  await grants.used(page);
  expect((await grants.stateOf(page)).grants[0]).toMatchObject({
    issuedAt,
    lastUsedAt: now,
    expiresAt: now + limits.alwaysUnusedTtl,
  });
});

test('a use creates no grant', async () => {
  await grants.used(page);
  await grants.used(secret);
  expect(await answer()).toBe('ask');
  expect(await database.sites.count()).toBe(0);
});

test('a use that meets a revocation does not bring the grant back', async () => {
  await grants.allowAlways(page, terms());
  now += hour;
  await Promise.all([grants.used(page), grants.revoke(page)]);
  expect(await answer()).toBe('ask');
});

test('a grant is of its site alone', async () => {
  await grants.allowAlways(page, terms());
  await grants.allowVisit(page, terms());
  for (const stranger of [
    other,
    pageOf({ origin: 'http://site.test' }),
    pageOf({ origin: 'https://site.test:8443' }),
    pageOf({ origin: 'https://site.test.' }),
    pageOf({ origin: 'https://site.test', top: 'https://other.test' }),
    pageOf({ origin: 'https://other.test', top: 'https://site.test' }),
    pageOf({ isPrivate: true }),
  ]) {
    expect((await grants.stateOf(stranger)).grants).toEqual([]);
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
  await grants.allowVisit(page, terms());
  expect((await grants.stateOf(page)).refusals).toBeUndefined();
  await grants.refuse(page);
  await grants.allowAlways(page, terms());
  expect((await grants.stateOf(page)).refusals).toBeUndefined();
});

test('a block takes every grant and lasts', async () => {
  await grants.seen(page);
  await grants.allowVisit(page, terms());
  await grants.allowAlways(page, terms());
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
  await grants.allowVisit(plain, terms());
  await grants.allowAlways(plain, terms());
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

test('who answers LanguageModel stays until the person says otherwise, and in a private window as long as that', async () => {
  expect((await grants.stateOf(page)).promptApi).toBeUndefined();
  await grants.seen(page);
  await grants.answerPromptApi(page, 'oriel');
  await grants.revoke(page);
  session = createArea();
  grants = create();
  expect((await grants.stateOf(page)).promptApi).toBe('oriel');
  expect(await grants.sites()).toEqual([]);
  await grants.seen(page);
  expect(await grants.sitesOfTab(page.tabId)).toMatchObject([{ promptApi: 'oriel' }]);
  await grants.seen(secret);
  await grants.answerPromptApi(secret, 'browser');
  expect((await grants.stateOf(secret)).promptApi).toBe('browser');
  expect(await dumpOf(database)).not.toContain('secret.test');
  await grants.tabClosed(secret.tabId);
  expect((await grants.stateOf(secret)).promptApi).toBeUndefined();
});

test('T44 what a private window may do ends with it, and nothing of it is in the database', async () => {
  await grants.seen(secret);
  await grants.refuse(secret);
  await grants.allowAlways(secret, terms());
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
  expect(await grants.stateOf(secret)).toEqual(nothing);
});

test('T44 a private window inherits nothing', async () => {
  await grants.allowAlways(page, terms());
  expect(await answer(pageOf({ isPrivate: true }))).toBe('ask');
});

test('changes of one site at once are all kept', async () => {
  await Promise.all([
    grants.allowAlways(plain, terms()),
    grants.useHere(plain),
    grants.allowVisit(plain, terms()),
    grants.seen(plain),
  ]);
  expect(await grants.stateOf(plain)).toMatchObject({
    useHere: true,
    grants: [
      { mode: 'visit', issuedAt: now },
      { mode: 'always', issuedAt: now },
    ],
  });
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
  await grants.allowAlways(other, terms());
  expect(await grants.sitesOfTab(1)).toEqual([
    { subject: page.subject, state: { type: 'none' } },
    { subject: other.subject, state: { type: 'always', since: now, lastUsedAt: now } },
  ]);
  expect(await grants.sitesOfTab(9)).toEqual([]);
});

test('Sites lists grants, refusals and blocks, each site once', async () => {
  await grants.seen(page);
  await grants.allowVisit(page, terms());
  await grants.seen(other);
  const blocked = pageOf({ origin: 'https://blocked.test' });
  await grants.seen(blocked);
  await grants.block(blocked);
  const always = pageOf({ origin: 'https://always.test' });
  await grants.seen(always);
  await grants.allowVisit(always, terms());
  await grants.allowAlways(always, terms());
  const states = new Map((await grants.sites()).map(({ subject, state }) => [subject.top, state.type]));
  expect([...states].sort()).toEqual([
    ['https://always.test', 'always'],
    ['https://blocked.test', 'blocked'],
    ['https://site.test', 'visit'],
  ]);
});

test('a permanent grant that lapsed is not listed', async () => {
  await grants.allowAlways(page, terms());
  now += limits.alwaysUnusedTtl;
  expect(await grants.sites()).toEqual([]);
});

test('a site without anything particular left has no record', async () => {
  await grants.revoke(page);
  await grants.unblock(page);
  expect(await database.sites.count()).toBe(0);
  await grants.allowAlways(page, terms());
  await grants.revoke(page);
  await grants.block(other);
  await grants.unblock(other);
  expect(await database.sites.count()).toBe(0);
});

test('T38 what is over stays over when the clock is set back by an hour, and when it was another site that saw the end', async () => {
  await grants.seen(page);
  await grants.allowAlways(page, terms());
  await grants.allowVisit(page, terms());
  now += limits.alwaysUnusedTtl;
  expect(await answer(other)).toBe('ask');
  now -= hour;
  grants = create();
  expect(await answer()).toBe('ask');
  expect(await database.sites.count()).toBe(0);
});

test('T38 an end that only its own site could see is seen to the millisecond', async () => {
  await grants.seen(page);
  await grants.allowVisit(page, terms());
  now += limits.visitTtl - 1;
  expect(await answer()).toBe('allow');
  now += 1;
  expect(await answer()).toBe('ask');
  now -= hour;
  expect(await answer()).toBe('ask');
});

test('T38 T110 a clock ten years ahead ends everything, and what is given after it was put right holds', async () => {
  await grants.allowAlways(page, terms());
  now += 10 * 365 * 24 * hour;
  expect(await answer()).toBe('ask');
  now -= 10 * 365 * 24 * hour;
  expect(await answer()).toBe('ask');
  await grants.allowAlways(page, terms());
  expect(await answer()).toBe('allow');
});

test('T38 a use in the same moment keeps a grant that the sweep finds over', async () => {
  await grants.allowAlways(page, terms());
  now += limits.alwaysUnusedTtl;
  await Promise.all([grants.used(page), grants.stateOf(other)]);
  expect(await answer()).toBe('allow');
});

test('T37 a block is taken back where it was made: allowing a blocked site unblocks nothing', async () => {
  await grants.block(page);
  await grants.allowAlways(page, terms());
  expect(await answer()).toBe('deny');
});

test('T26 three refusals within 30 s mute the site over the end of the visit, and Ask again lifts it', async () => {
  await grants.seen(page);
  for (let count = 0; count < limits.muteRefusals; count += 1) await grants.refuse(page);
  expect(await grants.sitesOfTab(1)).toEqual([
    { subject: page.subject, state: { type: 'muted', at: now, until: now + limits.muteTimes[0] } },
  ]);
  await grants.tabClosed(1);
  expect([await answer(), await answer(other)]).toEqual(['deny', 'ask']);
  await grants.askAgain(page);
  expect(await answer()).toBe('ask');
});

test('T26 a mute without an end is shown without one, and allowing lifts it', async () => {
  await grants.seen(page);
  for (let count = 0; count < 3 * limits.muteRefusals; count += 1) await grants.refuse(page);
  expect(await grants.sitesOfTab(1)).toEqual([{ subject: page.subject, state: { type: 'muted', at: now } }]);
  await grants.allowVisit(page, terms());
  expect(await answer()).toBe('allow');
});

test('a site with rules alone is listed, and says what they ask', async () => {
  const rule = { fallback: [], onlyThisComputer: false, asksEveryTime: true, mapped: [] };
  await createRules(createSiteRecords(database)).set(page.subject, rule);
  expect(await grants.sites()).toEqual([{ subject: page.subject, state: { type: 'none' }, asksEveryTime: true }]);
  expect(await grants.stateOf(pageOf({ isPrivate: true }))).toMatchObject({ asksEveryTime: true, grants: [] });
});

test('a site of a private window says that it is one', async () => {
  await grants.seen(secret);
  await grants.allowVisit(secret, terms());
  expect(await grants.sites()).toEqual([{ subject: secret.subject, state: { type: 'visit', since: now }, isPrivate: true }]);
});

test('one scope is given and taken of whatever a site holds, and a site that holds nothing gets nothing', async () => {
  await grants.allowVisit(page, terms());
  await grants.allowAlways(page, terms());
  await grants.setScope(page, 'models.choose', true);
  for (const grant of (await grants.stateOf(page)).grants)
    expect(grant.scopes).toEqual(['generate', 'models.read', 'models.choose']);
  expect((await grants.sites())[0]).toMatchObject({ choosesModel: true });
  await grants.setScope(page, 'models.choose', false);
  for (const grant of (await grants.stateOf(page)).grants) expect(grant.scopes).toEqual(['generate', 'models.read']);
  for (const site of [other, secret]) {
    await grants.setScope(site, 'models.choose', true);
    expect((await grants.stateOf(site)).grants).toEqual([]);
  }
});

test('a site that follows the rules is held to no connection any more', async () => {
  const pinned = terms({ connection: here.connection, models: ['m'] });
  await grants.allowVisit(page, pinned);
  await grants.allowAlways(page, pinned);
  await grants.follow(page);
  for (const grant of (await grants.stateOf(page)).grants) expect(grant).toMatchObject({ connection: 'active', models: ['*'] });
});

// T36: the background against a reference that a reader can check at a glance.
interface Model {
  visit?: { issuedAt: number; place: Place } | undefined;
  always?: { issuedAt: number; usedAt: number; place: Place } | undefined;
  blocked: boolean;
  refusals: number;
  muted: { until: number } | undefined;
  mutes: number;
  recent: number[];
  now: number;
}
type Step = (model: Model, real: () => Grants) => Promise<unknown>;

const places: readonly Place[] = ['this-computer', 'network', 'cloud', 'volunteers'];
const widest = (one: Place, other?: Place) => (other && places.indexOf(other) > places.indexOf(one) ? other : one);
const forgive = (model: Model) => Object.assign(model, { refusals: 0, muted: undefined, mutes: 0, recent: [] });

const steps: Readonly<Record<string, (value: number) => Step>> = {
  visit: (value) => async (model, real) => {
    const place = places[value % 4] as Place;
    model.visit = { issuedAt: model.now, place: widest(place, model.visit?.place) };
    forgive(model);
    await real().allowVisit(page, terms({ place }));
  },
  always: (value) => async (model, real) => {
    const place = places[value % 4] as Place;
    model.always = { issuedAt: model.now, usedAt: model.now, place: widest(place, model.always?.place) };
    forgive(model);
    await real().allowAlways(page, terms({ place }));
  },
  refuse: () => async (model, real) => {
    model.refusals += 1;
    model.recent = [...model.recent.filter((at) => Math.abs(model.now - at) < limits.muteWindow), model.now];
    if (model.recent.length >= limits.muteRefusals) {
      model.muted = { until: model.now + (limits.muteTimes[model.mutes] ?? Number.POSITIVE_INFINITY) };
      model.mutes += 1;
      model.recent = [];
    }
    await real().refuse(page);
  },
  block: () => async (model, real) => {
    Object.assign(model, { blocked: true, visit: undefined, always: undefined });
    await real().block(page);
  },
  unblock: () => async (model, real) => {
    Object.assign(model, { blocked: false, refusals: 0 });
    await real().unblock(page);
  },
  revoke: () => async (model, real) => {
    Object.assign(model, { visit: undefined, always: undefined });
    await real().revoke(page);
  },
  askAgain: () => async (model, real) => {
    forgive(model);
    await real().askAgain(page);
  },
  use: () => async (model, real) => {
    if (model.always && model.now - model.always.usedAt >= hour) model.always.usedAt = model.now;
    await real().used(page);
  },
  forward: (value) => async (model) => {
    model.now += [1, 20_000, 400_000, limits.visitTtl - 1, limits.alwaysUnusedTtl][value % 5] as number;
  },
  back: (value) => async (model) => {
    model.now -= [1, hour, 30 * 24 * hour][value % 3] as number;
  },
  restart: (value) => async (model) => {
    grants = create();
    if (value % 2 === 0) return;
    session = createArea();
    grants = create();
    Object.assign(forgive(model), { visit: undefined });
  },
};

const expected = (model: Model, place: Place): string => {
  const covers = (grant: { issuedAt: number; place: Place } | undefined, last: number, ttl: number) =>
    grant !== undefined && model.now >= last && model.now < last + ttl && places.indexOf(place) <= places.indexOf(grant.place);
  if (model.blocked) return 'deny';
  if (model.muted && model.now < model.muted.until) return 'deny';
  if (covers(model.visit, model.visit?.issuedAt ?? 0, limits.visitTtl)) return 'allow';
  if (covers(model.always, model.always?.usedAt ?? 0, limits.alwaysUnusedTtl)) return 'allow';
  return model.refusals >= limits.refusalsPerVisit ? 'deny' : 'ask';
};

test('T36 property: after any sequence of grants, refusals, revocations, restarts and clock jumps the answer is the reference’s', async () => {
  const anyStep = fc.tuple(fc.constantFrom(...Object.keys(steps)), fc.nat(19));
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 14 }), async (sequence) => {
      database = newDatabase();
      session = createArea();
      grants = create();
      await grants.seen(page);
      const model: Model = { blocked: false, refusals: 0, muted: undefined, mutes: 0, recent: [], now: 1_700_000_000_000 };
      for (const [name, value] of sequence) {
        now = model.now;
        await steps[name]?.(value)(model, () => grants);
        now = model.now;
        for (const place of places) {
          const site = await grants.stateOf(page);
          const choices = [{ ...here, place }];
          expect(decide({ site, use: { scopes: ['generate'], choices }, insecure: false }).type).toBe(expected(model, place));
        }
        // What was seen to be over is over for good.
        if (model.visit && model.now >= model.visit.issuedAt + limits.visitTtl) model.visit = undefined;
        if (model.always && model.now >= model.always.usedAt + limits.alwaysUnusedTtl) model.always = undefined;
      }
      database.close();
    }),
    { numRuns: 1000 },
  );
}, 60_000);

const inOne = inSession(page, 'one');
const inTwo = inSession(page, 'two');

test('what one session may is nothing that the site or another session may', async () => {
  await grants.seen(page);
  await grants.allowSession(inOne, terms());
  expect([await answer(inOne), await answer(inTwo), await answer()]).toEqual(['allow', 'ask', 'ask']);
  await grants.allowSession(page, terms());
  expect(await answer()).toBe('ask');
});

test('T38 a session ends with its tab, after a day, and with a clock that was set back afterwards', async () => {
  await grants.seen(page);
  await grants.allowVisit(page, terms());
  await grants.allowSession(inOne, terms());
  now += limits.visitTtl;
  expect(await answer(inOne)).toBe('ask');
  now -= hour;
  expect(await answer(inOne)).toBe('ask');
  await grants.allowSession(inTwo, terms());
  await grants.tabClosed(page.tabId);
  expect(await answer(inTwo)).toBe('ask');
});

test('a session that is over leaves those that are not', async () => {
  await grants.seen(page);
  await grants.allowSession(inOne, terms());
  now += hour;
  await grants.allowSession(inTwo, terms());
  now += limits.visitTtl - hour;
  expect([await answer(inOne), await answer(inTwo)]).toEqual(['ask', 'allow']);
});

test('T38 a visit that is over is over, whether sessions were allowed beside it or not', async () => {
  await grants.seen(page);
  await grants.allowVisit(page, terms());
  now += limits.visitTtl;
  expect(await answer()).toBe('ask');
  now -= hour;
  expect(await answer()).toBe('ask');
});

test('so many sessions of a site are remembered, the newest', async () => {
  await grants.seen(page);
  for (let index = 0; index <= limits.sessionsPerSite; index += 1)
    await grants.allowSession(inSession(page, `s${index}`), terms());
  expect(await answer(inSession(page, 's0'))).toBe('ask');
  expect(await answer(inSession(page, 's1'))).toBe('allow');
});

test.each(['revoke', 'block'] as const)('%s ends the sessions too', async (action) => {
  await grants.seen(page);
  await grants.allowSession(inOne, terms());
  expect(await stateIn(page.tabId)).toEqual(['visit']);
  await grants[action](page);
  expect(await answer(inOne)).not.toBe('allow');
});

test('T44 a session of a private window is nothing outside of it, and is written nowhere', async () => {
  await grants.seen(secret);
  await grants.allowSession(inSession(secret, 'one'), terms());
  expect(await answer(inSession(secret, 'one'))).toBe('allow');
  expect(await answer(inSession({ ...secret, isPrivate: false }, 'one'))).toBe('ask');
  expect(await dumpOf(database)).not.toContain('secret.test');
});

test('a session follows the person’s rules as the site does', async () => {
  await grants.seen(page);
  await grants.allowSession(inOne, { ...terms(), connection: here.connection });
  await grants.follow(page);
  expect((await grants.stateOf(inOne)).grants).toMatchObject([{ connection: 'active', mode: 'request' }]);
});
