import fc from 'fast-check';
import { beforeEach, expect, test, vi } from 'vitest';
import type { Payer } from '../../background/account-book';
import { viewBudget } from '../../background/budget-view';
import { noAmounts, type Tariff } from '../../background/budgets';
import type { Database } from '../../background/database';
import { createMeter, type Meter, type Reservation } from '../../background/meter';
import type { Amounts } from '../../protocol/budgets';
import { createArea, type MemoryArea } from './support/area';
import { dumpOf, newDatabase } from './support/database';
import { pageOf } from './support/pages';

const day = 24 * 3_600_000;
const { subject } = pageOf();
const site: Payer = { subject, isPrivate: false };
const hidden: Payer = { subject: pageOf({ origin: 'https://secret.test' }).subject, isPrivate: true };
const tokens = (count: number): Amounts => ({ microUsd: 0, tokens: count, metered: 0 });
const money = (microUsd: number): Amounts => ({ microUsd, tokens: 1, metered: 0 });

let database: Database;
let session: MemoryArea;
let now: number;
let onChange: ReturnType<typeof vi.fn<() => void>>;
let meter: Meter;

/** A background that begins, or begins again after a death. */
const start = () => {
  onChange = vi.fn();
  meter = createMeter({ database, session, now: () => now, onChange });
};
beforeEach(() => {
  database = newDatabase();
  session = createArea();
  now = new Date(2026, 10, 24, 14).getTime();
  start();
});

/** One that costs nothing is counted after it is sent: a wait for that. */
const holdCounted = async (call: Reservation, count: number) => {
  const before = await counted();
  await call.hold(tokens(count));
  await vi.waitFor(async () => expect(await counted()).toBe(before + count));
  await new Promise((resolve) => setTimeout(resolve));
};
const setTokens = (count: number) => meter.set(site, { period: 'day', tokens: count });
const used = async (payer: Payer | 'all' = site) =>
  (await viewBudget(meter, payer === 'all' ? undefined : payer, 'free')).usedToday.tokens;

test('T39 what is held back is refunded exactly where less was used', async () => {
  await setTokens(100);
  const call = meter.reservation(site, 'free');
  expect(await call.hold(tokens(90))).toEqual({ type: 'held' });
  expect(await meter.reservation(site, 'free').hold(tokens(11))).toMatchObject({
    type: 'over',
    question: { used: 90, limit: 100 },
  });
  await call.settle(tokens(30));
  expect(await used()).toBe(30);
  expect(await meter.reservation(site, 'free').hold(tokens(70))).toEqual({ type: 'held' });
});

test('what was really used counts also where it is more than was held back', async () => {
  await setTokens(100);
  const call = meter.reservation(site, 'free');
  await call.hold(tokens(10));
  await call.settle(tokens(140));
  expect(await used()).toBe(140);
  expect(await meter.reservation(site, 'free').hold(tokens(1))).toMatchObject({ type: 'over' });
});

test('a call can hold back more while it runs, and settles once', async () => {
  await setTokens(100);
  const call = meter.reservation(site, 'free');
  await call.hold(tokens(40));
  await call.hold(tokens(40));
  expect(await call.hold(tokens(40))).toMatchObject({ type: 'over', question: { used: 80, needed: 40 } });
  await call.settle(tokens(85));
  await call.settle(tokens(1));
  expect(await used()).toBe(85);
});

test('a call that held nothing back settles nothing', async () => {
  await meter.reservation(site, 'free').settle(tokens(50));
  expect(await used()).toBe(0);
  expect(onChange).not.toHaveBeenCalled();
});

test('what running calls hold back is no use yet, and is shown to nobody', async () => {
  await setTokens(100);
  const call = meter.reservation(site, 'free');
  await call.hold(tokens(90));
  expect((await viewBudget(meter, site, 'free')).limits).toEqual([
    { unit: 'tokens', period: 'day', limit: 100, used: 0, step: 100, add: 4100 },
  ]);
  expect(await used('all')).toBe(0);
  await call.settle(tokens(5));
  expect((await viewBudget(meter, site, 'free')).limits[0]?.used).toBe(5);
  expect(await used('all')).toBe(5);
});

test('T39 after a death between holding back and settling, all that was held back counts as used', async () => {
  await setTokens(100);
  await meter.reservation(site, 'free').hold(tokens(60));
  start();
  expect(await used()).toBe(60);
  expect(await meter.reservation(site, 'free').hold(tokens(41))).toMatchObject({ type: 'over', question: { used: 60 } });
});

