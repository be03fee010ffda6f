import { expect, test, vi } from 'vitest';
import { createEgress } from '../../background/egress';
import { checkedOptions, readOwnHeaders } from '../../background/own-headers';
import { AiError } from '../../protocol/errors';
import { toConnectionId } from '../../protocol/ids';
import { limits } from '../../protocol/limits';
import { rowOf } from '../../providers/catalog';
import type { CatalogRow } from '../../providers/provider';
import { noSocket } from './support/sockets';

const compatible = rowOf('openai-compatible') as CatalogRow;
const read = (headers: Record<string, string>) => readOwnHeaders(headers, compatible);

/** What goes out for a connection with these headers; the fetch beneath sends whatever it is given. */
async function sent(headers: Record<string, string>, row: CatalogRow = compatible, key?: string) {
  const fetch = vi.fn<typeof globalThis.fetch>(async () => new Response('{}'));
  const connection = {
    id: toConnectionId('c1'),
    providerId: row.id,
    name: '',
    baseUrl: 'http://127.0.0.1:9/v1',
    options: { headers },
  };
  await createEgress({ fetch, openSocket: noSocket, vault: { open: async () => key } }).bind(connection, row)(
    'http://127.0.0.1:9/v1/models',
    {
      headers: { Accept: 'application/json' },
    },
  );
  return Object.fromEntries(new Headers(fetch.mock.calls[0]?.[1]?.headers));
}

test("a person's own headers go to their own server, beside the key", async () => {
  expect(await sent({ 'X-Team': 'fish', 'CF-Access-Client-Id': 'id.access' }, compatible, 'secret')).toEqual({
    accept: 'application/json',
    authorization: 'Bearer secret',
    'cf-access-client-id': 'id.access',
    'x-team': 'fish',
  });
});

test('a vendor of the catalog gets none of them', async () => {
  const { ownHeaders: _, ...fixed } = compatible;
  expect(await sent({ 'X-Team': 'fish' }, fixed)).toEqual({ accept: 'application/json' });
});

test('own headers never stand in for those of the row', async () => {
  expect(await sent({ 'X-Title': 'mine' }, { ...compatible, headers: { 'X-Title': 'Oriel' } })).toMatchObject({
    'x-title': 'Oriel',
  });
});

test.each([
  ...['Origin', 'Host', 'Cookie', 'Referer', 'Proxy-Authorization', 'Sec-Fetch-Site', 'sec-ch-ua', 'X-Forwarded-For'],
  ...['x-forwarded-host', 'Forwarded', 'Content-Type', 'Content-Length', 'Transfer-Encoding', 'Authorization', 'Accept'],
])('T52 %s is refused as a header of the own, where it is saved and where it is used', async (name) => {
  expect(() => read({ [name]: 'x' })).toThrow(expect.objectContaining({ code: 'invalid-request', field: 'headers' }));
  await expect(sent({ [name.toUpperCase()]: 'x' })).rejects.toMatchObject({ field: 'headers' });
});

test('T52 the header of the key belongs to the vault', () => {
  const azure = { auth: { type: 'header', header: 'api-key', prefix: '', required: true } } as const;
  expect(() => readOwnHeaders({ 'API-Key': 'x' }, azure)).toThrow(AiError);
});

test.each([
  'CANARY\r\nX-Evil: 1',
  'CANARY\nX-Evil: 1',
  'CANARY\r',
  'CANARY\0',
  'CANARY é',
  'CANARY 漢',
  ' CANARY',
  '',
  `CANARY${'x'.repeat(limits.ownHeaderChars)}`,
])('T52 the value %j is refused, and the error says nothing of it', (value) => {
  let error: unknown;
  try {
    read({ 'X-Team': value });
  } catch (caught) {
    error = caught;
  }
  expect(error).toMatchObject({ code: 'invalid-request', field: 'headers' });
  expect(JSON.stringify(error) + String(error)).not.toContain('CANARY');
});

test.each(['', 'X Team', 'X-Team:', 'X-Té', 'X\r\nY', `X${'x'.repeat(limits.nameChars)}`])(
  'T52 %j is no name of a header',
  (name) => {
    expect(() => read({ [name]: 'x' })).toThrow(AiError);
  },
);

test('T52 so many headers and no more', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, 'x']));
  expect(Object.keys(read(many(limits.ownHeaders)))).toHaveLength(limits.ownHeaders);
  expect(() => read(many(limits.ownHeaders + 1))).toThrow(AiError);
});

test('T52 a header that may not be sent is not saved either, and a provider that takes none gets none', () => {
  const own = { ...compatible, ownHeaders: true };
  expect(checkedOptions({ headers: { 'X-Team': 'fish' } }, own)).toEqual({ headers: { 'X-Team': 'fish' } });
  expect(checkedOptions({ stop: ['x'] }, { ...compatible, ownHeaders: false })).toEqual({ stop: ['x'] });
  expect(() => checkedOptions({ headers: { Cookie: 'a=b' } }, own)).toThrow(/Cookie/);
  expect(() => checkedOptions({ headers: { 'X-Team': 'fish' } }, { ...compatible, ownHeaders: false })).toThrow(
    /takes no headers/,
  );
});
