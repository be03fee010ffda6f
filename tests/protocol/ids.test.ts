import { expect, test } from 'vitest';
import { newApprovalId, newConnectionId, newRequestId, toMicroUsd, toOrigin } from '../../protocol/ids';

test.each([
  'https://example.com',
  'https://example.com:8443',
  'http://example.com',
  'http://localhost:3000',
  'http://127.0.0.1',
  'http://[::1]:8080',
  'https://example.com.',
  'https://xn--e1afmkfd.xn--p1ai',
])('T47 %s is the origin of a web page', (origin) => {
  expect(toOrigin(origin)).toBe(origin);
});

test.each([
  [undefined],
  [''],
  ['null'],
  ['https://'],
  ['https://example.com/'],
  ['https://example.com/path'],
  ['https://example.com:443'],
  ['http://example.com:80'],
  ['https://user@example.com'],
  ['https://EXAMPLE.com'],
  ['https://example.com?x'],
  ['https://пример.рф'],
  ['http://0x7f.1'],
  ['HTTPS://example.com'],
  [' https://example.com'],
  ['example.com'],
  ['file://'],
  ['file:///etc/passwd'],
  ['data:text/html,x'],
  ['about:blank'],
  ['blob:https://example.com/1'],
  ['ws://example.com'],
  ['javascript:1'],
  ['chrome-extension://abcdefghijklmnopabcdefghijklmnop'],
  ['moz-extension://b2a2f0f1-0000-4000-8000-000000000000'],
])('T47 %s is nobody’s origin', (value) => {
  expect(toOrigin(value)).toBeUndefined();
});

test('new ids do not repeat', () => {
  const ids = [newApprovalId, newConnectionId, newRequestId].flatMap((create) => [create(), create()]);
  expect(new Set(ids).size).toBe(ids.length);
});

test.each([
  [0, 0],
  [0.5, 500_000],
  [0.1 + 0.2, 300_000],
  [0.000_000_1, 1],
  [1.000_000_4, 1_000_001],
])('%d USD are %d millionths, rounded up', (usd, expected) => {
  expect(toMicroUsd(usd)).toBe(expected);
});
