import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Approvals, type Ask, createApprovals, type Verdict } from '../../background/approvals';
import type { Database } from '../../background/database';
import { createGrants, type Grants } from '../../background/grants';
import type { PageIdentity } from '../../background/identity';
import type { Meter } from '../../background/meter';
import { createRules } from '../../background/rules';
import { anyModel, type Choice, classicScopes, type Grant } from '../../background/scopes';
import { createSiteRecords } from '../../background/site-records';
import type { Message } from '../../protocol/generate';
import { toApprovalId, toConnectionId, toDigest, toRequestId } from '../../protocol/ids';
import { limits } from '../../protocol/limits';
import type { Decision } from '../../protocol/ui-messages';
import { createArea, type MemoryArea } from './support/area';
import { newDatabase } from './support/database';
import { eventually } from './support/eventually';
import { createHolds } from './support/keep-alive';
import { pageOf } from './support/pages';

const page = pageOf();
const other = pageOf({ origin: 'https://other.test', tabId: 2, documentId: 'document-2' });
const messages: readonly Message[] = [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }];

const here: Choice = { connection: toConnectionId('c'), model: 'm', place: 'this-computer' };
const far: Choice = { connection: toConnectionId('far'), model: 'f', place: 'cloud' };
const nothing = { grants: [], useHere: false, asksEveryTime: false };