test('T39 of 1,000 calls at once against a budget for 10, ten go on', async () => {
  await setTokens(1000);
  const verdicts = await Promise.all(Array.from({ length: 1000 }, () => meter.reservation(site, 'free').hold(tokens(100))));
  expect(verdicts.filter(({ type }) => type === 'held')).toHaveLength(10);
  start();
  expect(await used()).toBe(1000);
});

// What Alby does: look first, count later. The detector must show it.
test('T39 looking first and counting later lets all of them through', async () => {
  let spent = 0;
  const checkThenSpend = async () => {
    if (spent + 100 > 1000) return false;
    await Promise.resolve();
    spent += 100;
    return true;
  };
  await Promise.all(Array.from({ length: 1000 }, checkThenSpend));
  expect(spent).toBe(100_000);
});

test('all sites together stop at 2 USD, each of them below its own 0.50', async () => {
  const holdAt = (index: number, amount: number) =>
    meter
      .reservation({ subject: pageOf({ origin: `https://s${index}.test` }).subject, isPrivate: false }, 'priced')
      .hold(money(amount));
  for (let index = 0; index < 4; index += 1) expect(await holdAt(index, 499_999)).toEqual({ type: 'held' });
  expect(await holdAt(4, 5)).toMatchObject({ type: 'over', question: { scope: 'all', used: 1_999_996, limit: 2_000_000 } });
  await meter.add(site, { scope: 'all', unit: 'microUsd', period: 'day', add: 2_000_000 });
  expect(await holdAt(4, 5)).toEqual({ type: 'held' });
  expect((await viewBudget(meter, undefined, 'priced')).limits[0]).toMatchObject({ limit: 4_000_000 });
});

test('what is added holds for this day, and for this site', async () => {
  await meter.reservation(site, 'priced').hold(money(500_000));
  await meter.add(site, { scope: 'site', unit: 'microUsd', period: 'day', add: 500_000 });
  expect(onChange).toHaveBeenCalled();
  expect(await meter.reservation(site, 'priced').hold(money(500_000))).toEqual({ type: 'held' });
  expect(await meter.reservation(site, 'priced').hold(money(1))).toMatchObject({ type: 'over' });
  now += day;
  expect(await meter.reservation(site, 'priced').hold(money(500_001))).toMatchObject({ question: { limit: 500_000, used: 0 } });
});

test('after the second Stop of a day nothing is asked, until the person adds something', async () => {
  await setTokens(10);
  const ask = () => meter.reservation(site, 'free').hold(tokens(11));
  for (let stops = 0; stops < 2; stops += 1) {
    const verdict = await ask();
    if (verdict.type !== 'over') throw new Error('It is over.');
    await meter.stop(site, verdict.question);
  }
  expect(await ask()).toEqual({ type: 'silenced' });
  await meter.add(site, { scope: 'site', unit: 'tokens', period: 'day', add: 10 });
  expect(await ask()).toEqual({ type: 'held' });
});

test('a Stop about all sites together silences all of them', async () => {
  await meter.set(undefined, { period: 'day', tokens: 10 });
  const other: Payer = { subject: pageOf({ origin: 'https://other.test' }).subject, isPrivate: false };
  const verdict = await meter.reservation(site, 'free').hold(tokens(11));
  if (verdict.type !== 'over') throw new Error('It is over.');
  await meter.stop(site, verdict.question);
  await meter.stop(site, verdict.question);
  expect(await meter.reservation(other, 'free').hold(tokens(11))).toEqual({ type: 'silenced' });
});

test('setting a budget replaces the default, also in the middle of a day; taking it back restores it', async () => {
  await meter.reservation(site, 'priced').hold(money(400_000));
  start();
  await meter.set(site, { period: 'week', microUsd: 300_000 });
  expect(await viewBudget(meter, site, 'priced')).toMatchObject({
    subject,
    own: { period: 'week', microUsd: 300_000 },
    limits: [{ period: 'week', limit: 300_000, used: 400_000 }],
  });
  await meter.set(site, undefined);
  const view = await viewBudget(meter, site, 'priced');
  expect(view.own).toBeUndefined();
  expect(view.limits).toEqual([{ unit: 'microUsd', period: 'day', limit: 500_000, used: 400_000, step: 500_000, add: 500_000 }]);
});

