import { expect, test, vi } from 'vitest';
import type { SecretBinding } from '../../background/database';
import { createEgress as createEgressWith } from '../../background/egress';
import type { Connection } from '../../protocol/generate';
import { toConnectionId } from '../../protocol/ids';
import { catalog, rowOf } from '../../providers/catalog';
import type { CatalogRow } from '../../providers/provider';
import { startRecorder } from './support/recorder';
import { noSocket } from './support/sockets';

const createEgress = (deps: Omit<Parameters<typeof createEgressWith>[0], 'openSocket'>) =>
  createEgressWith({ openSocket: noSocket, ...deps });

const key = 'sk-CANARY';
const header = (name: string, required = false, prefix = ''): CatalogRow['auth'] => ({
  type: 'header',
  header: name,
  prefix,
  required,
});
const asked: CatalogRow['address'] = { type: 'asked', example: 'http://127.0.0.1:1', path: '/v1' };
const row = (fields: Partial<CatalogRow> = {}): CatalogRow => ({
  id: 'test',
  name: 'Test',
  dialect: 'openai-chat',
  address: asked,
  auth: header('x-api-key'),
  quirks: {},
  verified: { against: 'stand-in', on: '2026-11' },
  ...fields,
});
const connectionTo = (baseUrl?: string): Connection => ({ id: toConnectionId('c1'), providerId: 'test', name: 'Test', baseUrl });

/** Answers like a server, and keeps how it was called. */
const recordingFetch = (answer: () => Response = () => new Response('ok')) => vi.fn<typeof fetch>(async () => answer());

/** A vault with one key, bound as it was saved. */
const vaultFor = (origin: string, name = 'x-api-key') => ({
  open: async (binding: SecretBinding) => (binding.origin === origin && binding.header === name ? key : undefined),
});
const emptyVault = { open: async () => undefined };

const sentBy = (fetch: ReturnType<typeof recordingFetch>) => {
  const [url, init] = fetch.mock.calls[0] ?? [];
  return { url: String(url), init, headers: Object.fromEntries(new Headers(init?.headers)) };
};

test.each([
  'https://api.test/v1',
  'https://api.test/v1/chat/completions',
  'https://api.test/v1/models?limit=5',
  'https://api.test/v1/a/../b',
  'https://API.test/v1/x',
  'https://api.test:443/v1/x',
])('%s lies below the base URL and is fetched', async (url) => {
  const fetch = recordingFetch();
  await createEgress({ fetch, vault: emptyVault }).bind(connectionTo('https://api.test/v1'), row())(url);
  expect(sentBy(fetch).url).toBe(new URL(url).href);
});

test.each([
  'https://evil.test/v1/x',
  'https://api.test.evil.test/v1/x',
  'https://api.test@evil.test/v1/x',
  'https://user:password@api.test/v1/x',
  'https://user@api.test/v1/x',
  'http://api.test/v1/x',
  'https://api.test:8443/v1/x',
  'https://api.test/',
  'https://api.test/v2/x',
  'https://api.test/v10/x',
  'https://api.test/v1?x',
  'https://api.test/v1#x',
  'https://api.test/v1/../admin',
  'https://api.test/v1/%2e%2e/admin',
  'https://api.test/v1/..\\admin',
  'https://api.test\\@evil.test/v1/x',
  'https:/\\evil.test/v1/x',
  'file:///etc/passwd',
  'data:text/plain,x',
  'blob:https://api.test/v1/x',
])('T48 %s lies outside of it and is not fetched', async (url) => {
  const fetch = recordingFetch();
  const bound = createEgress({ fetch, vault: vaultFor('https://api.test') }).bind(connectionTo('https://api.test/v1'), row());
  await expect(bound(url)).rejects.toMatchObject({ name: 'AiError', code: 'unknown' });
  expect(fetch).not.toHaveBeenCalled();
});

test('an address that is none is refused', async () => {
  const fetch = recordingFetch();
  await expect(createEgress({ fetch, vault: emptyVault }).bind(connectionTo('https://api.test'), row())('/v1')).rejects.toThrow();
  expect(fetch).not.toHaveBeenCalled();
});

test('a connection without an address reaches nothing', async () => {
  const fetch = recordingFetch();
  const bound = createEgress({ fetch, vault: emptyVault }).bind(connectionTo(), row({ address: { type: 'none' } }));
  await expect(bound('https://api.test/v1')).rejects.toMatchObject({ code: 'unknown' });
  expect(fetch).not.toHaveBeenCalled();
});

