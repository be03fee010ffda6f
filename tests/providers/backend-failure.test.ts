import { expect, test } from 'vitest';
import { limits } from '../../protocol/limits';
import { type FailureContext, isLoadingModel, toBackendError, unsupportedParameter } from '../../providers/backend-failure';

const failure = (body: unknown, context: Partial<FailureContext> = {}) => toBackendError(body, { isLocal: false, ...context });
const withCode = (code: string | number, message = 'No.') => ({
  error: { message, code, type: 'invalid_request_error', param: null },
});

test.each([
  [400, withCode('context_length_exceeded'), 'context-length'],
  [400, { error: { code: 400, metadata: { error_type: 'context_length_exceeded' } } }, 'context-length'],
  [400, { error: { message: 'Request exceeds the available context size', code: 400 } }, 'context-length'],
  [400, withCode('content_policy_violation'), 'content-policy'],
  [400, withCode('unsupported_parameter'), 'invalid-request'],
  [400, { error: 'No models are currently loaded.' }, 'no-model'],
  [401, withCode('invalid_api_key'), 'auth'],
  [401, 'Unauthorized', 'auth'],
  [401, { error: { message: "CORS requests must set 'x' header", type: 'authentication_error' } }, 'origin-refused'],
  [400, { error: { message: 'Your credit balance is too low.', type: 'invalid_request_error' } }, 'payment'],
  [400, { error: { message: 'No.', details: [7, {}, { reason: 'API_KEY_INVALID' }] } }, 'auth'],
  [400, { error: { message: 'No.', details: 'none' } }, 'invalid-request'],
  [400, { error: { message: 'User location is not supported.', status: 'FAILED_PRECONDITION' } }, 'forbidden'],
  [429, { error: { message: 'No.', details: { error_code: 'enforced_spend_limit_reached' } } }, 'payment'],
  [402, {}, 'payment'],
  [403, { error: { message: 'Country not supported.' } }, 'forbidden'],
  [404, withCode('model_not_found'), 'model-not-found'],
  [404, { error: "model 'x' not found" }, 'model-not-found'],
  [404, { error: { message: 'No endpoints for this model.' } }, 'model-not-found'],
  [404, { detail: 'Not Found' }, 'invalid-request'],
  [408, '', 'timeout'],
  [409, '', 'server'],
  [413, '', 'context-length'],
  [418, '', 'invalid-request'],
  [429, withCode('rate_limit_exceeded'), 'rate-limit'],
  [429, withCode('insufficient_quota'), 'payment'],
  [500, '', 'server'],
  [500, { error: { message: 'tools param requires --jinja flag' } }, 'not-supported'],
  [500, { error: { message: 'image input is not supported - hint: …' } }, 'not-supported'],
  [501, { error: { type: 'not_supported_error' } }, 'not-supported'],
  [501, '', 'not-supported'],
  [500, { error: 'CUDA error: out of memory' }, 'out-of-memory'],
  [507, { detail: { msg: 'CUDA out of memory.', type: 'out_of_memory.gpu.cuda' } }, 'out-of-memory'],
  [500, { detail: { msg: 'No room.', type: 'token_overflow' } }, 'context-length'],
  [422, { detail: {} }, 'invalid-request'],
  [503, { error: { message: 'Loading model', type: 'unavailable_error', code: 503 } }, 'overloaded'],
  [503, { error: { message: 'No models are currently loaded.' } }, 'no-model'],
  [504, '', 'timeout'],
  [524, '', 'timeout'],
  [529, '', 'overloaded'],
])('status %i with %j has fault %s', (status, body, fault) => {
  expect(failure(body, { status })).toMatchObject({ fault, status });
});

test.each([
  [{ error: { code: 502, message: 'Provider disconnected' } }, 'server', 502],
  [{ error: { code: '429', message: 'Slow down' } }, 'rate-limit', 429],
  [{ error: { type: 'overloaded_error' } }, 'overloaded', undefined],
  [{ error: { type: 'invalid_request_error' } }, 'invalid-request', undefined],
  [{ error: { type: 'authentication_error' } }, 'auth', undefined],
  [{ error: { type: 'NotFoundError' } }, 'model-not-found', undefined],
  [{ error: { type: 'constructor', code: '__proto__' } }, 'server', undefined],
  [{ error: 'Unexpected endpoint or method. (GET /x)' }, 'invalid-request', undefined],
  [{ error: true }, 'server', undefined],
  [{ error: [] }, 'server', undefined],
  [{ error: [['x']] }, 'server', undefined],
  [null, 'server', undefined],
  [{ message: 'flat', type: 'BadRequestError', code: 400 }, 'invalid-request', 400],
])('inside an answer %j has fault %s', (body, fault, status) => {
  expect(failure(body)).toMatchObject({ fault, status });
});

