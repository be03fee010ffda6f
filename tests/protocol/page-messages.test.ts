import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '../../protocol/limits';
import { parsePageFrame } from '../../protocol/page-messages';

type Fields = Readonly<Record<string, unknown>>;

const message = (text: string, role: unknown = 'user') => ({ role, content: [{ type: 'text', text }] });
const frame = (call: unknown, fields: Fields = {}) => ({ v: 1, type: 'request', id: '1', call, activated: false, ...fields });
const generate = (fields: Fields = {}) => frame({ type: 'generate', request: { messages: [message('Hi')], ...fields } });

/** An object that is `depth` arrays deep. */
function nested(depth: number): unknown {
  let value: unknown = 'deepest';
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

const good: [string, unknown][] = [
  ['a completion', generate()],
  ['a completion with every field', generate({ model: 'a/b', temperature: 0.7, maxOutputTokens: 5, stop: ['\n'], outputs: 2 })],
  ['the most messages', generate({ messages: Array.from({ length: limits.messages }, () => message('x')) })],
  ['the most text', generate({ messages: [message('x'.repeat(limits.requestChars))] })],
  ['an empty text', generate({ messages: [message('')] })],
  [
    'a message of several parts',
    generate({ messages: [{ role: 'user', content: [message('a'), message('b')].flatMap((m) => m.content) }] }),
  ],
  ['the bounds of numbers', generate({ temperature: 2, maxOutputTokens: limits.maxOutputTokens, outputs: limits.outputs })],
  ['a lone surrogate', generate({ messages: [message('\ud800')] })],
  ['the model’s name', frame({ type: 'current-model' })],
  ['the longest id', frame({ type: 'current-model' }, { id: 'x'.repeat(limits.idChars) })],
  ['an abort', { v: 1, type: 'abort', id: '1' }],
  ['an acknowledgement', { v: 1, type: 'taken', id: '1', chars: 0 }],
  ['a ping', { v: 1, type: 'ping' }],
];

test.each(good)('%s passes unchanged', (_name, value) => {
  expect(parsePageFrame(value)).toEqual(value);
});

const own = (json: string): unknown => JSON.parse(json);

const hostile: [string, unknown][] = [
  ['nothing', undefined],
  ['null', null],
  ['a number', 1],
  ['a string', 'request'],
  ['an array', [1]],
  ['an empty object', {}],
  ['another version', { v: 2, type: 'ping' }],
  ['a version as text', { v: '1', type: 'ping' }],
  ['no version', { type: 'ping' }],
  ['an unknown frame', { v: 1, type: 'end', id: '1' }],
  ['a frame named like a method of objects', { v: 1, type: 'constructor' }],
  ['__proto__ as the type', { v: 1, type: '__proto__' }],
  ['an extra key', { v: 1, type: 'ping', extra: true }],
  ['an origin', frame({ type: 'current-model' }, { origin: 'https://trusted.test' })],
  ['a sender', frame({ type: 'current-model' }, { sender: { origin: 'https://trusted.test' } })],
  ['no id', { v: 1, type: 'abort' }],
  ['an empty id', { v: 1, type: 'abort', id: '' }],
  ['a long id', { v: 1, type: 'abort', id: 'x'.repeat(limits.idChars + 1) }],
  ['a number as id', { v: 1, type: 'abort', id: 1 }],
  ['a negative acknowledgement', { v: 1, type: 'taken', id: '1', chars: -1 }],
  ['an endless acknowledgement', { v: 1, type: 'taken', id: '1', chars: Number.POSITIVE_INFINITY }],
  ['a broken acknowledgement', { v: 1, type: 'taken', id: '1', chars: 0.5 }],
  ['an acknowledgement of nothing', { v: 1, type: 'taken', id: '1', chars: Number.NaN }],
  ['no stamp', { v: 1, type: 'request', id: '1', call: { type: 'current-model' } }],
  ['a stamp of another type', frame({ type: 'current-model' }, { activated: 'yes' })],
  ['no call', { v: 1, type: 'request', id: '1', activated: true }],
  ['an operation of the interface', frame({ type: 'connection-add', input: { providerId: 'openai' } })],
  ['an inherited operation', frame({ type: 'toString' })],
  ['a call with an extra key', frame({ type: 'current-model', site: 'https://trusted.test' })],
  ['no messages', generate({ messages: [] })],
  ['messages that are none', generate({ messages: 'Hi' })],
  ['messages as an object', generate({ messages: { 0: message('Hi'), length: 1 } })],
  ['too many messages', generate({ messages: Array.from({ length: limits.messages + 1 }, () => message('')) })],
  ['too much text', generate({ messages: [message('x'.repeat(limits.requestChars)), message('x')] })],
  ['a message without a role', generate({ messages: [{ content: [] }] })],
  ['a tool’s role', generate({ messages: [message('x', 'tool')] })],
  ['a developer’s role', generate({ messages: [message('x', 'developer')] })],
  ['a role that is no text', generate({ messages: [message('x', ['user'])] })],
  ['a message without content', generate({ messages: [{ role: 'user', content: [] }] })],
  ['content as text', generate({ messages: [{ role: 'user', content: 'x' }] })],
  ['an image', generate({ messages: [{ role: 'user', content: [{ type: 'image', mediaType: 'image/png', data: '' }] }] })],
  [
    'a part with an extra key',
    generate({ messages: [{ role: 'user', content: [{ type: 'text', text: '', url: 'http://127.0.0.1' }] }] }),
  ],
  ['a text that is a number', generate({ messages: [{ role: 'user', content: [{ type: 'text', text: 5 }] }] })],
  ['a deep text', generate({ messages: nested(10_000) })],
  ['a deep frame', nested(10_000)],
  ['a URL', generate({ url: 'https://evil.test' })],
  ['a base URL', generate({ baseURL: 'https://evil.test' })],
  ['headers', generate({ headers: { Origin: 'https://evil.test' } })],
  ['a key', generate({ apiKey: 'sk-1' })],
  ['tools', generate({ tools: [] })],
  ['a long model', generate({ model: 'x'.repeat(limits.modelChars + 1) })],
  ['a model that is none', generate({ model: {} })],
  ['null as the model', generate({ model: null })],
  ['an empty stop', generate({ stop: [''] })],
  ['a long stop', generate({ stop: ['x'.repeat(limits.stopSequenceChars + 1)] })],
  ['too many stops', generate({ stop: Array.from({ length: limits.stopSequences + 1 }, () => 'x') })],
  ['a stop that is a regular expression', generate({ stop: [/x/] })],
];

test.each(hostile)('T12 %s is refused', (_name, value) => {
  expect(parsePageFrame(value)).toBeUndefined();
});

const noNumbers = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -1,
  1e308,
  -1e308,
  '1',
  '10',
  {},
  [],
  null,
  true,
];
const numbers: [string, number, number, (value: number) => boolean][] = [
  ['temperature', 0, 2, () => true],
  ['maxOutputTokens', 1, limits.maxOutputTokens, Number.isInteger],
  ['outputs', 1, limits.outputs, Number.isInteger],
];