test('a fixed row reaches the vendor, whatever address the connection names', async () => {
  const fetch = recordingFetch();
  const fixed = row({ address: { type: 'fixed', baseUrl: 'https://vendor.test/v1' } });
  const bound = createEgress({ fetch, vault: emptyVault }).bind(connectionTo('https://evil.test'), fixed);
  await expect(bound('https://evil.test/x')).rejects.toMatchObject({ code: 'unknown' });
  await bound('https://vendor.test/v1/models');
  expect(fetch).toHaveBeenCalledTimes(1);
});

test('T54 every request is without cookies, referrer and cache, and follows nothing', async () => {
  const fetch = recordingFetch();
  const { signal } = new AbortController();
  await createEgress({ fetch, vault: emptyVault }).bind(connectionTo('https://api.test'), row())('https://api.test/x', {
    method: 'POST',
    body: '{}',
    signal,
    headers: { 'Content-Type': 'application/json', accept: '*/*' },
  });
  const { init, headers } = sentBy(fetch);
  expect(init).toMatchObject({
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    cache: 'no-store',
    redirect: 'manual',
    method: 'POST',
    body: '{}',
    signal,
  });
  expect(headers).toEqual({ accept: '*/*', 'content-type': 'application/json' });
});

test.each(['http://127.0.0.1:11434', 'http://localhost:8080', 'http://[::1]:5001', 'https://localhost'])(
  'T53 what is sent to %s, on this computer, comes from that server itself, as far as it learns',
  async (origin) => {
    const fetch = recordingFetch();
    const bound = createEgress({ fetch, vault: emptyVault }).bind(connectionTo(`${origin}/v1`), row());
    await bound(`${origin}/v1/chat`, { method: 'POST', body: '{}' });
    expect(sentBy(fetch).headers).toEqual({ origin });
  },
);

test.each([
  ['http://127.0.0.1:11434', 'GET'],
  ['http://192.168.1.5:11434', 'POST'],
  ['http://server.local', 'POST'],
  ['https://api.test', 'POST'],
  ['https://127.0.0.1.evil.test', 'POST'],
] as const)('T53 the browser says whose request it is: %s, %s', async (origin, method) => {
  const fetch = recordingFetch();
  await createEgress({ fetch, vault: emptyVault }).bind(connectionTo(origin), row())(`${origin}/x`, { method });
  expect(sentBy(fetch).headers).toEqual({});
});

test('what a provider leaves out is left out', async () => {
  const fetch = recordingFetch();
  await createEgress({ fetch, vault: emptyVault }).bind(connectionTo('https://api.test'), row())('https://api.test/x');
  const { init } = sentBy(fetch);
  expect(init?.method).toBe('GET');
  expect(init && 'body' in init).toBe(false);
  expect(init && 'signal' in init).toBe(false);
});

test.each([
  'Origin',
  'Host',
  'Cookie',
  'Referer',
  'Authorization',
  'authorization',
  'x-api-key',
  'Proxy-Authorization',
  'Sec-Fetch-Site',
  'X-Forwarded-For',
  'User-Agent',
])('T52 a provider may not set the header %s', async (name) => {
  const fetch = recordingFetch();
  const bound = createEgress({ fetch, vault: vaultFor('https://api.test') }).bind(connectionTo('https://api.test'), row());
  await expect(bound('https://api.test/x', { headers: { [name]: 'value' } })).rejects.toThrow(name);
  expect(fetch).not.toHaveBeenCalled();
});

test.each(['a\r\nX-Evil: 1', 'a\0', 'ключ'])('T52 a header value like %j is refused', async (value) => {
  const fetch = recordingFetch();
  const bound = createEgress({ fetch, vault: emptyVault }).bind(connectionTo('https://api.test'), row());
  await expect(bound('https://api.test/x', { headers: { accept: value } })).rejects.toThrow();
  expect(fetch).not.toHaveBeenCalled();
});

test('the row’s constant headers go along, and a provider that names them again may, but not change them', async () => {
  const fetch = recordingFetch();
  const bound = createEgress({ fetch, vault: emptyVault }).bind(
    connectionTo('https://api.test'),
    row({ headers: { 'X-Title': 'Oriel' } }),
  );
  await bound('https://api.test/x', { headers: { 'X-Title': 'Oriel' } });
  expect(sentBy(fetch).headers).toEqual({ 'x-title': 'Oriel' });
  await expect(bound('https://api.test/x', { headers: { 'x-title': 'another' } })).rejects.toThrow('x-title');
});

