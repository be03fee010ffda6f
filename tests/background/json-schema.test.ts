import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileSchema } from '../../background/json-schema';

const isValid = (schema: Record<string, unknown>, value: unknown) => compileSchema(schema).isValid(value);
const own = (json: string) => JSON.parse(json);

const cases: readonly (readonly [name: string, schema: Record<string, unknown>, valid: unknown[], wrong: unknown[]])[] = [
  ['anything', {}, [null, 1, 'x', [], {}], []],
  ['a type', { type: 'string' }, ['', 'x'], [1, null, ['x']]],
  ['one of several types', { type: ['integer', 'null'] }, [1, null, -3, 1.0], [1.5, '1', true]],
  ['every type', { type: ['object', 'array', 'boolean', 'number'] }, [{}, [], true, 1.5], ['x', null]],
  ['an enum', { enum: [1, 'a', null, [1], { a: [1] }] }, [1, 'a', null, [1], { a: [1] }], [2, '1', [], { a: [] }, { b: [1] }]],
  ['a const', { const: { a: 1, b: 2 } }, [{ b: 2, a: 1 }], [{ a: 1 }, { a: 1, b: 2, c: 3 }, [1, 2], { a: 1, c: 2 }]],
  ['a const list', { const: [1, 2] }, [[1, 2]], [[1], [2, 1], { 0: 1, 1: 2 }]],
  ['bounds', { minimum: 1, maximum: 3 }, [1, 3, 'x'], [0.9, 3.1]],
  ['open bounds', { exclusiveMinimum: 1, exclusiveMaximum: 3 }, [2, null], [1, 3]],
  ['a multiple', { multipleOf: 0.1 }, [0.3, 1, 1000000.1, 'x'], [0.35]],
  ['a length', { minLength: 2, maxLength: 3 }, ['ab', '😀😀😀', 1], ['a', 'abcd', '😀']],
  ['a pattern', { pattern: '^[a-z]+$' }, ['abc', 1], ['ABC', '']],
  ['a pattern anywhere', { pattern: 'b' }, ['abc'], ['ac']],
  ['items', { items: { type: 'integer' } }, [[], [1, 2], 'x'], [['a'], [1, 'a']]],
  ['the first items', { prefixItems: [{ type: 'string' }], items: false }, [[], ['a']], [[1], ['a', 1]]],
  [
    'the first items of draft 7',
    { items: [{ type: 'string' }], additionalItems: { type: 'integer' } },
    [['a', 1]],
    [['a', 'b'], [1]],
  ],
  ['additional items beside none', { additionalItems: false }, [[1]], []],
  ['a count', { minItems: 1, maxItems: 2 }, [[1], [1, 2]], [[], [1, 2, 3]]],
  [
    'unique items',
    { uniqueItems: true },
    [
      [1, 2, '1'],
      [{ a: 1 }, { a: 2 }],
    ],
    [
      [1, 1],
      [{ a: [1] }, { a: [1] }],
    ],
  ],
  ['items that may repeat', { uniqueItems: false }, [[1, 1]], []],
  ['something contained', { contains: { const: 1 } }, [[2, 1], 'x'], [[], [2]]],
  ['something contained so often', { contains: { const: 1 }, minContains: 0, maxContains: 1 }, [[], [1]], [[1, 1]]],
  ['properties', { properties: { a: { type: 'integer' } } }, [{}, { a: 1 }, { b: 'x' }, []], [{ a: 'x' }]],
  ['what is required', { required: ['a', 'toString'] }, [{ a: 1, toString: 1 }], [{}, { a: 1 }]],
  [
    'no more properties',
    { properties: { a: {} }, additionalProperties: false },
    [{}, { a: 1 }],
    [{ b: 1 }, { a: 1, toString: 1 }],
  ],
  [
    'properties by pattern',
    { patternProperties: { '^n': { type: 'integer' } }, additionalProperties: { type: 'string' } },
    [{ n1: 1, x: 'a' }],
    [{ n1: 'a' }, { x: 1 }],
  ],
  ['names', { propertyNames: { maxLength: 2 } }, [{ ab: 1 }], [{ abc: 1 }]],
  ['a number of properties', { minProperties: 1, maxProperties: 2 }, [{ a: 1 }, []], [{}, { a: 1, b: 1, c: 1 }]],
  ['what needs another', { dependentRequired: { a: ['b'] } }, [{}, { a: 1, b: 1 }, 1], [{ a: 1 }]],
  ['what needs a form', { dependentSchemas: { a: { required: ['b'] } } }, [{}, { a: 1, b: 1 }], [{ a: 1 }]],
  ['both in draft 7', { dependencies: { a: ['b'], c: { required: ['d'] } } }, [{}, { a: 1, b: 1 }], [{ a: 1 }, { c: 1 }]],
  ['all of', { allOf: [{ minimum: 1 }, { maximum: 2 }] }, [1], [0, 3]],
  ['any of', { anyOf: [{ type: 'string' }, { minimum: 5 }] }, ['x', 5], [1]],
  ['one of', { oneOf: [{ minimum: 1 }, { maximum: 5 }] }, [0, 6], [3]],
  ['not', { not: { type: 'null' } }, [1], [null]],
  ['a condition', own('{"if":{"type":"string"},"then":{"minLength":2},"else":{"minimum":2}}'), ['ab', 2], ['a', 1]],
  ['a condition without then', { if: { type: 'string' } }, ['a', 1], []],
  ['then and else alone', own('{"then":false,"else":false}'), [1], []],
  ['a reference', { $ref: '#/$defs/a', $defs: { a: { type: 'integer' } } }, [1], ['x']],
  ['a reference with signs', { $ref: '#/definitions/a~1b~0c%20d', definitions: { 'a/b~c d': { type: 'null' } } }, [null], [1]],
  ['a reference with a percent sign', { $ref: '#/$defs/5%', $defs: { '5%': { type: 'null' } } }, [null], [1]],
  ['a reference into a list', { $ref: '#/allOf/0', allOf: [{ type: 'integer' }] }, [1], ['x']],
  [
    'a tree',
    { type: 'object', properties: { next: { $ref: '#' } }, required: ['v'] },
    [{ v: 1 }, { v: 1, next: { v: 2 } }],
    [{ v: 1, next: {} }],
  ],
  [
    'words for people',
    {
      title: 'T',
      description: 'D',
      default: 1,
      examples: [1],
      $comment: '',
      'x-order': 1,
      $schema: 'https://json-schema.org/draft/2020-12/schema',
    },
    [1],
    [],
  ],
  ['a format that is not checked', { format: 'idn-email' }, ['x'], []],
  ['a format that is no name', { format: 5 }, ['x'], []],
  [
    'dates',
    { format: 'date' },
    ['2024-02-29', '2000-02-29', 1],
    ['2023-02-29', '1900-02-29', '2024-13-01', '2024-1-1', '2024-00-10', '2024-01-00'],
  ],
  ['times', { format: 'time' }, ['12:30:00Z', '23:59:60+01:00', '01:02:03.456z'], ['12:30:00', '24:00:00Z', '12:60:00Z']],
  [
    'dates with times',
    { format: 'date-time' },
    ['2024-02-29T12:30:00Z'],
    ['2024-02-30T12:30:00Z', '2024-02-29', '2024-02-29X12:30:00Z'],
  ],
  [
    'mail addresses',
    { format: 'email' },
    ['a.b+c@example.com'],
    ['a', '@b', 'a..b@c.d', `${'a'.repeat(65)}@b.c`, 'a b@c.d', 'a@-b.c'],
  ],
  ['hosts', { format: 'hostname' }, ['example.com', 'a'], ['-a', 'a..b', `${'a'.repeat(64)}`, `${'a.'.repeat(130)}a`]],
  [
    'addresses',
    { format: 'uri' },
    ['https://example.com/a?b#c', 'mailto:a@b.c', 'urn:x'],
    ['example.com', '//a', 'http://a b', 'http://'],
  ],
  ['machines', { format: 'ipv4' }, ['127.0.0.1'], ['256.0.0.1', '1.2.3', '01.2.3.4']],
  ['newer machines', { format: 'ipv6' }, ['::1', '2001:db8::ff00:42:8329'], [':::', '1.2.3.4', '::1%eth0', 'x']],
  ['ids', { format: 'uuid' }, ['123e4567-e89b-12d3-a456-426614174000'], ['123e4567']],
  ['a format of something long', { format: 'hostname' }, [], ['a'.repeat(3000)]],
];