test.each(numbers)('T40 property: the number %s is refused unless it is one from %d to %d', (field, least, most, isRight) => {
  const anyValue = fc.oneof(fc.double(), fc.integer(), fc.float({ min: 0, max: 3 }), fc.constantFrom<unknown>(...noNumbers));
  fc.assert(
    fc.property(anyValue, (value) => {
      const isNumber = typeof value === 'number' && value >= least && value <= most && isRight(value);
      expect(parsePageFrame(generate({ [field]: value })) !== undefined).toBe(isNumber);
    }),
    {
      numRuns: 1000,
      examples: [[least], [most], [least - 0.1], [most + 0.1], [1.5], ...noNumbers.map((value): [unknown] => [value])],
    },
  );
});

/** Every key that any frame of a page may have, at the place where it may stand. */
const keysAt: Readonly<Record<string, readonly string[]>> = {
  '': ['v', 'type', 'id', 'call', 'activated', 'chars'],
  call: ['type', 'request'],
  'call.request': ['messages', 'model', 'temperature', 'maxOutputTokens', 'stop', 'outputs'],
  'call.request.messages': ['role', 'content'],
  'call.request.messages.content': ['type', 'text'],
};

/** Walks a parsed frame: nothing but known keys, and no prototype but the plain ones. */
function expectKnownKeys(value: unknown, place = ''): void {
  if (Array.isArray(value)) {
    for (const item of value) expectKnownKeys(item, place);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  expect([Object.prototype, null]).toContain(Object.getPrototypeOf(value));
  for (const key of Reflect.ownKeys(value)) {
    expect(keysAt[place], place).toContain(key);
    expectKnownKeys(Reflect.get(value, key), place === '' ? String(key) : `${place}.${String(key)}`);
  }
}

// `in` sees inherited names: such keys may slip past a check, but never into what is passed on.
test.each([
  ['the frame', own('{"v":1,"type":"ping","__proto__":{"type":"request"}}')],
  ['the call', own('{"v":1,"type":"request","id":"1","activated":true,"call":{"type":"current-model","__proto__":{"x":1}}}')],
  ['the frame, as a constructor', own('{"v":1,"type":"ping","constructor":{"prototype":{"polluted":1}}}')],
  [
    'the request',
    own(
      '{"v":1,"type":"request","id":"1","activated":true,"call":{"type":"generate","request":{"messages":[{"role":"user","content":[{"type":"text","text":"x"}]}],"__proto__":{"model":"x"}}}}',
    ),
  ],
])('T12 __proto__ in %s goes nowhere', (_name, value) => {
  expectKnownKeys(parsePageFrame(value));
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});

test('T19 parsing makes fresh objects, so that what is checked cannot change afterwards', () => {
  const messages = [message('shown to the person')];
  const parsed = parsePageFrame(frame({ type: 'generate', request: { messages } }));
  messages[0] = message('swapped');
  expect(JSON.stringify(parsed)).toContain('shown to the person');
  expect(JSON.stringify(parsed)).not.toContain('swapped');
});

test('the keys of a request stand in one order, whatever order they came in', () => {
  const one = parsePageFrame(frame({ type: 'generate', request: { outputs: 1, messages: [message('a')], model: 'm' } }));
  const two = parsePageFrame(frame({ request: { model: 'm', messages: [message('a')], outputs: 1 }, type: 'generate' }));
  expect(JSON.stringify(one)).toBe(JSON.stringify(two));
});

test('a million wrong messages are refused at the first of them', () => {
  const messages = Array.from({ length: 1_000_000 }, () => 0);
  const started = performance.now();
  expect(parsePageFrame(generate({ messages }))).toBeUndefined();
  expect(performance.now() - started).toBeLessThan(250);
});

test('T12 property: arbitrary JSON never throws, parses to known keys only and pollutes nothing', () => {
  const names = Object.getOwnPropertyNames(Object.prototype).sort();
  const keys = fc.constantFrom(
    'v',
    'type',
    'id',
    'call',
    'activated',
    'chars',
    'request',
    'messages',
    '__proto__',
    'constructor',
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      fc.constantFrom(1, 'request', 'generate', 'ping', 'abort', 'current-model', 'user', 'text', true, null, -1, Number.NaN),
      fc.string(),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(keys, fc.string()), tie('tree'), { maxKeys: 6 }),
    ),
  }));
  const mutated = fc.tuple(fc.constantFrom(...good.map(([, value]) => value)), tree, fc.nat(7)).map(([value, graft, at]) => {
    const copy = structuredClone(value) as Record<string, unknown>;
    const key = Object.keys(copy)[at % Object.keys(copy).length] ?? 'v';
    return at > 4 ? { ...copy, extra: graft } : { ...copy, [key]: graft };
  });
  fc.assert(
    fc.property(fc.oneof(tree, mutated), (value) => {
      const parsed = parsePageFrame(value);
      if (parsed) expectKnownKeys(parsed);
    }),
    { numRuns: 2000 },
  );
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(names);
});

test('T62 a page can send no regular expression and no schema, so that none of its making runs anywhere', () => {
  const messages = [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }];
  const frame = (more: object) => ({
    v: 1,
    type: 'request',
    id: '1',
    call: { type: 'generate', request: { messages, ...more } },
    activated: true,
  });
  expect(parsePageFrame(frame({}))).toBeDefined();
  for (const more of [
    { responseConstraint: /^(a+)+$/ },
    { responseConstraint: { type: 'object' } },
    { responseFormat: { type: 'json-schema', schema: { $ref: 'https://evil.test/schema.json' } } },
    { tools: [{ name: 'f', parameters: { pattern: '^(a+)+$' } }] },
  ])
    expect(parsePageFrame(frame(more))).toBeUndefined();
});
