import { expect, test } from 'vitest';
import { assertNever } from '../../protocol/assert-never';
import {
  AiError,
  aiErrorCodes,
  backendError,
  type Fault,
  faultCodes,
  toAiError,
  toPageError,
  toPersonError,
} from '../../protocol/errors';

const told = { fault: 'auth', status: 401, detail: 'Incorrect API key: sk-1', field: 'key' } as const;

test('a page gets the code and nothing of the story', () => {
  expect(toPageError(new AiError('unavailable', 'in words', { ...told, cause: new Error('inner') }))).toEqual({
    code: 'unavailable',
  });
});

test('a page gets the status where the backend rejected its request, and only there', () => {
  expect(toPageError(backendError('invalid-request', '', { status: 400, detail: 'words' }))).toEqual({
    code: 'rejected',
    status: 400,
  });
  expect(toPageError(backendError('content-policy', ''))).toEqual({ code: 'rejected' });
  for (const code of aiErrorCodes.filter((other) => other !== 'rejected')) {
    expect(toPageError(new AiError(code, '', told))).toEqual({ code });
  }
});

test.each(Object.keys(faultCodes) as Fault[])('the fault %s becomes a code of the closed list', (fault) => {
  const error = backendError(fault, 'words', { detail: 'secret' });
  expect(error.fault).toBe(fault);
  expect(aiErrorCodes).toContain(error.code);
  expect(JSON.stringify(toPageError(error))).not.toContain('secret');
});

test('the person gets the whole story', () => {
  expect(toPersonError(new AiError('unavailable', 'in words', told))).toEqual({ code: 'unavailable', ...told });
});

test('what is not known is left out', () => {
  expect(Object.keys(toPersonError(new AiError('timeout', '')))).toEqual(['code']);
});

test('an AiError stays as it is, an abort keeps its meaning, all else is unknown', () => {
  const error = new AiError('timeout', '');
  expect(toAiError(error)).toBe(error);
  const aborted = new DOMException('', 'AbortError');
  expect(toAiError(aborted)).toMatchObject({ code: 'aborted', cause: aborted });
  for (const thrown of [new TypeError('x'), 'text', { code: 'timeout' }]) {
    expect(toAiError(thrown)).toMatchObject({ code: 'unknown', cause: thrown });
    expect(toPageError(thrown)).toEqual({ code: 'unknown' });
  }
});

test('an error without a cause has none', () => {
  expect('cause' in new AiError('timeout', '')).toBe(false);
});

test('an unexpected variant is named', () => {
  expect(() => assertNever({ type: 'new' } as never)).toThrow('{"type":"new"}');
});