test.each(cases)('%s', (_name, schema, valid, wrong) => {
  for (const value of valid) expect(isValid(schema, value), JSON.stringify(value)).toBe(true);
  for (const value of wrong) expect(isValid(schema, value), JSON.stringify(value)).toBe(false);
});

test.each<[string, Record<string, unknown>]>([
  ['an unknown type', { type: 'tuple' }],
  ['no type', { type: [] }],
  ['a type that is a number', { type: 5 }],
  ['an unknown keyword', { unevaluatedProperties: false }],
  ['a keyword of objects', { constructor: {} }],
  ['an unknown keyword far inside', { properties: { a: { items: { wrong: 1 } } } }],
  ['a reference elsewhere', { $ref: 'https://evil.test/schema.json' }],
  ['a reference to an anchor', { $ref: '#name' }],
  ['a reference to nowhere', { $ref: '#/$defs/a' }],
  ['a reference to something inherited', { $ref: '#/constructor' }],
  ['a reference through a number', { $ref: '#/minimum/x', minimum: 1 }],
  ['a reference that is none', { $ref: 1 }],
  ['a reference to what is no schema', { $ref: '#/minimum', minimum: 1 }],
  ['a list that is no list', { anyOf: {} }],
  ['an empty list', { allOf: [] }],
  ['properties that are a list', { properties: [] }],
  ['names that are numbers', { required: [1] }],
  ['a length below nothing', { minLength: -1 }],
  ['half a length', { maxItems: 1.5 }],
  ['a bound as text', { minimum: '1' }],
  ['a multiple of nothing', { multipleOf: 0 }],
  ['an enum that is none', { enum: 'x' }],
  ['a pattern that is none', { pattern: 5 }],
  ['a broken pattern', { pattern: '(' }],
  ['a pattern that looks ahead', { patternProperties: { '(?=a)': {} } }],
])('%s is not supported, and says so before any model is asked', (_name, schema) => {
  expect(() => compileSchema(schema)).toThrow(expect.objectContaining({ code: 'not-supported', field: 'responseFormat' }));
});

