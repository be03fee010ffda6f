import { expect, test } from 'vitest';
import { readRange } from '../../background/content-range';

const response = (status: number, headers: Record<string, string> = {}) => new Response(null, { status, headers });

test.each([
  ['all of it', 0, response(200, { 'content-length': '90', etag: '"a"' }), { start: 0, total: 90, validator: '"a"' }],
  ['all of it, though a part was asked for', 9, response(200), { start: 0, total: undefined, validator: undefined }],
  ['the part', 9, response(206, { 'content-range': 'bytes 9-89/90' }), { start: 9, total: 90, validator: undefined }],
  ['the part of an unknown whole', 9, response(206, { 'content-range': 'bytes 9-89/*' }), { start: 9, total: undefined }],
])('a server that sends %s', (_what, asked, sent, expected) => {
  expect(readRange(sent, asked)).toMatchObject(expected);
});

test('a weak mark says nothing about bytes', () => {
  expect(readRange(response(200, { etag: 'W/"a"' }), 0)?.validator).toBeUndefined();
});

test.each([
  ['another part', response(206, { 'content-range': 'bytes 0-89/90' })],
  ['a part without saying which', response(206)],
  ['nothing in that place', response(416, { 'content-range': 'bytes */5' })],
  ['an error', response(404)],
])('%s is not what was asked for', (_what, sent) => {
  expect(readRange(sent, 9)).toBeUndefined();
});
