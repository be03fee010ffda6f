import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ConnectionId } from '../../protocol/ids';
import { toMicroUsd } from '../../protocol/ids';
import type { SignInTerms } from '../../protocol/sign-in';
import { approveSignIn, type OpenRouterServer, startOpenRouterServer } from '../support/servers/openrouter-server';
import { type Background, createBackground } from './support/background';
import { dumpOf } from './support/database';

const terms: SignInTerms = { limit: toMicroUsd(5), period: 'month', days: 90 };
const minute = 60_000;
const day = 24 * 60 * minute;

let site: OpenRouterServer;
let background: Background;
/** Every address that Oriel fetched. */
let fetched: string[];
/** Every page for signing in that was shown. */
let shown: URL[];

const atStandIn = (url: string | URL) => String(url).replace('https://openrouter.ai', site.url);

beforeEach(async () => {
  site = await startOpenRouterServer();
  fetched = [];
  shown = [];
  background = createBackground({
    fetch: (input, init) => {
      fetched.push(String(input));
      return fetch(atStandIn(String(input)), init);
    },
  });
  background.browser.signInPage = approve;
});
afterEach(() => site.close());

async function approve(url: URL): Promise<string> {
  shown.push(url);
  return approveSignIn(atStandIn(url));
}

const signIn = (id?: ConnectionId) =>
  background.screen().call('connection-sign-in', { providerId: 'openrouter', terms, ...(id && { id }) });
const exchanges = () => fetched.filter((url) => url.endsWith('/auth/keys'));
const stored = () => background.database.connections.toArray();
const lastPage = () => shown.at(-1) ?? new URL('about:blank');

test('a key made by signing in is in the vault and works, and its limits are those that were asked for', async () => {
  const answer = await signIn();
  expect(answer).toMatchObject({
    type: 'connected',
    models: [{ id: 'acme/one' }],
    balance: { limit: 5_000_000, left: 5_000_000, period: 'month', expiresAt: background.now + 90 * day, isFreeTier: false },
  });
  const [key = ''] = site.keys.keys();
  expect(await stored()).toMatchObject([{ id: answer.id, providerId: 'openrouter', keyEnding: key.slice(-4) }]);
  expect(await background.screen().call('connection-test', { id: answer.id })).toMatchObject({ type: 'connected' });
});

test('what is asked for stands in the page’s address', async () => {
  await signIn();
  expect(Object.fromEntries(lastPage().searchParams)).toMatchObject({
    key_label: 'Oriel',
    limit: '5',
    usage_limit_type: 'monthly',
    expires_at: new Date(background.now + 90 * day).toISOString(),
    code_challenge_method: 'S256',
  });
});

test('where the provider ignores what was asked for, it is its word that is shown', async () => {
  site.set({ ignoresTerms: true, tellsCredits: true });
  const answer = await signIn();
  expect(answer).toMatchObject({ type: 'connected', balance: { credit: 7_500_000 } });
  expect(answer.type === 'connected' && answer.balance).not.toHaveProperty('limit');
});

test('signing in again replaces the key of the same connection', async () => {
  const { id } = await signIn();
  const [first] = site.keys.keys();
  site.keys.delete(first ?? '');
  expect(await signIn(id)).toMatchObject({ type: 'connected', id });
  expect(await stored()).toHaveLength(1);
});

test('a key goes to no connection of another provider, and nobody is asked to sign in for that', async () => {
  const { id } = await background.screen().call('connection-add', { providerId: 'openai', key: 'sk-CANARY-0123456789' });
  await expect(signIn(id)).rejects.toMatchObject({ code: 'invalid-request' });
  await expect(background.screen().call('connection-sign-in', { providerId: 'openai', terms })).rejects.toMatchObject({
    code: 'invalid-request',
    field: 'providerId',
  });
  expect(shown).toEqual([]);
});

test('T76 the verifier is 32 random bytes, waits in session storage, and only its SHA-256 is shown', async () => {
  const seen: { verifier: string; nonce: string }[] = [];
  background.browser.signInPage = async (url) => {
    const { flow } = (await background.browser.session.get('sign-in')) as { flow: { verifier: string; nonce: string } };
    seen.push(flow);
    const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(flow.verifier));
    expect(url.searchParams.get('code_challenge')).toBe(Buffer.from(hash).toString('base64url'));
    expect(url.href).not.toContain(flow.verifier);
    expect(Buffer.from(flow.verifier, 'base64url')).toHaveLength(32);
    return approve(url);
  };
  const { id } = await signIn();
  await signIn(id);
  expect(new Set(seen.flatMap(({ verifier, nonce }) => [verifier, nonce])).size).toBe(4);
  expect(await background.browser.session.get('sign-in')).toEqual({});
});

/** A code that a stranger made for an account of theirs, without a challenge: whoever sends it gets a key of that account. */
async function strangersCode(): Promise<string> {
  const callback = 'https://stranger.test/';
  const back = await approveSignIn(`${site.url}/auth?${new URLSearchParams({ callback_url: callback })}`);
  return new URL(back).searchParams.get('code') ?? '';
}

test('T76 a stranger’s code is good for a key with any verifier, so that only the address can tell it', async () => {
  const body = JSON.stringify({ code: await strangersCode(), code_verifier: 'anything', code_challenge_method: 'S256' });
  const response = await fetch(`${site.url}/api/v1/auth/keys`, { method: 'POST', body });
  expect(await response.json()).toMatchObject({ key: expect.stringMatching(/^sk-or-v1-/) });
});

