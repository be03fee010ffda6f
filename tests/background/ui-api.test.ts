import { beforeEach, expect, test } from 'vitest';
import { toConnectionId } from '../../protocol/ids';
import { type Background, createBackground, type Screen } from './support/background';
import { deviceFile, deviceModel } from './support/device';
import { eventually } from './support/eventually';
import { senderOf } from './support/pages';

const generate = { type: 'generate', request: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] } };
const top = 'https://site.test' as never;

let background: Background;
let screen: Screen;
beforeEach(() => {
  background = createBackground();
  screen = background.screen();
});

test('at first there is nothing', async () => {
  expect(await screen.call('overview', {})).toEqual({
    connections: [],
    approvals: [],
    running: [],
    failures: [],
    device: [{ model: deviceModel, state: { type: 'absent' } }],
    vault: { type: 'open', autoLock: '60m', isRestored: false, isAdviceDismissed: false },
  });
  expect(await screen.call('sites', {})).toEqual([]);
});

test('a connection is added, chosen, renamed, listed and removed', async () => {
  const { id } = await screen.call('connection-add', { providerId: 'openai-compatible', baseUrl: '127.0.0.1:8080' });
  background.now += 1;
  const second = await screen.call('connection-add', { providerId: 'openai-compatible', baseUrl: 'nas:1234', name: 'NAS' });
  expect(await screen.call('overview', {})).toMatchObject({
    activeConnection: id,
    connections: [
      {
        id,
        providerName: 'OpenAI-compatible server',
        place: 'this-computer',
        baseUrl: 'http://127.0.0.1:8080/v1',
        defaultModel: 'm-1',
      },
      { id: second.id, name: 'NAS', place: 'network' },
    ],
  });
  await screen.call('connection-use', { id: second.id });
  await screen.call('model-use', { id: second.id, model: 'm-2' });
  await screen.call('connection-update', { id, name: 'Renamed' });
  expect(await screen.call('connection-test', { id })).toMatchObject({ type: 'connected' });
  expect((await screen.call('models', { id })).map((model) => model.id)).toEqual(['m-1', 'm-2']);
  expect(await screen.call('overview', {})).toMatchObject({
    activeConnection: second.id,
    connections: [{ name: 'Renamed' }, { defaultModel: 'm-2' }],
  });
  await screen.call('connection-remove', { id: second.id });
  expect(await screen.call('overview', {})).toMatchObject({ activeConnection: id, connections: [{ id }] });
});

test.each(['connection-use', 'models'] as const)('%s of a connection that is gone says so', async (type) => {
  await expect(screen.call(type, { id: toConnectionId('gone') })).rejects.toMatchObject({ code: 'invalid-request' });
});

test('an error of a form names its field', async () => {
  const adding = screen.call('connection-add', { providerId: 'openai-compatible', baseUrl: 'ftp://x' });
  await expect(adding).rejects.toMatchObject({ code: 'invalid-request', field: 'baseUrl' });
  expect((await screen.call('overview', {})).connections).toEqual([]);
});

test('what waits for the person names who answers', async () => {
  await background.connect();
  background.page().request('1', generate);
  const card = await background.card();
  expect(card).toMatchObject({
    subject: { top },
    insecure: false,
    answeredBy: { model: 'm-1', cost: { type: 'free' }, connection: { name: 'OpenAI-compatible server' } },
  });
});

test('a refusal is shown, and Ask again forgets it', async () => {
  await background.connect();
  const page = background.page();
  for (const id of ['1', '2']) {
    page.request(id, generate);
    await background.decide('deny');
    await page.settled(id);
    const asksOnceMore = id === '1' && { asksOnceMore: true };
    expect(await screen.call('tab-sites', { tabId: 1 })).toEqual([
      { subject: { top }, state: { type: 'refused', at: background.now, ...asksOnceMore } },
    ]);
  }
  page.request('3', generate);
  expect(await page.settled('3')).toMatchObject({ error: { code: 'not-allowed' } });
  await screen.call('site-set', { subject: { top }, action: 'ask-again' });
  page.request('4', generate);
  await background.card();
});

test('a block is shown and lifted', async () => {
  const page = background.page();
  await screen.call('site-set', { subject: { top }, action: 'block' });
  page.request('1', generate);
  expect(await page.settled('1')).toMatchObject({ error: { code: 'not-allowed' } });
  expect(await screen.call('sites', {})).toMatchObject([{ state: { type: 'blocked' } }]);
  await screen.call('site-set', { subject: { top }, action: 'unblock' });
  page.request('2', generate);
  await background.card();
});

test('what a private window may do can be revoked from the popup too', async () => {
  await background.connect();
  const page = background.page(senderOf({ isPrivate: true }));
  page.request('1', generate);
  await background.decide('allow-visit');
  await page.settled('1');
  await screen.call('site-set', { subject: { top }, action: 'revoke' });
  page.request('2', generate);
  await background.card();
});

test('Ask again and Block reach a private window too', async () => {
  await background.connect();
  const page = background.page(senderOf({ isPrivate: true }));
  for (const id of ['1', '2']) {
    page.request(id, generate);
    await background.decide('deny');
    await page.settled(id);
  }
  await screen.call('site-set', { subject: { top }, action: 'ask-again' });
  page.request('3', generate);
  await background.decide('allow-visit');
  await page.settled('3');
  await screen.call('site-set', { subject: { top }, action: 'block' });
  page.request('4', generate);
  expect(await page.settled('4')).toMatchObject({ error: { code: 'not-allowed' } });
});

