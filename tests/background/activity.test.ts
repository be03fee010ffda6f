import { beforeEach, expect, test, vi } from 'vitest';
import { type Activity, createActivity, type Outcome } from '../../background/activity';
import { createActivityLog } from '../../background/activity-log';
import { dayOf } from '../../background/budgets';
import type { ConnectionRecord, Database } from '../../background/database';
import { createUsageSums } from '../../background/usage-sums';
import { AiError, backendError, type Fault } from '../../protocol/errors';
import { toConnectionId } from '../../protocol/ids';
import { limits } from '../../protocol/limits';
import { chatSubject } from '../../protocol/ui-messages';
import { createArea, type MemoryArea } from './support/area';
import { dumpOf, newDatabase } from './support/database';
import { pageOf } from './support/pages';

const connection: ConnectionRecord = { id: toConnectionId('c1'), providerId: 'openai', name: 'Mine', createdAt: 1 };

let database: Database;
let session: MemoryArea;
let now: number;
let onChange: ReturnType<typeof vi.fn<() => void>>;
let onFailure: ReturnType<typeof vi.fn<(...told: unknown[]) => void>>;
let activity: Activity;

beforeEach(() => {
  database = newDatabase();
  session = createArea();
  now = 2000;
  onChange = vi.fn();
  onFailure = vi.fn();
  activity = create();
});

const create = () => {
  const log = createActivityLog({ database, sums: createUsageSums(database), now: () => now });
  const contents = { recorder: async () => undefined, seal: async () => undefined };
  return createActivity({ log, contents, session, now: () => now, onChange, onFailure });
};
const outcome = (fields: Partial<Outcome> = {}): Outcome => ({
  asker: pageOf(),
  connection,
  model: 'm',
  info: undefined,
  startedAt: 1500,
  warnings: [],
  usage: undefined,
  error: undefined,
  recorder: undefined,
  ...fields,
});
const failure = (fault: Fault, id = 'c1') =>
  outcome({
    connection: { ...connection, id: toConnectionId(id) },
    error: backendError(fault, 'x', { status: 401, detail: 'No such key' }),
  });

test('an answered call is one row of metadata', async () => {
  await activity.append(outcome({ usage: { inputTokens: 5, outputTokens: 7, estimated: false } }));
  expect(await database.activity.toArray()).toEqual([
    {
      id: 1,
      at: 2000,
      day: dayOf(2000),
      siteKey: 'https://site.test',
      subject: { top: 'https://site.test' },
      connectionId: 'c1',
      connectionName: 'Mine',
      place: 'cloud',
      model: 'm',
      outcome: 'answered',
      milliseconds: 500,
      usage: { inputTokens: 5, outputTokens: 7, estimated: false },
    },
  ]);
  expect(await activity.failures()).toEqual([]);
  // Open screens show it.
  expect(onChange).toHaveBeenCalledTimes(1);
});

test('a call keeps what was left out of it, and that nobody bills it', async () => {
  const warnings = [{ type: 'parameter-dropped', parameter: 'top_k' }] as const;
  const here = { ...connection, providerId: 'openai-compatible', baseUrl: 'http://127.0.0.1:8080/v1' };
  await activity.append(outcome({ warnings, connection: here }));
  expect((await database.activity.toArray())[0]).toMatchObject({ warnings, isFree: true, place: 'this-computer' });
});

test('a failed call leaves its code in the log, and its story for the person', async () => {
  await activity.append(failure('auth'));
  expect((await database.activity.toArray())[0]).toMatchObject({
    outcome: 'unavailable',
    error: { code: 'unavailable', fault: 'auth', status: 401 },
  });
  expect(await dumpOf(database)).not.toContain('No such key');
  expect(await activity.failures()).toEqual([
    {
      id: expect.any(String),
      at: 2000,
      subject: { top: 'https://site.test' },
      connectionId: 'c1',
      connectionName: 'Mine',
      error: { code: 'unavailable', fault: 'auth', status: 401, detail: 'No such key' },
    },
  ]);
  expect(onChange).toHaveBeenCalledTimes(2);
});

test('on a full disk, where the log takes no row, the person is told of the failure all the same', async () => {
  vi.spyOn(database.activity, 'bulkAdd').mockRejectedValue(new DOMException('Full.', 'QuotaExceededError'));
  await expect(activity.append(failure('auth'))).rejects.toThrow('Full.');
  expect(await activity.failures()).toMatchObject([{ error: { fault: 'auth' } }]);
  expect(onFailure).toHaveBeenCalledOnce();
});

test('an abort is logged and is no failure', async () => {
  await activity.append(outcome({ error: new AiError('aborted', '') }));
  expect((await database.activity.toArray())[0]).toMatchObject({ outcome: 'aborted' });
  expect(await activity.failures()).toEqual([]);
});

test('a private window leaves nothing in the database', async () => {
  const asker = pageOf({ origin: 'https://secret.test', isPrivate: true });
  await activity.append({ ...outcome(), asker });
  await activity.append({ ...failure('auth'), asker });
  expect(await database.activity.count()).toBe(0);
  expect(await database.usage.count()).toBe(0);
  expect(await dumpOf(database)).not.toContain('secret.test');
});

test('the same trouble is one line, the newest first', async () => {
  await activity.append(failure('auth'));
  await activity.append(failure('payment'));
  now = 3000;
  await activity.append(failure('auth'));
  await activity.append(failure('auth', 'c2'));
  expect((await activity.failures()).map(({ connectionId, error, at }) => [connectionId, error.fault, at])).toEqual([
    ['c2', 'auth', 3000],
    ['c1', 'auth', 3000],
    ['c1', 'payment', 2000],
  ]);
});

test(`${limits.failuresShown} failures are kept`, async () => {
  for (let index = 0; index < limits.failuresShown + 3; index += 1) await activity.append(failure('auth', `c${index}`));
  expect((await activity.failures()).map(({ connectionId }) => connectionId)).toEqual(['c7', 'c6', 'c5', 'c4', 'c3']);
});

test('a failure goes when it is dismissed, and failures survive the death of the background', async () => {
  await activity.append(failure('auth'));
  await activity.append(failure('payment'));
  activity = create();
  const [newest] = await activity.failures();
  await activity.dismiss(newest?.id ?? '');
  expect((await activity.failures()).map(({ error }) => error.fault)).toEqual(['auth']);
  expect(onChange).toHaveBeenCalledTimes(5);
});

test('a page that got no answer is told of with its backend; a private window, the chat and what the page itself ended are not', async () => {
  const error = backendError('auth', 'no');
  await activity.append(outcome({ error }));
  expect(onFailure).toHaveBeenCalledExactlyOnceWith(error, connection);
  await activity.append(outcome({ error, asker: { ...pageOf(), isPrivate: true } }));
  await activity.append(outcome({ error, asker: { ...pageOf(), subject: chatSubject } }));
  await activity.append(outcome({ error: new AiError('aborted', 'gone') }));
  expect(onFailure).toHaveBeenCalledOnce();
});
