import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canBeginJson } from '../../background/json-prefix';

test.each([
  '',
  ' ',
  '{',
  '{ "a',
  '{"a"',
  '{"a":',
  '{"a": [',
  '{"a":1,',
  '{"a":1, "b":{',
  '[',
  '[]',
  '[1,',
  '[1',
  '"x',
  '"x\\',
  '"x\\u0',
  '"x\\u00e9"',
  't',
  'tru',
  'true',
  'nul',
  'fals',
  '-',
  '0',
  '-0.',
  '12.5e',
  '12e+',
  '12e-3',
  '[true',
  '[[[',
  '{}',
  '1 ',
])('JSON can begin with %j', (text) => {
  expect(canBeginJson(text)).toBe(true);
});

test.each([
  'Rating:',
  '```',
  '}',
  ']',
  ',',
  ':',
  '{,',
  '{1',
  '{a',
  '{t',
  '{"a"}',
  '{"a",',
  '{"a":}',
  '{"a":1,}',
  '{"a":1]',
  '[1}',
  '[,',
  '[1,]',
  '[1 2',
  '01',
  '1.e',
  '.5',
  '+1',
  'trx',
  'tru ',
  '"a\nb',
  '"\\x',
  '{} {}',
  '1 2',
  '"a" "b',
  'NaN',
  "'a'",
  '[1]]',
])('no JSON begins with %j', (text) => {
  expect(canBeginJson(text)).toBe(false);
});

test('property: every beginning of JSON is one, and what JSON.parse reads is always one', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), (json, at) => {
      expect(canBeginJson(json.slice(0, at % (json.length + 1)))).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('property: a text that is no beginning is never read by JSON.parse, whatever follows of it', () => {
  const text = fc.string({ unit: fc.constantFrom(...'{}[],:"\\ tru1e-.0na'), maxLength: 8 });
  fc.assert(
    fc.property(text, text, (begun, rest) => {
      let isJson = true;
      try {
        JSON.parse(begun + rest);
      } catch {
        isJson = false;
      }
      if (isJson) expect(canBeginJson(begun)).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

test('T62 a long beginning is read within a moment', () => {
  const started = performance.now();
  expect(canBeginJson(`${'['.repeat(500_000)}`)).toBe(true);
  expect(canBeginJson(`"${'\\\\'.repeat(500_000)}`)).toBe(true);
  expect(canBeginJson(`[${'1,'.repeat(300_000)}x`)).toBe(false);
  expect(performance.now() - started).toBeLessThan(2000);
});