const timed = (run: () => unknown) => {
  const started = performance.now();
  run();
  return performance.now() - started;
};
const giveUp = expect.objectContaining({ code: 'invalid-answer' });
const doubled = (levels: number) => ({
  $ref: '#/$defs/d0',
  $defs: {
    ...Object.fromEntries(
      Array.from({ length: levels }, (_, level) => {
        const next = { $ref: `#/$defs/d${level + 1}` };
        return [`d${level}`, { allOf: [next, next] }];
      }),
    ),
    [`d${levels}`]: {},
  },
});

test.each<[string, Record<string, unknown>, unknown]>([
  ['references that double at each step', doubled(40), 1],
  ['a reference to itself', { $ref: '#' }, 1],
  ['references to one another', { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } }, 1],
  [
    'a tree that is looked at twice at each level',
    { items: { allOf: [{ $ref: '#' }, { $ref: '#' }] } },
    own(`${'['.repeat(60)}${']'.repeat(60)}`),
  ],
  ['many items, each other than all others', { uniqueItems: true }, Array.from({ length: 20_000 }, (_, index) => ({ index }))],
  ['an answer that is deeper than any stack', { items: { $ref: '#' } }, own(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)],
  [
    'a large pattern against many names',
    { patternProperties: { '(a|b|[a-c]{0,500}){3}d': {} } },
    Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`${'a'.repeat(30)}${index}`, 1])),
  ],
  ['a pattern against a long text', { pattern: '(a|b|ab)*c' }, 'ab'.repeat(1_000_000)],
])('T62 %s: given up within a moment', (_name, schema, value) => {
  const check = compileSchema(schema);
  expect(timed(() => expect(() => check.isValid(value)).toThrow(giveUp))).toBeLessThan(2000);
});

test('T62 a pattern that would hang the browser’s engine is read like any other', () => {
  const check = compileSchema({
    type: 'object',
    propertyNames: { pattern: '^(a+)+$' },
    additionalProperties: { pattern: '^(a|a)*$' },
  });
  const text = `${'a'.repeat(5000)}!`;
  expect(timed(() => expect(check.isValid({ [text]: text })).toBe(false))).toBeLessThan(500);
});

test('T62 a chain of references that is longer than any stack is refused', () => {
  const length = 50_000;
  const chain = Array.from({ length }, (_, index) => [`d${index}`, { $ref: `#/$defs/d${index + 1}` }]);
  const schema = { $ref: '#/$defs/d0', $defs: { ...Object.fromEntries(chain), [`d${length}`]: { type: 'null' } } };
  expect(() => compileSchema(schema)).toThrow(expect.objectContaining({ code: 'not-supported' }));
});

test('a check is used again for another answer as if it were new', () => {
  const check = compileSchema({ items: { type: 'integer' } });
  for (let round = 0; round < 20; round += 1) expect(check.isValid(Array.from({ length: 50_000 }, () => 1))).toBe(true);
});

test('property: a const allows itself and what is equal to it, and nothing else that JSON can say', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      const check = compileSchema({ const: one });
      expect(check.isValid(own(JSON.stringify(one)))).toBe(true);
      const isSame = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
      expect(check.isValid(own(JSON.stringify(other)))).toBe(isSame);
    }),
  );
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return ['object', ...entries.map(([name, item]) => [name, sorted(item)])];
}