test('T38 calls at once whose shared write fails are tried one by one, and each sees what those before it hold', async () => {
  await setTokens(100);
  vi.spyOn(database, 'putAtOnce').mockRejectedValueOnce(new Error('For this once.'));
  const calls = Array.from({ length: 5 }, () => meter.reservation(site, 'free').hold(tokens(60)));
  const held = (await Promise.all(calls)).filter(({ type }) => type === 'held');
  expect(held).toHaveLength(1);
  expect(await meter.reservation(site, 'free').hold(tokens(60))).toMatchObject({ type: 'over', question: { used: 60 } });
});

// T38
test('T110 a clock that was set back does not open a day again that is used up', async () => {
  await setTokens(100);
  await meter.reservation(site, 'free').hold(tokens(100));
  start();
  now -= 3 * day;
  expect(await meter.reservation(site, 'free').hold(tokens(1))).toMatchObject({ type: 'over', question: { used: 100 } });
  now += 4 * day;
  expect(await meter.reservation(site, 'free').hold(tokens(1))).toEqual({ type: 'held' });
});

test('a clock that ran years ahead is forgiven where the person sets the budget of all sites', async () => {
  await setTokens(100);
  now += 3650 * day;
  await meter.reservation(site, 'free').hold(tokens(100));
  now -= 3650 * day;
  expect(await meter.reservation(site, 'free').hold(tokens(1))).toMatchObject({ type: 'over' });
  await meter.set(undefined, undefined);
  expect(await meter.reservation(site, 'free').hold(tokens(1))).toEqual({ type: 'held' });
});

test('T110 a call that goes on past midnight counts on the day on which it began', async () => {
  await setTokens(100);
  now = new Date(2026, 10, 24, 23, 59, 59).getTime();
  const call = meter.reservation(site, 'free');
  await call.hold(tokens(50));
  now += 2000;
  expect(await call.hold(tokens(51))).toMatchObject({ type: 'over' });
  await call.settle(tokens(20));
  expect(await used()).toBe(0);
  expect((await database.accounts.get(subject.top))?.days).toEqual({ '2026-11-24': tokens(20) });
});

// T44
test('a private window is counted, and of it nothing is written but the sum of all sites', async () => {
  const call = meter.reservation(hidden, 'metered');
  await call.hold({ microUsd: 0, tokens: 200_000, metered: 200_000 });
  expect(await meter.reservation(hidden, 'metered').hold({ ...noAmounts, metered: 1 })).toMatchObject({ type: 'over' });
  expect(await used(hidden)).toBe(0);
  start();
  expect(await used(hidden)).toBe(200_000);
  expect(await used('all')).toBe(200_000);
  expect(await dumpOf(database)).not.toContain('secret.test');
});

test('what the person set for a site holds in private windows too, by a count of their own', async () => {
  await setTokens(100);
  await meter.reservation(site, 'free').hold(tokens(100));
  const inPrivate: Payer = { subject, isPrivate: true };
  const call = meter.reservation(inPrivate, 'free');
  expect(await call.hold(tokens(100))).toEqual({ type: 'held' });
  expect(await call.hold(tokens(1))).toMatchObject({ type: 'over', question: { limit: 100 } });
  await call.settle(tokens(40));
  expect(await used(inPrivate)).toBe(40);
});

// T44
test('what the person sets in a private window holds there alone, and is written nowhere', async () => {
  await setTokens(100);
  const inPrivate: Payer = { subject, isPrivate: true };
  await meter.set(inPrivate, { period: 'day', tokens: 30 });
  expect(await meter.reservation(inPrivate, 'free').hold(tokens(31))).toMatchObject({ type: 'over', question: { limit: 30 } });
  expect(await meter.reservation(site, 'free').hold(tokens(31))).toEqual({ type: 'held' });
  await meter.set(inPrivate, undefined);
  expect(await meter.reservation(inPrivate, 'free').hold(tokens(31))).toEqual({ type: 'held' });

  await meter.set(hidden, { period: 'day', tokens: 30 });
  await meter.reservation(hidden, 'free').hold(tokens(5));
  start();
  expect(await viewBudget(meter, hidden, 'free')).toMatchObject({ isPrivate: true, own: { period: 'day', tokens: 30 } });
  expect(await dumpOf(database)).not.toContain('secret.test');
});