test.each(catalog.filter(({ headers }) => headers))('the headers of $name pass its own egress', async ({ id }) => {
  const vendor = rowOf(id);
  if (vendor === undefined || vendor.address.type === 'none') throw new Error('A row with headers has an address.');
  const address = vendor.address.type === 'fixed' ? vendor.address.baseUrl : vendor.address.example;
  const fetch = recordingFetch();
  const bound = createEgress({ fetch, vault: { open: async () => key } }).bind(connectionTo(address), vendor);
  await bound(`${address}/x`, { headers: { ...vendor.headers } });
  expect(sentBy(fetch).headers).toMatchObject(Object.fromEntries(new Headers(vendor.headers)));
});

test('the key is added last, with its prefix, and asked for by exactly what it is bound to', async () => {
  const fetch = recordingFetch();
  const open = vi.fn(async () => key);
  const signing = row({ auth: header('Authorization', true, 'Bearer '), headers: { Authorization: 'constant' } });
  await createEgress({ fetch, vault: { open } }).bind(
    connectionTo('https://api.test:8443/v1'),
    signing,
  )('https://api.test:8443/v1/x');
  expect(sentBy(fetch).headers).toEqual({ authorization: `Bearer ${key}` });
  expect(open).toHaveBeenCalledExactlyOnceWith({
    connectionId: 'c1',
    providerId: 'test',
    origin: 'https://api.test:8443',
    header: 'Authorization',
  });
});

test('T50 a key goes to the origin it was saved for and to no other', async () => {
  const fetch = recordingFetch();
  const egress = createEgress({ fetch, vault: vaultFor('https://old.test') });
  await egress.bind(connectionTo('https://new.test'), row())('https://new.test/x');
  expect(JSON.stringify(sentBy(fetch))).not.toContain('CANARY');
});

test('a key that must be there and is not fails before anything is sent', async () => {
  const fetch = recordingFetch();
  const bound = createEgress({ fetch, vault: emptyVault }).bind(
    connectionTo('https://api.test'),
    row({ auth: header('x-api-key', true) }),
  );
  await expect(bound('https://api.test/x')).rejects.toMatchObject({ code: 'unavailable', fault: 'secret-missing' });
  expect(fetch).not.toHaveBeenCalled();
});

test.each([
  ['https://elsewhere.test', 'everybody'],
  ['https://api.test', key],
])('everybody’s key goes where none is saved: saved for %s, sent is %s', async (origin, expected) => {
  const fetch = recordingFetch();
  const auth: CatalogRow['auth'] = { type: 'header', header: 'apikey', prefix: '', required: false, publicKey: 'everybody' };
  await createEgress({ fetch, vault: vaultFor(origin, 'apikey') }).bind(
    connectionTo('https://api.test'),
    row({ auth }),
  )('https://api.test/x');
  expect(sentBy(fetch).headers.apikey).toBe(expected);
});

test.each([false, true])('where no key was saved the vault is not looked into: must be there is %s', async (required) => {
  const fetch = recordingFetch();
  const open = vi.fn(async () => key);
  const bound = createEgress({ fetch, vault: { open } }).bind(
    connectionTo('https://api.test'),
    row({ auth: header('x-api-key', required) }),
    false,
  );
  if (required) await expect(bound('https://api.test/x')).rejects.toMatchObject({ fault: 'secret-missing' });
  else await bound('https://api.test/x');
  expect(open).not.toHaveBeenCalled();
  expect(fetch).toHaveBeenCalledTimes(required ? 0 : 1);
});

test('a row without authentication opens no secret', async () => {
  const fetch = recordingFetch();
  const open = vi.fn(async () => key);
  await createEgress({ fetch, vault: { open } }).bind(
    connectionTo('https://api.test'),
    row({ auth: { type: 'none' } }),
  )('https://api.test/x');
  expect(open).not.toHaveBeenCalled();
  expect(sentBy(fetch).headers).toEqual({});
});

test('T56 no key is ever part of an address', async () => {
  for (const each of catalog) {
    if (each.auth.type !== 'header') continue;
    const fetch = recordingFetch();
    const connection = connectionTo(each.address.type === 'asked' ? each.address.example : undefined);
    const baseUrl = each.address.type === 'fixed' ? each.address.baseUrl : (connection.baseUrl ?? '');
    await createEgress({ fetch, vault: { open: async () => key } }).bind(connection, each)(`${baseUrl}/x`);
    expect(sentBy(fetch).url).not.toContain(key);
  }
});

// T51: two real servers and the real fetch.
const statuses = [301, 302, 303, 307, 308];
const authHeaders = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'];