test.each([
  ['a wrong nonce', (right: URL) => right.href.replace(/openrouter\/[^?]*/, `openrouter/${'A'.repeat(43)}`)],
  ['no nonce', (right: URL) => right.href.replace(/openrouter\/[^?]*/, 'openrouter/')],
  ['the nonce of another provider', (right: URL) => right.href.replace('/openrouter/', '/other/')],
  ['another host', (right: URL) => right.href.replace('oriel-id', 'stranger-id')],
  ['a longer path', (right: URL) => right.href.replace('?', '/x?')],
])('T76 an answer with %s is ignored: its code is not exchanged and nothing is saved', async (_what, change) => {
  background.browser.signInPage = async (url) => {
    const callback = new URL(url.searchParams.get('callback_url') ?? '');
    callback.searchParams.set('code', await strangersCode());
    return change(callback);
  };
  await expect(signIn()).rejects.toMatchObject({ code: 'not-allowed' });
  expect(exchanges()).toEqual([]);
  expect(await stored()).toEqual([]);
});

test('T76 an answer is good once: the same one does not end the next sign-in', async () => {
  let first = '';
  background.browser.signInPage = async (url) => {
    first = await approve(url);
    return first;
  };
  await signIn();
  background.browser.signInPage = async () => first;
  await expect(signIn()).rejects.toMatchObject({ code: 'not-allowed' });
  expect(exchanges()).toHaveLength(1);
});

test('T76 an answer that comes when no sign-in is open any more is ignored', async () => {
  let late: (address: string) => void = () => undefined;
  background.browser.signInPage = (url) => {
    shown.push(url);
    return new Promise((resolve) => {
      late = resolve;
    });
  };
  const first = signIn();
  await vi.waitFor(() => expect(shown).toHaveLength(1));
  const answer = await approveSignIn(atStandIn(lastPage()));
  background.browser.signInPage = () => Promise.reject(new Error('User cancelled or denied access.'));
  await expect(signIn()).rejects.toMatchObject({ code: 'aborted' });
  late(answer);
  await expect(first).rejects.toMatchObject({ code: 'not-allowed' });
  expect(exchanges()).toEqual([]);
});

test.each([
  ['just before', 10 * minute, 1],
  ['after', 10 * minute + 1, 0],
  ['before it began', -10 * minute - 1, 0],
])('T76 a sign-in is void after ten minutes: %s', async (_when, passed, exchanged) => {
  background.browser.signInPage = async (url) => {
    const answer = await approve(url);
    background.now += passed;
    return answer;
  };
  await signIn().catch(() => undefined);
  expect(exchanges()).toHaveLength(exchanged);
});

test('T76 code, verifier and key come up in no error, no log, no snapshot, and not on the disk', async () => {
  const said: unknown[] = [];
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
    vi.spyOn(console, method).mockImplementation((...words) => void said.push(words));
  const secrets: string[] = [];
  background.browser.signInPage = async (url) => {
    const { flow } = (await background.browser.session.get('sign-in')) as { flow: { verifier: string } };
    const answer = new URL(await approve(url));
    secrets.push(flow.verifier, answer.searchParams.get('code') ?? '');
    return answer.href;
  };
  const screen = background.screen();
  const answer = await screen.call('connection-sign-in', { providerId: 'openrouter', terms });
  // The provider repeats what it was given, where it refuses that.
  background.browser.signInPage = async (url) => {
    const { flow } = (await background.browser.session.get('sign-in')) as { flow: { verifier: string } };
    const wrong = new URL(await approve(new URL(url.href.replace(/code_challenge=[^&]*/, 'code_challenge=other'))));
    secrets.push(flow.verifier, wrong.searchParams.get('code') ?? '');
    return wrong.href;
  };
  const failure: unknown = await screen.call('connection-sign-in', { providerId: 'openrouter', terms }).catch((error) => error);
  expect(failure).toMatchObject({ fault: 'forbidden', status: 403, detail: undefined });
  secrets.push(...site.keys.keys());
  const disk = await dumpOf(background.database);
  const everything = [JSON.stringify([answer, screen.overviews, said]), JSON.stringify(failure), String(failure), disk].join(
    '\n',
  );
  expect(secrets).toHaveLength(5);
  for (const secret of secrets) expect(everything).not.toContain(secret);
  vi.restoreAllMocks();
});

test.each([
  ['the window was closed', () => Promise.reject(new Error('The user did not approve access.')), { code: 'aborted' }],
  [
    'the page cannot be reached',
    () => Promise.reject(new Error('Authorization page could not be loaded.')),
    { fault: 'network' },
  ],
  ['the person said no', async (url: URL) => `${url.searchParams.get('callback_url')}?error=access_denied`, { code: 'aborted' }],
])('where %s nothing is saved, and nothing waits any more', async (_what, page, expected) => {
  background.browser.signInPage = page;
  await expect(signIn()).rejects.toMatchObject(expected);
  expect(await stored()).toEqual([]);
  expect(await background.browser.session.get('sign-in')).toEqual({});
});

test.each([[{ key: '' }], [{ user_id: 'user_1' }], [[]]])('an answer without a key is none: %o', async (answer) => {
  site.fault.on('POST', '/api/v1/auth/keys', [
    { type: 'headers', headers: { 'content-type': 'application/json' } },
    { type: 'write', data: JSON.stringify(answer) },
    { type: 'end' },
  ]);
  await expect(signIn()).rejects.toMatchObject({ fault: 'malformed' });
  expect(await stored()).toEqual([]);
});

test('the exchange carries no key and goes below the provider’s own address', async () => {
  const { id } = await signIn();
  await signIn(id);
  expect(exchanges()).toEqual(['https://openrouter.ai/api/v1/auth/keys', 'https://openrouter.ai/api/v1/auth/keys']);
  const sent = site.fault.requests.filter(({ path }) => path === '/api/v1/auth/keys');
  expect(sent.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
});