test('where nothing can be written, nothing is held back and the call does not begin', async () => {
  const broken = vi.spyOn(database, 'putAtOnce').mockRejectedValue(new Error('The disk is full.'));
  await expect(meter.reservation(site, 'metered').hold(tokens(5))).rejects.toThrow('The disk is full.');
  await expect(meter.reservation(hidden, 'metered').hold(tokens(5))).rejects.toThrow('The disk is full.');
  broken.mockRestore();
  expect([await used(), await used(hidden), await used('all')]).toEqual([0, 0, 0]);
});

test('sites that have long used nothing are forgotten, unless the person set something for them', async () => {
  const other: Payer = { subject: pageOf({ origin: 'https://other.test' }).subject, isPrivate: false };
  await meter.reservation(site, 'free').hold(tokens(1));
  await meter.set(other, { period: 'day', tokens: 1 });
  await meter.tidy();
  expect(await database.accounts.count()).toBe(3);
  now += 90 * day;
  await meter.tidy();
  expect(await database.accounts.toCollection().primaryKeys()).toEqual(['*', other.subject.top]);
});

const callsOf = fc.nat({ max: 5 });
const amount = fc.integer({ min: 1, max: 60 });
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('hold' as const), call: callsOf, amount }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('settle' as const), call: callsOf, share: fc.nat({ max: 100 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('kill' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('add' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('clock' as const), hours: fc.integer({ min: -72, max: 48 }) }) },
);

test('T39 whatever happens in whatever order, an account is what a small reference model says', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 16 }), async (steps) => {
      await database.accounts.clear();
      session = createArea();
      now = new Date(2026, 10, 10, 12).getTime();
      start();
      await setTokens(100);
      const dayOf = (at: number) => new Date(at).toDateString();
      const spent = new Map<string, number>();
      const added = new Map<string, number>();
      let latest = 0;
      let calls = new Map<number, { day: string; held: number; real: ReturnType<Meter['reservation']> }>();

      for (const each of steps) {
        const current = dayOf(Math.max(latest, now));
        if (each.type === 'clock') now += each.hours * 3_600_000;
        else if (each.type === 'kill') {
          calls = new Map();
          start();
        } else if (each.type === 'add') {
          await meter.add(site, { scope: 'site', unit: 'tokens', period: 'day', add: 100 });
          // Only of the day that is now: another day's is over.
          added.set(current, (added.get(current) ?? 0) + 100);
          for (const other of added.keys()) if (other !== current) added.delete(other);
        } else if (each.type === 'hold') {
          const call = calls.get(each.call) ?? { day: current, held: 0, real: meter.reservation(site, 'free') };
          const fits = (spent.get(call.day) ?? 0) + each.amount <= 100 + (added.get(call.day) ?? 0);
          const verdict = await call.real.hold(tokens(each.amount));
          expect(verdict.type).toBe(fits ? 'held' : 'over');
          if (!fits) continue;
          latest = Math.max(latest, now);
          spent.set(call.day, (spent.get(call.day) ?? 0) + each.amount);
          calls.set(each.call, { ...call, held: call.held + each.amount });
        } else {
          const call = calls.get(each.call);
          if (!call) continue;
          calls.delete(each.call);
          const actual = Math.floor((call.held * each.share) / 100);
          await call.real.settle(tokens(actual));
          spent.set(call.day, (spent.get(call.day) ?? 0) + actual - call.held);
        }
      }
      const record = await database.accounts.get(subject.top);
      const days = Object.entries(record?.days ?? {}).map(([key, { tokens: count }]) => [
        new Date(`${key}T12:00`).toDateString(),
        count,
      ]);
      expect(Object.fromEntries(days)).toEqual(Object.fromEntries(spent));
    }),
    { numRuns: 1000 },
  );
});