const redirecting = async (status: number, target = (_own: string, thief: string) => `${thief}/taken`) => {
  const second = await startRecorder((_request, response) => response.end('{}'));
  const first = await startRecorder((request, response) => {
    if (request.url === '/landed') return response.end('{}');
    response.writeHead(status, { location: target(first.origin, second.origin) });
    return response.end();
  });
  return { first, second };
};

test.each(['x-api-key', 'api-key', 'x-goog-api-key'])(
  'T51 the attack works without the defence: %s follows a redirect',
  async (name) => {
    const { first, second } = await redirecting(307);
    await fetch(`${first.origin}/v1/x`, {
      method: 'POST',
      body: '{"text":"private"}',
      headers: { [name]: key },
      redirect: 'follow',
    });
    expect(second.requests).toHaveLength(1);
    expect(second.requests[0]?.headers[name]).toBe(key);
    expect(second.requests[0]?.body).toContain('private');
  },
);

/** Where to, given the addresses of both servers. */
const targets: Readonly<Record<string, (own: string, thief: string) => string>> = {
  'another port': (_own, thief) => `${thief}/taken`,
  'another host': (_own, thief) => `${thief.replace('127.0.0.1', 'localhost')}/taken`,
  'another scheme': (_own, thief) => `${thief.replace('http:', 'https:')}/taken`,
  'the same server': (own) => `${own}/landed`,
};
const redirects = statuses.flatMap((status) =>
  authHeaders.flatMap((name) => Object.keys(targets).map((target) => ({ status, name, target }))),
);

test.each(redirects)(
  'T51 a redirect $status to $target is an error, and $name goes no further',
  async ({ status, name, target }) => {
    const { first, second } = await redirecting(status, targets[target]);
    const egress = createEgress({ fetch: globalThis.fetch, vault: vaultFor(first.origin, name) });
    const bound = egress.bind(connectionTo(`${first.origin}/v1`), row({ auth: header(name) }));
    await expect(bound(`${first.origin}/v1/x`, { method: 'POST', body: '{}' })).rejects.toMatchObject({
      code: 'unavailable',
      fault: 'redirect',
      status,
      retryable: false,
    });
    expect(first.requests.map(({ headers }) => headers[name])).toEqual([key]);
    expect(second.requests).toEqual([]);
  },
);

test('T51 a browser’s opaque redirect, which has no status, is a redirect', async () => {
  const opaque = Object.defineProperties(new Response(null), { type: { value: 'opaqueredirect' }, status: { value: 0 } });
  const bound = createEgress({ fetch: recordingFetch(() => opaque), vault: emptyVault }).bind(
    connectionTo('https://api.test'),
    row(),
  );
  await expect(bound('https://api.test/x')).rejects.toMatchObject({ fault: 'redirect', status: undefined });
});

test('a server that is off rejects as fetch does', async () => {
  const bound = createEgress({ fetch: globalThis.fetch, vault: emptyVault }).bind(connectionTo('http://127.0.0.1:1'), row());
  await expect(bound('http://127.0.0.1:1/x')).rejects.toBeInstanceOf(TypeError);
});

test('answers with other statuses are passed on, body and all', async () => {
  const server = await startRecorder((_request, response) => response.writeHead(500).end('{"error":"x"}'));
  const bound = createEgress({ fetch: globalThis.fetch, vault: emptyVault }).bind(connectionTo(server.origin), row());
  const response = await bound(`${server.origin}/x`);
  expect([response.status, await response.text()]).toEqual([500, '{"error":"x"}']);
});

test('a model file comes over redirects, and no credential goes along', async () => {
  const { first, second } = await redirecting(302);
  const { signal } = new AbortController();
  const response = await createEgress({ fetch: globalThis.fetch, vault: vaultFor(first.origin) }).download(
    `${first.origin}/model`,
    signal,
  );
  expect(response.ok).toBe(true);
  expect(second.requests).toHaveLength(1);
  for (const { headers } of [...first.requests, ...second.requests]) expect(JSON.stringify(headers)).not.toContain('CANARY');
});