let database: Database;
let session: MemoryArea;
let grants: Grants;
let now: number;
let holds: ReturnType<typeof createHolds>;
let surface: {
  setWaiting: ReturnType<typeof vi.fn<(count: number) => void>>;
  open: ReturnType<typeof vi.fn<() => Promise<void>>>;
};
let activeTabs: Set<number>;
let onChange: ReturnType<typeof vi.fn<() => void>>;
let meter: { add: ReturnType<typeof vi.fn<Meter['add']>>; stop: ReturnType<typeof vi.fn<Meter['stop']>> };
let approvals: Approvals;
let plan: readonly Choice[];
let verdicts: Verdict[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  database = newDatabase();
  session = createArea();
  now = 1_700_000_000_000;
  activeTabs = new Set([1, 2]);
  plan = [here];
  verdicts = [];
  start();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A background that begins, or begins again, on the same session. */
function start(): void {
  holds = createHolds();
  surface = { setWaiting: vi.fn(), open: vi.fn(async () => undefined) };
  onChange = vi.fn();
  meter = { add: vi.fn(async () => undefined), stop: vi.fn(async () => undefined) };
  grants = createGrants({ database, session, now: () => now });
  approvals = createApprovals({
    session,
    grants,
    rules: createRules(createSiteRecords(database)),
    plan: async () => plan,
    meter,
    surface,
    keepAlive: holds,
    isTabActive: async (tabId) => activeTabs.has(tabId),
    now: () => now,
    onChange,
  });
}

interface Asking extends Pick<Ask, 'notice' | 'onlyThis' | 'asked' | 'scopes'> {
  readonly digest: string;
  readonly activated: boolean;
}

interface Asked {
  readonly outcome: Promise<string>;
  readonly abort: AbortController;
}

function ask(
  who: PageIdentity = page,
  requestId = '1',
  { digest = 'digest', activated = true, ...about }: Partial<Asking> = {},
): Asked {
  const abort = new AbortController();
  const outcome = approvals
    .ask(
      {
        page: who,
        requestId: toRequestId(requestId),
        digest: toDigest(digest),
        content: { messages },
        scopes: ['generate'],
        activated,
        ...about,
      },
      abort.signal,
    )
    .then(
      (verdict) => {
        verdicts.push(verdict);
        return 'allowed';
      },
      (error) => String(error.code),
    );
  return { outcome, abort };
}

const waiting = (count: number) => eventually(async () => expect(await approvals.waiting()).toHaveLength(count));

async function firstCard() {
  const [card] = await approvals.waiting();
  if (!card) throw new Error('Nothing waits.');
  return card;
}

/** A card as the interface shows it. */
const shownCard = async () => {
  const record = await firstCard();
  return { ...record, digest: (await approvals.shown(record)).digest };
};

const decide = async (decision: Decision, edited?: readonly Message[]) => {
  const { id, digest } = await shownCard();
  await approvals.decide(id, digest, decision, edited);
};

const settled = async ({ outcome }: Asked) =>
  Promise.race([outcome, new Promise((resolve) => setImmediate(() => resolve('waits')))]);

test.each<[Decision, string]>([
  ['allow-request', 'allowed'],
  ['allow-visit', 'allowed'],
  ['allow-always', 'allowed'],
  ['deny', 'not-allowed'],
  ['never', 'not-allowed'],
])('%s settles the call: %s', async (decision, expected) => {
  const asked = ask();
  await waiting(1);
  await decide(decision);
  expect(await asked.outcome).toBe(expected);
  expect(await approvals.waiting()).toEqual([]);
});

const granted = (mode: Grant['mode'], ttl: number): Grant => ({
  subject: page.subject,
  scopes: classicScopes,
  models: [anyModel],
  connection: 'active',
  mode,
  issuedAt: 1_700_000_000_000,
  lastUsedAt: 1_700_000_000_000,
  expiresAt: 1_700_000_000_000 + ttl,
  place: 'this-computer',
});

test.each<[Decision, object]>([
  ['allow-request', {}],
  ['allow-visit', { grants: [granted('visit', limits.visitTtl)] }],
  ['allow-always', { grants: [granted('always', limits.alwaysUnusedTtl)] }],
  ['deny', { refusals: { count: 1, at: 1_700_000_000_000 } }],
  ['never', { blockedAt: 1_700_000_000_000 }],
])('%s leaves of the site exactly what it says', async (decision, state) => {
  const asked = ask();
  await waiting(1);
  await decide(decision);
  await asked.outcome;
  expect(await grants.stateOf(page)).toEqual({ ...nothing, ...state });
});

test('a card says who asks, and holds no word of the request', async () => {
  ask(pageOf({ origin: 'http://nas', top: 'https://site.test' }));
  await waiting(1);
  expect(await firstCard()).toMatchObject({
    subject: { top: 'https://site.test', frame: 'http://nas' },
    insecure: true,
    digest: 'digest',
    createdAt: now,
  });
  expect(JSON.stringify(session.entries.get('approvals'))).not.toContain('Hi');
});

test('the full text is there for the person while the page is', async () => {
  ask();
  await waiting(1);
  const { id } = await firstCard();
  expect(approvals.content(id)).toEqual({ messages });
  start();
  expect(approvals.content(id)).toBeUndefined();
});

// T21
test('T21 a decision about another digest is refused, and changes nothing', async () => {
  const asked = ask();
  await waiting(1);
  const { id } = await firstCard();
  await expect(approvals.decide(id, toDigest('another'), 'allow-always')).rejects.toMatchObject({ code: 'invalid-request' });
  expect(await settled(asked)).toBe('waits');
  expect(await grants.stateOf(page)).toEqual(nothing);
});

test('T21 a decision about an unknown card is refused', async () => {
  await expect(approvals.decide(toApprovalId('none'), toDigest('digest'), 'allow-visit')).rejects.toMatchObject({
    code: 'invalid-request',
  });
});

test('T21 a card is decided once', async () => {
  const asked = ask();
  await waiting(1);
  const { id, digest } = await shownCard();
  await approvals.decide(id, digest, 'allow-request');
  await expect(approvals.decide(id, digest, 'allow-always')).rejects.toMatchObject({ code: 'invalid-request' });
  expect(await asked.outcome).toBe('allowed');
  expect(await grants.stateOf(page)).toEqual(nothing);
});

// T20
test('T20 two decisions at the same moment are one: a double click on Don’t allow is one refusal', async () => {
  const asked = ask();
  await waiting(1);
  const { id, digest } = await shownCard();
  const both = await Promise.allSettled([approvals.decide(id, digest, 'deny'), approvals.decide(id, digest, 'deny')]);
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(await asked.outcome).toBe('not-allowed');
  expect((await grants.stateOf(page)).refusals).toMatchObject({ count: 1 });
});

test('a decision that could not be stored may be given again', async () => {
  const asked = ask();
  await waiting(1);
  session.failNext();
  await expect(decide('allow-visit')).rejects.toThrow('quota');
  expect(await settled(asked)).toBe('waits');
  await decide('allow-visit');
  expect(await asked.outcome).toBe('allowed');
});

test.each<[Decision, string]>([
  ['allow-visit', 'allowed'],
  ['allow-always', 'allowed'],
  ['never', 'not-allowed'],
])('%s answers whatever else of the site waits, and nothing of another', async (decision, expected) => {
  const first = ask();
  await waiting(1);
  const second = ask(page, '2');
  await waiting(2);
  const stranger = ask(other);
  await waiting(3);
  await decide(decision);
  expect([await first.outcome, await second.outcome, await settled(stranger)]).toEqual([expected, expected, 'waits']);
});

test.each<Decision>(['allow-request', 'deny'])('%s is about one call', async (decision) => {
  const first = ask();
  await waiting(1);
  const second = ask(page, '2');
  await waiting(2);
  await decide(decision);
  await first.outcome;
  expect(await settled(second)).toBe('waits');
});

test('a private window’s calls are another site’s', async () => {
  const open = ask();
  await waiting(1);
  const secret = ask(pageOf({ isPrivate: true, documentId: 'document-3' }));
  await waiting(2);
  await decide('allow-visit');
  expect([await open.outcome, await settled(secret)]).toEqual(['allowed', 'waits']);
});

test('T24 closing the window refuses the card that it showed, and opens for the rest', async () => {
  const first = ask();
  await waiting(1);
  const second = ask(page, '2');
  await waiting(2);
  const { id } = await firstCard();
  surface.open.mockClear();
  await approvals.windowClosed(id);
  expect([await first.outcome, await settled(second)]).toEqual(['not-allowed', 'waits']);
  expect(surface.open).toHaveBeenCalledTimes(1);
});

test('closing the window on the last card opens nothing', async () => {
  const asked = ask();
  await waiting(1);
  surface.open.mockClear();
  await approvals.windowClosed((await firstCard()).id);
  expect(await asked.outcome).toBe('not-allowed');
  expect(surface.open).not.toHaveBeenCalled();
});

test.each([
  ['closed before it said what it shows', undefined, true, 0],
  ['closed by itself, when what it showed was gone', toApprovalId('gone'), true, 1],
  ['closed by itself, while a document that nobody used waits', toApprovalId('gone'), false, 0],
])('a window that is %s refuses nothing', async (_name, shown, activated, opened) => {
  const asked = ask(page, '1', { activated });
  await waiting(1);
  if (activated) await eventually(() => expect(surface.open).toHaveBeenCalled());
  surface.open.mockClear();
  await approvals.windowClosed(shown);
  expect(await settled(asked)).toBe('waits');
  expect(surface.open).toHaveBeenCalledTimes(opened);
});

// T44
test.each([
  [false, ['not-allowed', 'not-allowed', 'waits', 'waits']],
  [true, ['waits', 'waits', 'not-allowed', 'waits']],
])(
  'refusing a site where private is %s is about all of its cards in those windows, and about nobody else',
  async (isPrivate, outcomes) => {
    const asked = [ask(), ask(page, '2'), ask(pageOf({ isPrivate: true, documentId: 'document-3' })), ask(other)];
    await waiting(4);
    await approvals.refuseSite({ subject: page.subject, isPrivate });
    expect(await Promise.all(asked.map(settled))).toEqual(outcomes);
    expect((await grants.stateOf(page)).refusals).toBeUndefined();
  },
);

test('a refusal that was given while the page was away is its answer when it comes back: it is not asked again', async () => {
  ask();
  await waiting(1);
  start();
  await decide('deny');
  expect(await approvals.waiting()).toEqual([]);
  expect(await ask().outcome).toBe('not-allowed');
  expect((await grants.stateOf(page)).refusals).toMatchObject({ count: 1 });
});

// T25
test('T25 a page that aborts or goes takes its card along', async () => {
  const asked = ask();
  await waiting(1);
  const { id, digest } = await shownCard();
  asked.abort.abort();
  expect(await asked.outcome).toBe('aborted');
  await waiting(0);
  await expect(approvals.decide(id, digest, 'allow-always')).rejects.toMatchObject({ code: 'invalid-request' });
  expect(await grants.stateOf(page)).toEqual(nothing);
  expect(surface.setWaiting).toHaveBeenLastCalledWith(0);
});

test('a page that is gone already leaves no card', async () => {
  const abort = AbortSignal.abort();
  const asking = approvals.ask(
    { page, requestId: toRequestId('1'), digest: toDigest('d'), content: { messages }, scopes: ['generate'], activated: true },
    abort,
  );
  await expect(asking).rejects.toMatchObject({ code: 'aborted' });
  await waiting(0);
  expect(surface.open).not.toHaveBeenCalled();
});

test('a page that goes while its window opens is no unhandled rejection', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  let opened: (() => void) | undefined;
  surface.open.mockImplementation(
    () =>
      new Promise<void>((resolve) => {
        opened = resolve;
      }),
  );
  const asked = ask();
  await eventually(() => expect(opened).toBeDefined());
  asked.abort.abort();
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  opened?.();
  expect(await asked.outcome).toBe('aborted');
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

// T27
test.each([
  ['a document that the person used, in the visible tab', true, true, 1],
  ['a document that nobody used', false, true, 0],
  ['a tab in the background', true, false, 0],
])('%s: windows opened by itself', async (_name, activated, isActive, expected) => {
  if (!isActive) activeTabs.delete(1);
  ask(page, '1', { activated });
  await waiting(1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(surface.open).toHaveBeenCalledTimes(expected);
  expect(surface.setWaiting).toHaveBeenLastCalledWith(1);
});

test('a browser that opens no window still shows the badge, and the call waits', async () => {
  surface.open.mockRejectedValue(new Error('no window'));
  const asked = ask();
  await waiting(1);
  expect(await settled(asked)).toBe('waits');
  await decide('allow-request');
  expect(await asked.outcome).toBe('allowed');
});

test('the background is kept alive while something waits, and only then', async () => {
  const first = ask();
  await waiting(1);
  const second = ask(page, '2');
  await waiting(2);
  expect(holds.count).toBe(1);
  first.abort.abort();
  await waiting(1);
  expect(holds.count).toBe(1);
  second.abort.abort();
  await waiting(0);
  await eventually(() => expect(holds.count).toBe(0));
  expect(onChange).toHaveBeenCalled();
});

// T18
test(`a site has ${limits.queuePerSubject} waiting calls, and another site can ask meanwhile`, async () => {
  const asked = Array.from({ length: limits.queuePerSubject + 3 }, (_, index) => ask(page, String(index)));
  const outcomes = await Promise.all(asked.map(settled));
  expect(outcomes.filter((outcome) => outcome === 'rate-limited')).toHaveLength(3);
  await waiting(limits.queuePerSubject);
  const stranger = ask(other);
  await waiting(limits.queuePerSubject + 1);
  expect(await settled(stranger)).toBe('waits');
});

test(`all sites together have ${limits.queueTotal} waiting calls`, async () => {
  const sites = Array.from({ length: limits.queueTotal + 1 }, (_, index) =>
    pageOf({ origin: `https://site-${index}.test`, documentId: `d${index}` }),
  );
  for (const site of sites.slice(0, -1)) ask(site);
  await waiting(limits.queueTotal);
  expect(await ask(sites.at(-1)).outcome).toBe('rate-limited');
});

test('a card that nobody decides is refused after 5 minutes, and that is no refusal of the site', async () => {
  const asked = ask();
  await waiting(1);
  await vi.advanceTimersByTimeAsync(limits.approvalTtl - 1);
  expect(await settled(asked)).toBe('waits');
  await vi.advanceTimersByTimeAsync(1);
  expect(await asked.outcome).toBe('not-allowed');
  await waiting(0);
  expect((await grants.stateOf(page)).refusals).toBeUndefined();
});

test('T21 a card that is out of date cannot be allowed, though its timer is late', async () => {
  const asked = ask();
  await waiting(1);
  const { id, digest } = await shownCard();
  now += limits.approvalTtl;
  await expect(approvals.decide(id, digest, 'allow-always')).rejects.toMatchObject({ code: 'invalid-request' });
  expect(await grants.stateOf(page)).toEqual(nothing);
  await vi.advanceTimersByTimeAsync(limits.approvalTtl);
  expect(await asked.outcome).toBe('not-allowed');
});

test('a decided card leaves no timer', async () => {
  const asked = ask();
  await waiting(1);
  await decide('deny');
  await asked.outcome;
  expect(vi.getTimerCount()).toBe(0);
});

test('what waits survives the death of the background: the same request finds its card', async () => {
  ask();
  await waiting(1);
  const before = await firstCard();
  now += 60_000;
  start();
  await approvals.resume();
  expect(surface.setWaiting).toHaveBeenLastCalledWith(1);
  expect(holds.count).toBe(1);
  const again = ask();
  await eventually(() => expect(approvals.content(before.id)).toBeDefined());
  expect(await approvals.waiting()).toEqual([before]);
  await decide('allow-request');
  expect(await again.outcome).toBe('allowed');
});

test('the 5 minutes go on over the death of the background', async () => {
  ask();
  await waiting(1);
  start();
  now += limits.approvalTtl - 1000;
  const again = ask();
  await eventually(async () => expect(approvals.content((await firstCard()).id)).toBeDefined());
  await vi.advanceTimersByTimeAsync(999);
  expect(await settled(again)).toBe('waits');
  await vi.advanceTimersByTimeAsync(1);
  expect(await again.outcome).toBe('not-allowed');
});

test('a decision that was given while the page was away is found when it comes back, once', async () => {
  ask();
  await waiting(1);
  start();
  await approvals.resume();
  await decide('allow-request');
  expect(await approvals.waiting()).toEqual([]);
  expect(surface.setWaiting).toHaveBeenLastCalledWith(0);
  expect(await ask().outcome).toBe('allowed');
  const again = ask();
  await waiting(1);
  expect(await settled(again)).toBe('waits');
});

test('T21 a card that was allowed while the page was away cannot be decided again', async () => {
  ask();
  await waiting(1);
  const { id, digest } = await shownCard();
  start();
  await approvals.decide(id, digest, 'allow-request');
  await expect(approvals.decide(id, digest, 'allow-always')).rejects.toMatchObject({ code: 'invalid-request' });
});

test('T21 a request that came back changed is a new one', async () => {
  ask();
  await waiting(1);
  start();
  await decide('allow-request');
  const changed = ask(page, '1', { digest: 'another' });
  await waiting(1);
  expect((await firstCard()).digest).toBe('another');
  expect(await settled(changed)).toBe('waits');
});

test('T21 another document with the same request id does not get the decision', async () => {
  ask();
  await waiting(1);
  start();
  await decide('allow-request');
  const stranger = ask(pageOf({ documentId: 'document-9' }));
  await waiting(1);
  expect(await settled(stranger)).toBe('waits');
});

test('what no page comes back for is dropped after 10 s', async () => {
  ask();
  await waiting(1);
  ask(page, '2');
  await waiting(2);
  start();
  await approvals.resume();
  const back = ask(page, '2');
  await eventually(async () =>
    expect((await approvals.waiting()).map(({ id }) => approvals.content(id))).toContainEqual({ messages }),
  );
  await vi.advanceTimersByTimeAsync(9_999);
  expect(await approvals.waiting()).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  expect((await approvals.waiting()).map(({ requestId }) => requestId)).toEqual(['2']);
  expect(await settled(back)).toBe('waits');
});

test('a background that wakes with nothing waiting does nothing', async () => {
  await approvals.resume();
  expect(vi.getTimerCount()).toBe(0);
  expect(holds.count).toBe(0);
  expect(onChange).not.toHaveBeenCalled();
});

test('an allowed call resolves to who was shown to answer it', async () => {
  plan = [here, far];
  const asked = ask();
  await waiting(1);
  await decide('allow-request');
  await asked.outcome;
  expect(verdicts).toEqual([{ choices: [here, far], messages: undefined }]);
});

test('T21 a card whose answer changed since it was shown cannot be allowed, nor refused by mistake', async () => {
  const asked = ask();
  await waiting(1);
  const { id, digest } = await shownCard();
  plan = [far];
  for (const decision of ['allow-always', 'deny'] as const)
    await expect(approvals.decide(id, digest, decision)).rejects.toMatchObject({ code: 'invalid-request' });
  expect(await settled(asked)).toBe('waits');
  await decide('allow-always');
  expect((await grants.stateOf(page)).grants).toMatchObject([{ place: 'cloud' }]);
});

test('nothing can be allowed where nobody would answer, and it can be refused', async () => {
  plan = [];
  const asked = ask();
  await waiting(1);
  await expect(decide('allow-visit')).rejects.toMatchObject({ code: 'invalid-state' });
  await decide('deny');
  expect(await asked.outcome).toBe('not-allowed');
});

test('an edited request resolves with its edited messages', async () => {
  const asked = ask();
  await waiting(1);
  const edited: readonly Message[] = [{ role: 'user', content: [{ type: 'text', text: 'Less' }] }];
  await decide('allow-request', edited);
  await asked.outcome;
  expect(verdicts).toEqual([{ choices: [here], messages: edited }]);
});

test('whom the person picked on the card answers, over the death of the background', async () => {
  ask();
  await waiting(1);
  await approvals.change((await firstCard()).id, far);
  start();
  await decide('allow-request');
  await ask().outcome;
  expect(verdicts).toEqual([{ choices: [far] }]);
});

test('a pick for the visit stays with the visit when more is asked for', async () => {
  const first = ask();
  await waiting(1);
  await approvals.change((await firstCard()).id, far);
  await decide('allow-visit');
  await first.outcome;
  plan = [far];
  const second = ask(page, '2', { scopes: ['generate', 'tools'] });
  await waiting(1);
  await decide('allow-visit');
  await second.outcome;
  expect((await grants.stateOf(page)).grants).toMatchObject([
    { connection: far.connection, models: ['f'], scopes: ['generate', 'models.read', 'tools'] },
  ]);
});

test('a pick of a connection alone leaves the visit every model of it', async () => {
  const first = ask();
  await waiting(1);
  await approvals.change((await firstCard()).id, { ...far, model: undefined });
  await decide('allow-visit');
  await first.outcome;
  expect((await grants.stateOf(page)).grants).toMatchObject([{ connection: far.connection, models: [anyModel] }]);
});

test('a call that comes back while its card is allowed is not let through twice by the site’s decision', async () => {
  const first = ask();
  await waiting(1);
  ask(other, '1');
  await waiting(2);
  start();
  await approvals.decide((await shownCard()).id, (await shownCard()).digest, 'allow-request');
  const again = ask(page, '2');
  await waiting(2);
  const cards = await approvals.waiting();
  const second = cards.find(({ requestId }) => requestId === '2');
  if (!second) throw new Error('It does not wait.');
  await approvals.decide(second.id, (await approvals.shown(second)).digest, 'allow-visit');
  expect(await again.outcome).toBe('allowed');
  expect(await settled(first)).toBe('waits');
});

test('a window that does not open again for what is left is no error', async () => {
  const first = ask();
  await waiting(1);
  ask(page, '2');
  await waiting(2);
  surface.open.mockRejectedValue(new Error('no window'));
  await approvals.windowClosed((await firstCard()).id);
  expect(await first.outcome).toBe('not-allowed');
});

const question = { scope: 'site', unit: 'tokens', period: 'day', limit: 10, used: 10, needed: 1, add: 10 } as const;

function askMoney(who: PageIdentity, requestId: string, scope: 'site' | 'all' = 'site') {
  const about = {
    page: who,
    requestId: toRequestId(requestId),
    digest: toDigest(requestId),
    content: { messages },
    activated: false,
    scopes: [],
  };
  return approvals.ask({ ...about, question: { ...question, scope } }, new AbortController().signal).then(
    () => 'allowed',
    (error) => String(error.code),
  );
}

test('Add answers every card about the same money, and no other', async () => {
  const own = [askMoney(page, '1'), askMoney(page, '2')];
  const ofOther = askMoney(other, '3');
  const permission = ask(page, '4');
  await waiting(4);
  await decide('add');
  expect(await Promise.all(own)).toEqual(['allowed', 'allowed']);
  expect(meter.add).toHaveBeenCalledTimes(1);
  await waiting(2);
  await decide('deny');
  expect(await ofOther).toBe('payment-required');
  expect(meter.stop).toHaveBeenCalledTimes(1);
  expect(await settled(permission)).toBe('waits');
});

test('Add to what all sites share answers the cards of all sites', async () => {
  const all = [askMoney(page, '1', 'all'), askMoney(other, '2', 'all')];
  await waiting(2);
  await decide('add');
  expect(await Promise.all(all)).toEqual(['allowed', 'allowed']);
});

test('a site that is never to ask again gets no money either', async () => {
  const permission = ask(page, '1');
  const money = askMoney(page, '2');
  await waiting(2);
  await decide('never');
  expect(await permission.outcome).toBe('not-allowed');
  expect(await money).toBe('payment-required');
});

test('a card about money that nobody answers stops the call, and is no Stop of the person', async () => {
  const money = askMoney(page, '1');
  await waiting(1);
  await vi.advanceTimersByTimeAsync(limits.approvalTtl);
  expect(await money).toBe('payment-required');
  expect(meter.stop).not.toHaveBeenCalled();
});