test('of calls that are counted together, one whose private window cannot be noted fails alone, and nothing of it is kept there', async () => {
  await used(hidden);
  session.failNext();
  const calls = [hidden, site].map((payer) => meter.reservation(payer, 'metered'));
  const held = await Promise.allSettled(calls.map((call) => call.hold(tokens(5))));
  expect(held.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  for (const call of calls) await call.settle(tokens(5));
  expect([await used(hidden), await used(site)]).toEqual([0, 5]);
});

test.each<[string, Tariff, () => Promise<void>, boolean]>([
  ['what costs nothing goes on', 'free', async () => undefined, true],
  ['what costs nothing and has a budget does not', 'free', () => setTokens(100), false],
  ['nor where all together have one', 'free', () => meter.set(undefined, { period: 'day', tokens: 100 }), false],
  ['what somebody bills does not', 'metered', async () => undefined, false],
])('T106 where nothing can be written: %s', async (_name, tariff, prepare, goesOn) => {
  await prepare();
  const full = vi.spyOn(database, 'putAtOnce').mockRejectedValue(new DOMException('Full.', 'QuotaExceededError'));
  const call = meter.reservation(site, tariff);
  if (goesOn) expect(await call.hold(tokens(10))).toEqual({ type: 'held' });
  else await expect(call.hold(tokens(10))).rejects.toThrow();
  await vi.waitFor(() => expect(full).toHaveBeenCalled());
  await call.settle(tokens(10));
  full.mockRestore();
  expect(await used()).toBe(0);
});

/** As it stands in the database, held back or used, of all sites. */
const counted = async () =>
  Object.values((await database.accounts.get('*'))?.days ?? {}).reduce((sum, { tokens: day }) => sum + day, 0);

test('what was read or written before is not read again for the next call', async () => {
  const read = vi.spyOn(database.accounts, 'bulkGet');
  const first = meter.reservation(site, 'free');
  await holdCounted(first, 10);
  expect(read).toHaveBeenCalledTimes(1);
  await holdCounted(meter.reservation(site, 'free'), 5);
  await first.settle(tokens(3));
  await vi.waitFor(async () => expect(await counted()).toBe(8));
  expect(read).toHaveBeenCalledTimes(1);
});

/** Lets nothing be written until it says so. */
function holdUp(fails = false) {
  const { putAtOnce } = database;
  let go: () => void = () => undefined;
  const turn = new Promise<void>((resolve) => {
    go = resolve;
  });
  const put = vi.spyOn(database, 'putAtOnce').mockImplementationOnce(async (...args) => {
    await turn;
    if (fails) throw new DOMException('Full.', 'QuotaExceededError');
    return putAtOnce.apply(database, args);
  });
  return { put, go };
}

test.each<[string, Payer]>([
  ['an ordinary window', site],
  ['a private window', hidden],
])(
  'in %s, what costs nothing and nobody limits goes on before anything is written, and is counted once',
  async (_name, payer) => {
    await holdCounted(meter.reservation(payer, 'free'), 10);
    const { put, go } = holdUp();
    const call = meter.reservation(payer, 'free');
    expect(await call.hold(tokens(5))).toEqual({ type: 'held' });
    expect(put).not.toHaveBeenCalled();
    // An answer that outgrows it soon is counted after it.
    const more = call.hold(tokens(2));
    await vi.waitFor(() => expect(put).toHaveBeenCalled());
    expect(await counted()).toBe(10);
    go();
    expect(await more).toEqual({ type: 'held' });
    expect(await counted()).toBe(17);
    await call.settle(tokens(3));
    expect(await counted()).toBe(13);
  },
);

test('while one is being counted the next one goes on, and sees what the first brings', async () => {
  await holdCounted(meter.reservation(site, 'free'), 10);
  const { put, go } = holdUp();
  const billed = meter.reservation(site, 'metered').hold(money(1));
  await vi.waitFor(() => expect(put).toHaveBeenCalled());
  expect(await meter.reservation(site, 'free').hold(tokens(5))).toEqual({ type: 'held' });
  go();
  await billed;
  await vi.waitFor(async () => expect(await counted()).toBe(16));
});

test('what was sent counts, also where the person set a budget before it was counted', async () => {
  await holdCounted(meter.reservation(site, 'free'), 10);
  const set = setTokens(12);
  const call = meter.reservation(site, 'free');
  expect(await call.hold(tokens(5))).toEqual({ type: 'held' });
  await set;
  await call.settle(tokens(4));
  expect(await counted()).toBe(14);
  expect(await meter.reservation(site, 'free').hold(tokens(1))).toMatchObject({ type: 'over' });
});

test('where that cannot be written, nothing is settled either', async () => {
  await holdCounted(meter.reservation(site, 'free'), 10);
  const { go } = holdUp(true);
  const call = meter.reservation(site, 'free');
  expect(await call.hold(tokens(5))).toEqual({ type: 'held' });
  const settled = call.settle(tokens(3));
  go();
  await settled;
  expect(await counted()).toBe(10);
});

test.each<[string, Tariff, () => Promise<void>]>([
  ['is billed', 'metered', async () => undefined],
  ['has a budget', 'free', () => setTokens(100)],
])('a call that %s waits until it is written', async (_name, tariff, prepare) => {
  await prepare();
  await holdCounted(meter.reservation(site, 'free'), 10);
  const { put, go } = holdUp();
  const gone = vi.fn();
  const hold = meter.reservation(site, tariff).hold(tokens(5)).then(gone);
  await vi.waitFor(() => expect(put).toHaveBeenCalled());
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(gone).not.toHaveBeenCalled();
  go();
  await hold;
  expect(gone).toHaveBeenCalledWith({ type: 'held' });
});

test('what another writes while it is read is read again', async () => {
  const { bulkGet } = database.accounts;
  const read = vi.spyOn(database.accounts, 'bulkGet').mockImplementationOnce((async (keys: string[]) => {
    const rows = await bulkGet.call(database.accounts, keys);
    await database.accounts.put({ key: '*', days: { '2026-11-24': tokens(7) } });
    return rows;
  }) as never);
  await meter.reservation(site, 'free').hold(tokens(5));
  await vi.waitFor(async () => expect(await counted()).toBe(12));
  expect(read).toHaveBeenCalledTimes(2);
});

test('what another wrote meanwhile is read again', async () => {
  await holdCounted(meter.reservation(site, 'free'), 10);
  const rows = await database.accounts.toArray();
  await database.accounts.bulkPut(rows.map((row) => ({ ...row, days: {} })));
  await holdCounted(meter.reservation(site, 'free'), 5);
  expect(await counted()).toBe(5);
});

test('where what private windows used could not be read, a call that costs something does not begin; the next one reads it again', async () => {
  // At the start, and once more for the call.
  vi.spyOn(session, 'get').mockRejectedValueOnce(new Error('busy')).mockRejectedValueOnce(new Error('busy'));
  start();
  await expect(meter.reservation(site, 'metered').hold(money(5))).rejects.toThrow('busy');
  expect(await meter.reservation(site, 'metered').hold(money(5))).toEqual({ type: 'held' });
});

test('a database that the browser closed without a word is opened again, and the call is counted once', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  await meter.reservation(site, 'metered').hold(money(5));
  database.backendDB()?.close();
  expect(await meter.reservation(site, 'metered').hold(money(5))).toEqual({ type: 'held' });
  expect(await counted()).toBe(2);
});