test('a download is without cookies and can be stopped', async () => {
  const fetch = recordingFetch();
  const { signal } = new AbortController();
  await createEgress({ fetch, vault: emptyVault }).download('https://hub.test/model', signal);
  expect(sentBy(fetch).init).toMatchObject({ credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store', signal });
});

test('a socket goes to an address of the row’s companions, and nowhere else', async () => {
  const opened: string[] = [];
  const openSocket = async (url: string) => {
    opened.push(url);
    return { send: () => undefined, receive: async () => undefined, close: () => undefined };
  };
  const companion = row({ companions: () => ['ws://127.0.0.1:5005/api'] });
  const egress = createEgressWith({ fetch: recordingFetch(), openSocket, vault: emptyVault });
  const socket = egress.bindSocket(connectionTo('http://127.0.0.1:5000/api'), companion);
  void socket('ws://127.0.0.1:5005/api/v1/stream', new AbortController().signal);
  await expect(socket('ws://127.0.0.1:5006/api/v1/stream', new AbortController().signal)).rejects.toMatchObject({
    code: 'unknown',
  });
  await expect(socket('wss://evil.test/api', new AbortController().signal)).rejects.toMatchObject({ code: 'unknown' });
  expect(opened).toEqual(['ws://127.0.0.1:5005/api/v1/stream']);
});

test('the one key of a vendor goes to all of its hosts, which only the row names; that of a person’s own server to none but its own', async () => {
  const companions = () => ['https://text.vendor.test', 'http://127.0.0.1:2/other'];
  const vendor = row({ address: { type: 'fixed', baseUrl: 'https://api.vendor.test' }, companions });
  for (const url of ['https://api.vendor.test/user', 'https://text.vendor.test/generate']) {
    const fetch = recordingFetch();
    await createEgress({ fetch, vault: vaultFor('https://api.vendor.test') }).bind(connectionTo(), vendor)(url);
    expect(sentBy(fetch).headers['x-api-key']).toBe(key);
  }
  const fetch = recordingFetch();
  const own = createEgress({ fetch, vault: vaultFor('http://127.0.0.1:1') }).bind(
    connectionTo('http://127.0.0.1:1/v1'),
    row({ companions }),
  );
  await own('http://127.0.0.1:2/other/x');
  expect(sentBy(fetch).headers['x-api-key']).toBeUndefined();
});

test('where nothing answers because the browser keeps Oriel away, that is the reason', async () => {
  const failure = new TypeError('Failed to fetch');
  const fetch = async () => Promise.reject(failure);
  const hasAccess = vi.fn(async (_url: URL) => false);
  const bound = createEgress({ fetch, vault: emptyVault, hasAccess }).bind(connectionTo('https://api.test/v1'), row());
  await expect(bound('https://api.test/v1/models')).rejects.toMatchObject({ fault: 'site-access', cause: failure });
  expect(hasAccess.mock.calls).toEqual([[new URL('https://api.test/v1/models')]]);

  hasAccess.mockResolvedValueOnce(true);
  await expect(bound('https://api.test/v1/models')).rejects.toBe(failure);
});

test('nothing leaves this computer before the person has agreed, and servers on it are asked all the same', async () => {
  const fetch = recordingFetch();
  const sent = () => fetch.mock.calls.map(([url]) => String(url));
  const mayTransmit = vi.fn(async () => false);
  const openSocket = vi.fn();
  const egress = createEgressWith({ fetch, openSocket, vault: emptyVault, mayTransmit });
  const away = connectionTo('https://api.test/v1');
  await expect(egress.bind(away, row())('https://api.test/v1/models')).rejects.toMatchObject({ fault: 'data-consent' });
  const socket = egress.bindSocket(away, row({ companions: () => ['wss://api.test/queue'] }));
  await expect(socket('wss://api.test/queue', new AbortController().signal)).rejects.toMatchObject({ fault: 'data-consent' });
  expect([sent(), openSocket.mock.calls]).toEqual([[], []]);

  await egress.bind(connectionTo('http://127.0.0.1:1/v1'), row())('http://127.0.0.1:1/v1/models');
  mayTransmit.mockResolvedValueOnce(true);
  await egress.bind(away, row())('https://api.test/v1/models');
  expect(sent()).toEqual(['http://127.0.0.1:1/v1/models', 'https://api.test/v1/models']);
});

test('an abort, and a failure that is none of the network, stay what they are', async () => {
  const hasAccess = vi.fn(async () => false);
  const failures = [new DOMException('aborted', 'AbortError'), new TypeError('Failed to fetch')];
  const fetch = async () => Promise.reject(failures.shift());
  const bound = createEgress({ fetch, vault: emptyVault, hasAccess }).bind(connectionTo('https://api.test/v1'), row());
  await expect(bound('https://api.test/v1/models')).rejects.toMatchObject({ name: 'AbortError' });
  const signal = AbortSignal.abort();
  await expect(bound('https://api.test/v1/models', { signal })).rejects.toBeInstanceOf(TypeError);
  expect(hasAccess).not.toHaveBeenCalled();
});
