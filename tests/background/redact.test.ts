import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanProvider } from '../../background/clean-provider';
import { createRedactor } from '../../background/redact';
import { AiError, backendError } from '../../protocol/errors';
import type { Provider } from '../../providers/provider';

const secret = 'zq/CANARY"0123456789+xyz';

function knowing(...secrets: string[]) {
  const redactor = createRedactor();
  for (const each of secrets) redactor.know(each);
  return redactor;
}

/** Whether the text still holds 8 characters of the secret in a row. */
const leaks = (text: string, of: string) =>
  Array.from({ length: Math.max(0, of.length - 7) }, (_none, at) => of.slice(at, at + 8)).some((piece) => text.includes(piece));

const encodings: Record<string, (text: string) => string> = {
  'as it is': (text) => text,
  'in base64': btoa,
  'in base64 behind a user name': (text) => btoa(`user:${text}`),
  'in base64 behind Bearer': (text) => btoa(`Bearer ${text}`),
  'in base64 for addresses': (text) => btoa(text).replaceAll('+', '-').replaceAll('/', '_'),
  'encoded for addresses': encodeURIComponent,
  'encoded for addresses in small letters': (text) => encodeURIComponent(text).toLowerCase(),
  'as JSON': (text) => JSON.stringify(text),
  'as JSON with escaped slashes': (text) => JSON.stringify(text).replaceAll('/', '\\/'),
  'in capitals': (text) => text.toUpperCase(),
};

/** What the encoding has of the secret, and not of what stands before it. */
function ownPart(encode: (text: string) => string): string {
  const encoded = encode(secret).replaceAll('=', '');
  const foreign = encode(secret.replace(/./g, (character) => String.fromCharCode(character.charCodeAt(0) ^ 1)));
  const from = [...encoded].findIndex((character, at) => character !== foreign[at]);
  return encoded.slice(from);
}

test.each(Object.entries(encodings))(
  'T58 a key that comes back %s is taken out, and the words around it stay',
  (_name, encode) => {
    const echoed = `The key ${encode(secret)} is wrong.`;
    // The detector sees the fault where nothing is taken out.
    expect(leaks(echoed, encode(secret))).toBe(true);
    const said = knowing(secret).redact(echoed);
    expect(leaks(said, ownPart(encode))).toBe(false);
    expect(said).toMatch(/^The .*…/);
    expect(said).toContain('is wrong.');
  },
);

test('T58 a key that is split over two fields is taken out of both', () => {
  const said = knowing(secret).redact(JSON.stringify({ first: secret.slice(0, 12), second: secret.slice(12) }));
  expect(leaks(said, secret)).toBe(false);
  expect(said).toContain('second');
});

test('T58 random secrets in random texts leave no eight characters of themselves', () => {
  const key = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    minLength: 8,
    maxLength: 80,
  });
  fc.assert(
    fc.property(key, fc.string(), fc.string(), fc.constantFrom(...Object.keys(encodings)), (value, before, after, name) => {
      const encoded = encodings[name]?.(value) ?? value;
      const said = knowing(value).redact(`${before}${encoded}${after}`);
      expect(leaks(said, value)).toBe(false);
    }),
    { numRuns: 1000 },
  );
});

test('a short secret is taken out as a whole, and no text at all stays as it is', () => {
  expect(knowing('abc').redact('it says abc, not abd')).toBe('it says …, not abd');
  expect(knowing(secret).redact('Nothing of it here.')).toBe('Nothing of it here.');
  expect(knowing(secret, secret).redact('')).toBe('');
});

test.each([
  'sk-abcdefgh1234',
  'sk-ant-REDACTED',
  'sk-or-v1-abcdefgh1234',
  'sk-abc***********wxyz',
  'AIzaSyabcdefghijklmn',
  'gsk_abcdefgh1234',
  'hf_abcdefgh1234',
  'xai-abcdefgh1234',
  'Bearer whatever-it-is',
  'key=abcdefgh',
  '"api_key": "abcdefgh',
])('T58 what looks like a key is taken out although nobody knows it: %s', (shape) => {
  const said = createRedactor().redact(`Bad ${shape} given`);
  expect(said).toMatch(/^Bad "?…\s?.* ?given$|^Bad … given$/);
  expect(said).not.toMatch(/abcdefgh|whatever|wxyz/);
});

const failing = (error: unknown): Provider => ({
  models: async () => {
    throw error;
  },
  async *generate() {
    yield { type: 'text-delta', output: 0, text: 'x' } as never;
    throw error;
  },
  status: () => Promise.reject(error),
  cancel: () => Promise.reject(error),
});
const failure = () =>
  backendError('auth', 'The key is refused.', {
    status: 401,
    detail: `no ${secret}`,
    field: secret,
    retryAfter: 7,
    retryable: true,
  });
const drain = async (parts: AsyncIterable<unknown>) => {
  const seen: unknown[] = [];
  for await (const part of parts) seen.push(part);
  return seen;
};
const signal = new AbortController().signal;

test('T57 every error of a provider is cleaned where it enters, and says the rest as before', async () => {
  const provider = cleanProvider(failing(failure()), knowing(secret));
  const calls = [
    provider.models(signal),
    provider.status?.(signal),
    provider.cancel?.('job', signal),
    drain(provider.generate({ messages: [] }, signal)),
  ];
  for (const failed of calls) {
    const error = await failed?.then(
      () => undefined,
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({
      code: 'unavailable',
      fault: 'auth',
      status: 401,
      retryAfter: 7,
      retryable: true,
      detail: 'no …',
      field: '…',
    });
    expect(JSON.stringify(error)).not.toContain('CANARY');
  }
});

test('what is no error of a backend, or says nothing of its own, passes as it is', async () => {
  const silent = new AiError('aborted', 'Gone.');
  const other = new Error('other');
  for (const error of [silent, other]) {
    const provider = cleanProvider(failing(error), knowing(secret));
    await expect(provider.models(signal)).rejects.toBe(error);
    await expect(drain(provider.generate({ messages: [] }, signal))).rejects.toBe(error);
  }
});

test('what works passes as it is', async () => {
  const provider = cleanProvider(
    {
      models: async () => [],
      async *generate() {
        yield { type: 'finish' } as never;
      },
    },
    createRedactor(),
  );
  expect(await provider.models(signal)).toEqual([]);
  expect(await drain(provider.generate({ messages: [] }, signal))).toEqual([{ type: 'finish' }]);
  // What a provider cannot do, it cannot do when it is clean either.
  expect([provider.status, provider.cancel]).toEqual([undefined, undefined]);
});

test('T72 where the vault was locked meanwhile nobody can tell a key any more: the words are dropped', () => {
  const redactor = knowing(secret);
  const clean = redactor.watch();
  redactor.forget();
  expect(clean(failure())).toMatchObject({ fault: 'auth', detail: undefined, field: undefined });
  expect(redactor.watch()(backendError('auth', 'x', { detail: 'bad' })).detail).toBe('bad');
});