test('a failure is shown until it is dismissed', async () => {
  await background.connect();
  background.backend.answer = () => Response.json({ error: { message: 'No credit' } }, { status: 402 });
  const page = background.page();
  page.request('1', generate);
  await background.decide('allow-visit');
  await page.settled('1');
  const [failure] = (await screen.call('overview', {})).failures;
  expect(failure).toMatchObject({ subject: { top }, error: { fault: 'payment', status: 402 } });
  await screen.call('failure-dismiss', { id: failure?.id ?? '' });
  await eventually(async () => expect((await screen.call('overview', {})).failures).toEqual([]));
});

const answered = async (sender = senderOf()) => {
  const page = background.page(sender);
  page.request('1', { ...generate, request: { ...generate.request, model: 'gpt-4' } });
  await background.decide('allow-visit');
  await page.settled('1');
};

test('a call is in the log and in the sums of every period that holds it, with what was replaced', async () => {
  await background.connect();
  await answered();
  await eventually(async () =>
    expect(await screen.call('activity-list', { limit: 10 })).toMatchObject({
      entries: [
        {
          subject: { top },
          connectionName: 'OpenAI-compatible server',
          place: 'this-computer',
          model: 'm-1',
          outcome: 'answered',
          isFree: true,
          warnings: [{ type: 'model-replaced', asked: 'gpt-4' }],
        },
      ],
      total: 1,
    }),
  );
  for (const period of ['day', 'week', 'month', 'all'] as const) {
    const { sums, from, today } = await screen.call('usage', { period });
    expect(sums).toMatchObject([{ day: today, subject: { top }, calls: 1, inputTokens: 3, outputTokens: 4, unpriced: 0 }]);
    expect(from === undefined, period).toBe(period === 'all');
  }
  background.now += 40 * 86_400_000;
  expect((await screen.call('usage', { period: 'month' })).sums).toEqual([]);
});

test('the log is kept as long as is chosen, and what is removed can be brought back', async () => {
  await background.connect();
  await answered();
  await eventually(async () => expect((await screen.call('activity-list', { limit: 10 })).total).toBe(1));
  const { undo } = await screen.call('activity-remove', { type: 'log' });
  expect(await screen.call('activity-list', { limit: 10 })).toMatchObject({ total: 0 });
  await screen.call('activity-undo', { undo });
  expect(await screen.call('activity-list', { limit: 10 })).toMatchObject({ total: 1 });
  await screen.call('activity-keep', { retention: '90d' });
  expect(await screen.call('activity-kept', {})).toMatchObject({
    retention: '90d',
    connections: [{ name: 'OpenAI-compatible server' }],
  });
});

test('what the background left when it died is swept by the next one', async () => {
  await background.connect();
  await answered();
  await eventually(async () => expect(await background.database.activity.count()).toBe(1));
  background.now += 31 * 86_400_000;
  background.restart();
  await eventually(async () => expect(await background.database.activity.count()).toBe(0));
});

test('of a private window neither log nor sums know anything', async () => {
  await background.connect();
  await answered(senderOf({ isPrivate: true }));
  await answered(senderOf({ origin: 'https://other.test', tabId: 2, documentId: 'document-2' }));
  await eventually(async () => expect((await screen.call('activity-list', { limit: 10 })).total).toBe(1));
  const { entries } = await screen.call('activity-list', { limit: 10 });
  expect(entries.map(({ subject }) => subject.top)).toEqual(['https://other.test']);
  const { sums } = await screen.call('usage', { period: 'all' });
  expect(sums.map(({ subject }) => subject?.top)).toEqual(['https://other.test']);
});

test('no answer to the interface holds a key', async () => {
  await background.connect();
  const page = background.page();
  background.backend.answer = () => Response.json({ error: { message: 'x' } }, { status: 401 });
  page.request('1', generate);
  await background.decide('allow-always');
  await page.settled('1');
  const [connection] = (await screen.call('overview', {})).connections;
  const answers = [
    await screen.call('overview', {}),
    await screen.call('sites', {}),
    await screen.call('tab-sites', { tabId: 1 }),
    await screen.call('connection-test', { id: connection?.id ?? toConnectionId('') }),
    ...screen.overviews,
  ];
  expect(JSON.stringify(answers)).not.toContain('CANARY');
  expect(connection?.keyEnding).toBe('6789');
});

test('a model for this device is downloaded, shown, stopped and removed', async () => {
  background.backend.list = () => new Response(deviceFile);
  const device = async () => (await screen.call('overview', {})).device?.map(({ state }) => state.type);
  expect(await device()).toEqual(['absent']);
  await screen.call('device-pause', { modelId: 'tiny' });
  await screen.call('device-download', { modelId: 'tiny' });
  expect(await device()).toEqual(['ready']);
  await screen.call('device-remove', { modelId: 'tiny' });
  expect(await device()).toEqual(['absent']);
  await expect(screen.call('device-download', { modelId: 'other' })).rejects.toMatchObject({ code: 'invalid-request' });
});
