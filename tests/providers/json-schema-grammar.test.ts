import { expect, test } from 'vitest';
import { toGrammar } from '../../providers/dialects/json-schema-grammar';
import { createGrammar } from '../support/gbnf';

const accepts = (schema: Record<string, unknown>, text: string) => createGrammar(toGrammar(schema)).accepts(text);
const fish = {
  type: 'object',
  description: 'A fish.',
  properties: {
    name: { type: 'string' },
    weight: { type: 'number' },
    colours: { type: 'array', items: { enum: ['red', 'a "blue"'] }, minItems: 1, maxItems: 2 },
    home: { anyOf: [{ type: 'object', properties: { sea: { type: 'boolean' } }, required: ['sea'] }, { type: 'null' }] },
  },
  required: ['weight'],
};

test.each([
  '{"weight":1}',
  '{"name":"carp","weight":-1.5e3}',
  '{ "name": "c\\"a\\u00e9\\n", "weight": 0 }',
  '{"weight":2,"colours":["red","a \\"blue\\""]}',
  '{"weight":2,"home":{"sea":true}}',
  '{"name":"x","weight":2,"colours":["red"],"home":null}',
])('%s is what the schema of a fish allows', (text) => {
  expect(() => JSON.parse(text)).not.toThrow();
  expect(accepts(fish, text)).toBe(true);
});

test.each([
  ['{}', 'the weight is missing'],
  ['{"name":"carp"}', 'the weight is missing'],
  ['{"weight":"1"}', 'a string is no number'],
  ['{"weight":01}', 'that is no JSON'],
  ['{"weight":1,}', 'that is no JSON'],
  ['{,"weight":1}', 'that is no JSON'],
  ['{"weight":1,"name":"carp"}', 'the order is another one'],
  ['{"weight":1,"price":2}', 'there is no price'],
  ['{"weight":1,"colours":[]}', 'it has a colour'],
  ['{"weight":1,"colours":["red","red","red"]}', 'it has two colours at most'],
  ['{"weight":1,"colours":["green"]}', 'it is not green'],
  ['{"weight":1,"home":{}}', 'a home is in the sea or not'],
  ['{"name":"a\nb","weight":1}', 'that is no JSON'],
  ['{"weight":1} {"weight":1}', 'one fish was asked for'],
])('%s is not: %s', (text) => {
  expect(accepts(fish, text)).toBe(false);
});

test('whatever says nothing allows any JSON', () => {
  const any = { type: 'array', items: {} };
  for (const text of ['[]', '[{"a":[1,null]},"b",true]', '[{}, []]']) expect(accepts(any, text)).toBe(true);
  expect(accepts({ type: 'object' }, '{"a":{"b":[]}}')).toBe(true);
  expect(accepts({ type: 'object', additionalProperties: false }, '{"a":1}')).toBe(false);
  expect(accepts({ type: ['integer', 'null'] }, 'null')).toBe(true);
  expect(accepts({ const: { a: 1 } }, '{"a":1}')).toBe(true);
});

test.each([
  { type: 'string', pattern: '^x' },
  { type: 'string', minLength: 3 },
  { type: 'integer', minimum: 0 },
  { type: 'object', properties: { a: { $ref: '#/$defs/a' } } },
  { type: 'object', properties: { a: {} }, additionalProperties: { type: 'string' } },
  { type: 'object', properties: { a: {} }, required: ['b'] },
  { type: 'object', patternProperties: {} },
  { type: 'array', uniqueItems: true },
  { type: 'array', minItems: 3, maxItems: 2 },
  { oneOf: [{ type: 'string' }] },
  { not: {} },
  { enum: [] },
  { enum: ['a'], type: 'string', minLength: 3 },
  { type: 'date' },
])('%j is refused, since a grammar would not keep it', (schema) => {
  expect(() => toGrammar(schema)).toThrow(expect.objectContaining({ code: 'not-supported', field: 'responseFormat' }));
});
