import { expect, test } from 'vitest';
import type { ApprovalRecord } from '../../background/approval-cards';
import { newAccount, noAmounts } from '../../background/budgets';
import type { ConnectionRecord } from '../../background/database';
import { assembleOverview, type OverviewDeps } from '../../background/overview';
import type { Message, ModelInfo, Pricing } from '../../protocol/generate';
import { toApprovalId, toConnectionId, toDigest, toMicroUsd, toRequestId } from '../../protocol/ids';
import type { SetAsideView } from '../../protocol/store-messages';
import type { VaultView } from '../../protocol/vault-messages';
import { pageOf } from './support/pages';

const cloud: ConnectionRecord = {
  id: toConnectionId('c1'),
  providerId: 'openai',
  name: 'Mine',
  createdAt: 1,
  defaultModel: 'm',
  keyEnding: '1234',
};
const local: ConnectionRecord = { ...cloud, providerId: 'openai-compatible', baseUrl: 'http://127.0.0.1:8080/v1' };
const { subject, isPrivate, insecure, documentId, tabId } = pageOf();
const waiting: ApprovalRecord = {
  id: toApprovalId('a'),
  digest: toDigest('d'),
  requestId: toRequestId('1'),
  createdAt: 5,
  subject,
  isPrivate,
  insecure,
  documentId,
  tabId,
  scopes: ['generate'],
};
const messages: readonly Message[] = [{ role: 'user', content: [{ type: 'text', text: 'x'.repeat(4000) }] }];
const usd = (input?: number, output?: number): Pricing => ({
  ...(input !== undefined && { input: toMicroUsd(input) }),
  ...(output !== undefined && { output: toMicroUsd(output) }),
});

interface Setup {
  readonly active?: ConnectionRecord;
  readonly records?: readonly ConnectionRecord[];
  readonly model?: ModelInfo;
  readonly text?: readonly Message[] | undefined;
  readonly vault?: VaultView;
  readonly setAside?: SetAsideView;
  readonly isFull?: boolean;
}

const shownBy = (connection: ConnectionRecord | undefined) => async () => ({
  digest: toDigest('d'),
  choices: connection ? [{ connection: connection.id, model: connection.defaultModel, place: 'cloud' }] : [],
});
const meter = { look: async () => ({ account: newAccount, running: noAmounts, day: '2026-11-24' }) };

const openVault: VaultView = { type: 'open', autoLock: '60m', isRestored: false, isAdviceDismissed: false };

/** The store can be read. */
const sound = {
  store: { fault: async () => undefined, isFull: async () => false },
  aside: { view: async () => undefined },
  loss: { isLost: async () => false },
};

/** Only what the overview looks at; the rest of each part is not there to be called. */
const assemble = ({
  active,
  records = active ? [active] : [],
  model,
  text = messages,
  vault = openVault,
  setAside,
  isFull = false,
}: Setup = {}) =>
  assembleOverview({
    connections: { list: async () => records, active: async () => active, knownModel: () => model },
    approvals: { waiting: async () => [waiting], content: () => ({ messages: text }), shown: shownBy(active) },
    ...sound,
    store: { ...sound.store, isFull: async () => isFull },
    ...(setAside && { aside: { view: async () => setAside } }),
    runs: { running: () => [] },
    activity: { failures: async () => [] },
    downloads: { views: async () => [] },
    hasBrowserModel: () => false,
    meter,
    selection: { waiting: async () => undefined },
    security: { view: async () => vault },
  } as never);

const priced = (pricing?: Pricing): ModelInfo => ({ id: 'm', name: 'm', ...(pricing && { pricing }) });

test('a card without a connection says who asks and no more', async () => {
  expect((await assemble()).approvals).toEqual([{ id: 'a', digest: 'd', subject, tabId: 1, insecure: false, createdAt: 5 }]);
  expect((await assemble()).activeConnection).toBeUndefined();
});

test('T32 while the vault is locked the overview holds nothing but that', async () => {
  const vault: VaultView = { ...openVault, type: 'locked' };
  expect(await assemble({ active: cloud, vault })).toEqual({ connections: [], approvals: [], running: [], failures: [], vault });
});