test.each([400, 403])('a server that refuses the name it is called by is told apart, with status %i', (status) => {
  expect(failure({ detail: 'Invalid host header' }, { status, isLocal: true })).toMatchObject({ fault: 'host-refused' });
  expect(failure('Invalid host header', { status }).fault).toBe('host-refused');
});

test('a server that loads its model is waited for by the dialect, not by a retry', () => {
  const body = { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } };
  expect(failure(body, { status: 503 })).toMatchObject({ fault: 'overloaded', retryable: false });
  expect(isLoadingModel(failure(body, { status: 503 }))).toBe(true);
  expect(isLoadingModel(failure('Busy', { status: 503 }))).toBe(false);
});

test('an empty 403 of a server nearby means that it refuses the origin of the extension', () => {
  expect(failure('', { status: 403, isLocal: true }).fault).toBe('origin-refused');
  expect(failure('', { status: 403 }).fault).toBe('forbidden');
  expect(failure('No.', { status: 403, isLocal: true }).fault).toBe('forbidden');
});

test('the words of the backend are kept for the person, from every shape', () => {
  expect(failure({ error: { message: 'One', metadata: { raw: 'two' } } }).detail).toBe('One: two');
  expect(failure({ error: 'text' }).detail).toBe('text');
  expect(failure({ detail: { msg: 'Busy', type: 'service_unavailable' } }).detail).toBe('Busy');
  expect(failure({ detail: [{ loc: ['body', 'messages', 0], msg: 'is missing', type: 'x' }] }).detail).toBe(
    'body.messages.0: is missing',
  );
  expect(failure('  plain  ').detail).toBe('plain');
  expect(failure('<html><body>nothing</body></html>').detail).toBeUndefined();
  expect(failure({ error: { message: 7, code: true, type: {} } }).detail).toBeUndefined();
});

test('the words are bounded, and keys in them are hidden', () => {
  expect(failure('x'.repeat(10_000)).detail).toHaveLength(limits.errorBodyBytes);
  const detail = failure('Key sk-or-v1-0123456789abcdef and Bearer abcdefghij.klmnop.QRST are wrong.').detail;
  expect(detail).toBe('Key sk-…cdef and Bearer …QRST are wrong.');
});

test('the field in question is named', () => {
  expect(failure({ error: { message: 'No', param: 'temperature' } }).field).toBe('temperature');
  expect(failure({ detail: [{ loc: ['body', 'stop', 1], msg: 'too long' }] }).field).toBe('stop.1');
});

test('only an unsupported parameter may be left out', () => {
  const refusal = (code: string, param: string | null = 'top_p') =>
    failure({ error: { message: 'No', code, param } }, { status: 400 });
  expect(unsupportedParameter(refusal('unsupported_parameter'))).toBe('top_p');
  expect(unsupportedParameter(refusal('unsupported_value'))).toBe('top_p');
  expect(unsupportedParameter(refusal('unsupported_value', null))).toBeUndefined();
  expect(unsupportedParameter(refusal('invalid_value'))).toBeUndefined();
});

test('only what passes by itself is worth another try', () => {
  for (const status of [408, 409, 429, 500, 503, 529]) expect(failure('', { status }).retryable, String(status)).toBe(true);
  for (const status of [400, 401, 402, 403, 404, 413, 422, 501])
    expect(failure('', { status }).retryable, String(status)).toBe(false);
  expect(failure('', { status: 429, retryAfter: 60_000 }).retryable).toBe(true);
  expect(failure('', { status: 429, retryAfter: 60_001 }).retryable).toBe(false);
});

test('a map of what does not validate names its first field, and says it all', () => {
  const body = { detail: { stop_sequence: ['Unknown field.'], temperature: ['Must be greater than 0.', 'Too cold.'] } };
  expect(failure(body, { status: 422 })).toMatchObject({
    fault: 'invalid-request',
    field: 'stop_sequence',
    detail: 'stop_sequence: Unknown field.; temperature: Must be greater than 0. Too cold.',
  });
});

test('a delay in the body is waited for, one in the headers comes first, and a quota of the day is not waited for', () => {
  const body = (details: readonly object[]) => ({ error: { code: 429, status: 'RESOURCE_EXHAUSTED', details } });
  const context = { status: 429 };
  expect(failure(body([{ retryDelay: '34.4s' }]), context)).toMatchObject({ retryAfter: 34_400, retryable: true });
  expect(failure(body([{ retryDelay: '34.4s' }]), { ...context, retryAfter: 5 })).toMatchObject({ retryAfter: 5 });
  expect(failure(body([{ retryDelay: '61s' }]), context).retryable).toBe(false);
  expect(failure(body([{ retryDelay: 'soon' }]), context)).toMatchObject({ retryAfter: undefined, retryable: true });
  expect(failure(body([{ violations: [{ quotaId: 'RequestsPerDay' }] }]), context).retryable).toBe(false);
});
