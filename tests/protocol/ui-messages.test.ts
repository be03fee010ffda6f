import { expect, test } from 'vitest';
import { limits } from '../../protocol/limits';
import { parseUiFrame } from '../../protocol/ui-frames';
import { parseUiCall, uiOperations } from '../../protocol/ui-inputs';
import { uiInputs } from '../background/support/ui-inputs';
import { protection } from '../background/support/vault';

const frame = (type: string, input?: unknown) => ({
  v: 1,
  type: 'request',
  id: '1',
  call: { type, ...(input !== undefined && { input }) },
  activated: true,
});

/** As the background reads it: first the frame, then what is called in it. */
function read(message: unknown) {
  const parsed = parseUiFrame(message);
  if (parsed?.type !== 'request') return parsed;
  const call = parseUiCall(parsed.call);
  return call && { ...parsed, call };
}

test('every operation has its schema, and the list is closed', () => {
  expect([...uiOperations].sort()).toEqual(Object.keys(uiInputs).sort());
});

test.each(Object.entries(uiInputs))('%s takes its input as it is', (type, input) => {
  expect(read(frame(type, input))).toEqual(frame(type, input));
});

test.each(Object.entries(uiInputs))('%s refuses an unknown field', (type, input) => {
  expect(read(frame(type, { ...(input as object), extra: 1 }))).toBeUndefined();
});

test.each(Object.entries(uiInputs).filter(([, input]) => Object.keys(input as object).length > 0))(
  '%s refuses to do without its input',
  (type) => {
    expect(read(frame(type))).toBeUndefined();
    expect(read(frame(type, {}))).toBeUndefined();
  },
);

test.each(['overview', 'sites', 'run-stop-all'])('%s needs no input', (type) => {
  expect(read(frame(type))).toMatchObject({ call: { type } });
});

test.each([
  ['a page’s call', frame('generate', {})],
  ['a name inherited from objects', frame('toString', {})],
  ['__proto__', frame('__proto__', {})],
  ['an opaque top', frame('site-set', { subject: { top: 'null' }, action: 'block' })],
  ['a top that is no origin', frame('site-set', { subject: { top: 'https://a.test/path' }, action: 'block' })],
  ['an opaque frame', frame('site-set', { subject: { top: 'https://a.test', frame: 'null' }, action: 'block' })],
  ['an unknown action', frame('site-set', { subject: { top: 'https://a.test' }, action: 'allow' })],
  ['an unknown decision', frame('approval-decide', { id: 'a', digest: 'd', decision: 'allow' })],
  ['a long key', frame('connection-add', { providerId: 'openai', key: 'x'.repeat(limits.keyChars + 1) })],
  ['a long address', frame('connection-add', { providerId: 'x', baseUrl: 'x'.repeat(limits.baseUrlChars + 1) })],
  ['a long name', frame('connection-add', { providerId: 'x', name: 'x'.repeat(limits.nameChars + 1) })],
  ['a tab that is no number', frame('tab-sites', { tabId: '3' })],
  ['a passphrase in place of its key', frame('vault-unlock', { key: 'correct horse battery staple' })],
  ['half a key', frame('vault-unlock', { key: 'AAAA' })],
  ['a weak derivation', frame('vault-protect', { next: protection(1, { memoryKiB: 1024 }) })],
  ['an endless derivation', frame('vault-protect', { next: protection(1, { iterations: 1000 }) })],
  ['a short salt', frame('vault-protect', { next: protection(1, { salt: 'AAAA' }) })],
  ['an unknown time to lock', frame('vault-auto-lock', { after: 'never' })],
  ['a file over 5 MiB', frame('vault-import-parameters', { file: 'x'.repeat(limits.importChars + 1) })],
  ['a page of the log that is too large', frame('activity-list', { limit: limits.activityPage + 1 })],
  ['a page of the log without a size', frame('activity-list', { text: 'a' })],
  ['a long search', frame('activity-list', { limit: 1, text: 'x'.repeat(limits.nameChars + 1) })],
  ['a removal of everything by a slip', frame('activity-remove', { type: 'all' })],
  ['a removal of no call', frame('activity-remove', { type: 'one', id: 0 })],
  ['a removal of an opaque site', frame('activity-remove', { type: 'site', subject: { top: 'null' } })],
  ['an unknown retention', frame('activity-keep', { retention: '1d' })],
  ['an unknown period', frame('usage', { period: 'year' })],
  ['no frame at all', 'overview'],
])('%s is refused', (_name, value) => {
  expect(read(value)).toBeUndefined();
});

test.each([
  { v: 1, type: 'abort', id: '1' },
  { v: 1, type: 'ping' },
])('$type passes as on every channel', (value) => {
  expect(read(value)).toEqual(value);
});