test('a row that could not be written is read again', async () => {
  await holdCounted(meter.reservation(site, 'free'), 10);
  vi.spyOn(database, 'putAtOnce').mockRejectedValueOnce(new Error('full'));
  await expect(meter.reservation(site, 'metered').hold(money(5))).rejects.toThrow('full');
  const read = vi.spyOn(database.accounts, 'bulkGet');
  await holdCounted(meter.reservation(site, 'free'), 5);
  expect(read).toHaveBeenCalledTimes(1);
  expect(await counted()).toBe(15);
});

test('after a start, what was looked at is not read again for the first call', async () => {
  await holdCounted(meter.reservation(site, 'free'), 10);
  start();
  await meter.look(site);
  const read = vi.spyOn(database.accounts, 'bulkGet');
  await holdCounted(meter.reservation(site, 'free'), 5);
  expect(read).not.toHaveBeenCalled();
  expect(await counted()).toBe(15);
});

test.each<[string, Tariff, boolean, () => Promise<void>]>([
  ['that costs nothing', 'free', true, async () => undefined],
  ['whose price is not known', 'metered', false, async () => undefined],
  ['that has a price', 'priced', false, async () => undefined],
  ['of a site with a budget', 'free', false, () => setTokens(100)],
  ['where all sites together have a budget', 'free', false, () => meter.set(undefined, { period: 'day', tokens: 100 })],
])('a call %s: %s, free is %s', async (_name, tariff, expected, prepare) => {
  await prepare();
  expect(await meter.reservation(site, tariff).isFree()).toBe(expected);
  expect(await meter.reservation({ ...site, isPrivate: true }, tariff).isFree()).toBe(expected);
});