// 4,000 characters are 1,000 tokens; the answer counts as 500.
test.each<[string, ConnectionRecord, ModelInfo | undefined, object]>([
  ['a server on this computer', local, undefined, { type: 'free' }],
  ['a server on the network', { ...local, baseUrl: 'http://nas/v1' }, priced(usd(1, 1)), { type: 'free' }],
  ['a model whose price is not known', cloud, priced(), { type: 'metered' }],
  ['a model that was never listed', cloud, undefined, { type: 'metered' }],
  ['half a price', cloud, priced(usd(1)), { type: 'metered' }],
  ['a model that costs nothing', cloud, priced(usd(0, 0)), { type: 'free' }],
  ['2 and 8 dollars a million', cloud, priced(usd(2, 8)), { type: 'estimate', microUsd: 6000 }],
])('the cost of %s', async (_name, active, model, cost) => {
  const { approvals } = await assemble({ active, ...(model && { model }) });
  expect(approvals[0]?.answeredBy?.cost).toEqual(cost);
});

test('while the page is away the cost of its request is not known', async () => {
  const { approvals } = await assembleOverview({
    ...sound,
    connections: { list: async () => [cloud], active: async () => cloud, knownModel: () => priced(usd(2, 8)) },
    approvals: { waiting: async () => [waiting], content: () => undefined, shown: shownBy(cloud) },
    runs: { running: () => [] },
    activity: { failures: async () => [] },
    downloads: { views: async () => [] },
    hasBrowserModel: () => false,
    meter,
    selection: { waiting: async () => undefined },
    security: { view: async () => openVault },
  } as never);
  expect(approvals[0]?.answeredBy?.cost).toEqual({ type: 'metered' });
});

test('a connection is shown with its provider, its place and its health', async () => {
  const broken: ConnectionRecord = { ...local, attention: { code: 'unavailable', fault: 'auth' } };
  const { connections, activeConnection, device } = await assemble({ active: cloud, records: [cloud, broken] });
  expect(activeConnection).toBe('c1');
  expect(connections[0]).toEqual({
    id: 'c1',
    providerId: 'openai',
    providerName: 'OpenAI',
    name: 'Mine',
    defaultModel: 'm',
    keyEnding: '1234',
    place: 'cloud',
    state: { type: 'connected' },
  });
  expect(connections[1]).toMatchObject({ place: 'this-computer', state: { type: 'needs-attention', error: { fault: 'auth' } } });
  expect(device).toEqual([]);
});

test('a connection without a model has an empty name on the card', async () => {
  const { defaultModel: _, ...modelless } = cloud;
  expect((await assemble({ active: modelless })).approvals[0]?.answeredBy?.model).toBe('');
});

test('a card about money says so, and where this site stops', async () => {
  const question = { scope: 'all', unit: 'microUsd', period: 'day', limit: 5, used: 5, needed: 1, add: 5 } as const;
  const used = { ...noAmounts, microUsd: 5 };
  const budget = { limits: [{ unit: 'microUsd', period: 'day', limit: 5, used: 5, step: 5, add: 5 }], usedToday: used };
  const account = { ...newAccount, budget: { period: 'day', microUsd: 5 }, days: { '2026-11-24': used } };
  const image = [{ role: 'user', content: [{ type: 'image', mediaType: 'image/png', data: 'AAAA' }] }] as const;
  const { approvals } = await assembleOverview({
    ...sound,
    connections: { list: async () => [cloud], active: async () => cloud, knownModel: () => priced(usd(2, 8)) },
    approvals: { waiting: async () => [{ ...waiting, question }], content: () => ({ messages: image }), shown: shownBy(cloud) },
    runs: { running: () => [] },
    activity: { failures: async () => [] },
    downloads: { views: async () => [] },
    hasBrowserModel: () => false,
    meter: { look: async () => ({ account, running: noAmounts, day: '2026-11-24' }) },
    selection: { waiting: async () => undefined },
    security: { view: async () => openVault },
  } as never);
  expect(approvals[0]).toMatchObject({ question, answeredBy: { budget, cost: { microUsd: 6000 } } });
});

test('a store that cannot be read is all that is told, and what was set aside is told with the rest', async () => {
  const unread = { ...sound, store: { fault: async () => ({ type: 'newer' as const }) } } as unknown as OverviewDeps;
  expect(await assembleOverview(unread)).toMatchObject({ store: { type: 'newer' }, connections: [], approvals: [] });
  const setAside = { count: 1, at: 2 };
  expect(await assemble({ setAside })).toMatchObject({ setAside });
});

test('T106 that nothing more can be saved is told with the rest', async () => {
  expect(await assemble({ isFull: true })).toMatchObject({ isFull: true, connections: [] });
  expect(await assemble()).not.toHaveProperty('isFull');
});
