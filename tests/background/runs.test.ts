import { beforeEach, expect, test, vi } from 'vitest';
import { createRuns, type Runs } from '../../background/runs';
import { toRequestId } from '../../protocol/ids';
import { createArea, type MemoryArea } from './support/area';
import { createHolds } from './support/keep-alive';
import { pageOf } from './support/pages';

const page = pageOf();
const other = pageOf({ origin: 'https://other.test', documentId: 'document-2' });
const about = { model: 'm', connectionName: 'Mine' };
const one = toRequestId('1');

let session: MemoryArea;
let holds: ReturnType<typeof createHolds>;
let onChange: ReturnType<typeof vi.fn<() => void>>;
let runs: Runs;

beforeEach(() => {
  session = createArea();
  onChange = vi.fn();
  restart();
});

function restart(): void {
  holds = createHolds();
  runs = createRuns({ session, keepAlive: holds, now: () => 5, onChange });
}

const begin = (who = page, id = one, signal = new AbortController().signal) => runs.begin(who, id, about, signal);

test('what runs is shown, keeps the background alive and ends', async () => {
  const run = await begin();
  expect(runs.running()).toEqual([{ id: 'document-1 1', subject: page.subject, startedAt: 5, ...about }]);
  expect(holds.count).toBe(1);
  await run.end();
  expect(runs.running()).toEqual([]);
  expect(holds.count).toBe(0);
  expect(onChange).toHaveBeenCalledTimes(2);
});

test('the background is kept alive until the books of a run are closed, whatever becomes of them', async () => {
  const run = await begin();
  let fail = (_: Error): void => undefined;
  const ended = run.end(
    new Promise<void>((_, reject) => {
      fail = reject;
    }),
  );
  expect(runs.running()).toEqual([]);
  await vi.waitFor(() => expect(session.entries.get('sent')).toEqual([]));
  expect(holds.count).toBe(1);
  fail(new Error('full'));
  await expect(ended).rejects.toThrow('full');
  expect(holds.count).toBe(0);
});

test('whoever gives up ends the run, whether before it began or in the middle; after its end nothing is stopped', async () => {
  const early = await begin(page, one, AbortSignal.abort('early'));
  expect(early.signal.reason).toBe('early');
  const caller = new AbortController();
  const late = await begin(page, toRequestId('2'), caller.signal);
  expect(late.signal.aborted).toBe(false);
  caller.abort('late');
  expect(late.signal.reason).toBe('late');
  const after = new AbortController();
  const ended = await begin(page, toRequestId('3'), after.signal);
  await ended.end();
  after.abort();
  expect(ended.signal.aborted).toBe(false);
});

test('what a backend does before it answers is shown until it answers', async () => {
  const run = await begin();
  const progress = { type: 'progress', stage: 'queued', position: 2 } as const;
  run.progress(progress);
  expect(runs.running()).toMatchObject([{ ...about, progress }]);
  run.progress(undefined);
  expect(runs.running()[0]?.progress).toBeUndefined();
  const count = onChange.mock.calls.length;
  run.progress(undefined);
  expect(onChange).toHaveBeenCalledTimes(count);
});

test('a request whose answer is being worked on goes on, and its mark stays one', async () => {
  await begin();
  restart();
  const run = await runs.begin(page, one, about, new AbortController().signal, { isResumed: true });
  expect(session.entries.get('sent')).toEqual(['document-1 1']);
  await run.end();
  expect(session.entries.get('sent')).toEqual([]);
});

test('the caller’s abort reaches the run', async () => {
  const abort = new AbortController();
  const run = await begin(page, one, abort.signal);
  abort.abort();
  expect(run.signal.aborted).toBe(true);
});

test('the person stops one run, those of a site, or all', async () => {
  const first = await begin();
  const second = await begin(page, toRequestId('2'));
  const third = await begin(other);
  const stopped = () => [first, second, third].map(({ signal }) => signal.aborted);
  runs.stop('document-1 2');
  expect(stopped()).toEqual([false, true, false]);
  runs.stopSite(page);
  expect(stopped()).toEqual([true, true, false]);
  runs.stopAll();
  expect(stopped()).toEqual([true, true, true]);
  expect(third.signal.reason).toMatchObject({ code: 'aborted' });
  expect(second.signal.reason).toMatchObject({ code: 'aborted' });
  // T42: the page of a site that lost its permission is told what it would be told at its next call.
  expect(first.signal.reason).toMatchObject({ code: 'not-allowed' });
  runs.stop('no such run');
});

// T44
test.each([false, true])('a site that is stopped where private is %s goes on in the other windows', async (isPrivate) => {
  const inPrivate = pageOf({ isPrivate: true, documentId: 'document-3' });
  const [ordinary, secret] = [await begin(), await begin(inPrivate)];
  runs.stopSite(isPrivate ? inPrivate : page);
  expect([ordinary.signal.aborted, secret.signal.aborted]).toEqual([!isPrivate, isPrivate]);
});

test('a request that was sent before the background died is not sent again', async () => {
  await begin();
  restart();
  expect(await runs.wasSent(page, one)).toBe(true);
  await expect(begin()).rejects.toMatchObject({ code: 'interrupted' });
  expect(holds.count).toBe(0);
});

test('the mark is written before anything is sent', async () => {
  await begin();
  expect(session.entries.get('sent')).toEqual(['document-1 1']);
});

test('a mark that was begun before is the one that a run waits for', async () => {
  runs.mark(page, one);
  await begin();
  expect(session.entries.get('sent')).toEqual(['document-1 1']);
});

test('what was marked and is not sent after all may be sent later', async () => {
  runs.mark(page, one);
  await runs.unmark(page, one);
  expect(session.entries.get('sent')).toEqual([]);
  restart();
  await begin();
  expect(session.entries.get('sent')).toEqual(['document-1 1']);
});

test('a mark of a background that died stays, whoever takes back the one of today', async () => {
  await begin();
  restart();
  runs.mark(page, one);
  await runs.unmark(page, one);
  expect(await runs.wasSent(page, one)).toBe(true);
  runs.mark(page, one);
  await expect(begin()).rejects.toMatchObject({ code: 'interrupted' });
});

test('a request without its mark does not run', async () => {
  session.failNext();
  await expect(begin()).rejects.toThrow('quota');
  expect(holds.count).toBe(0);
  expect(runs.running()).toEqual([]);
});

test('what costs nothing runs without a mark, also where none could be written', async () => {
  session.failNext();
  const run = await runs.begin(page, one, about, new AbortController().signal, { isFree: true });
  expect(await runs.wasSent(page, one)).toBe(false);
  await run.end();
  expect(session.entries.has('sent')).toBe(false);
  expect(holds.count).toBe(0);
});

test('the same id is free again when it ended, and was never taken in another document', async () => {
  const run = await begin();
  expect(await runs.wasSent(other, one)).toBe(false);
  await run.end();
  expect(await runs.wasSent(page, one)).toBe(false);
  await (await begin()).end();
});

test.each<[string, () => void, boolean]>([
  ['the site', () => runs.stopSite(page), true],
  ['everything', () => runs.stopAll(), true],
  ['the same site in private windows', () => runs.stopSite({ ...page, isPrivate: true }), false],
  ['another site', () => runs.stopSite(other), false],
])('a pass given out before %s was stopped says so', (_name, stop, expected) => {
  const isStopped = runs.pass(page);
  expect(isStopped()).toBe(false);
  stop();
  expect(isStopped()).toBe(expected);
  expect(runs.pass(page)()).toBe(false);
});
