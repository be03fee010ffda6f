import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '../../protocol/limits';
import { parsePageFrame } from '../../protocol/page-messages';

type Fields = Readonly<Record<string, unknown>>;

const message = (text: string, role: unknown = 'user') => ({ role, content: [{ type: 'text', text }] });
const frame = (call: unknown, fields: Fields = {}) => ({ v: 1, type: 'request', id: '1', call, activated: false, ...fields });
const generate = (fields: Fields = {}) => frame({ type: 'generate', request: { messages: [message('Hi')], ...fields } });

const own = (json: string): unknown => JSON.parse(json);

/** An object that is `depth` arrays deep. */
function nested(depth: number): unknown {
  let value: unknown = 'deepest';
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

const png = { type: 'image', mediaType: 'image/png', data: 'AAAA' };
const call = { type: 'tool-call', id: '1', name: 'find', arguments: '{}' };
const result = { type: 'tool-result', id: '1', result: 'found' };
const said = (role: string, ...content: unknown[]) => generate({ messages: [{ role, content }] });
const tool = (fields: Fields = {}) => ({ name: 'find', parameters: { type: 'object' }, ...fields });
const formed = (schema: unknown) => generate({ responseFormat: { type: 'json-schema', schema } });
/** A schema that is `depth` objects deep. */
const deep = (depth: number): object => (depth <= 1 ? {} : { not: deep(depth - 1) });

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
  [
    'every sampler and every other wish',
    generate({
      ...{ topP: 0.5, topK: 40, minP: 0.1, seed: -5, presencePenalty: -2, frequencyPenalty: 2, repetitionPenalty: 1.1 },
      ...{ tools: [tool({ description: 'Finds.' })], toolChoice: { name: 'find' }, reasoningEffort: 'low' },
      responseFormat: { type: 'json-schema', schema: { type: 'object', properties: { a: { enum: [1, null, 'x', true] } } } },
    }),
  ],
  ['an expression for the answer', generate({ responseFormat: { type: 'regexp', source: '^a$', flags: 'iu' } })],
  ['any text as the form', generate({ responseFormat: { type: 'text' } })],
  ['no tools', generate({ tools: [], toolChoice: 'none' })],
  ['an image beside text', said('user', { type: 'text', text: 'What is it?' }, png)],
  ['sound', said('user', { type: 'audio', mediaType: 'audio/wav', data: 'AAA=' })],
  ['what an assistant called and thought', said('assistant', { type: 'reasoning', text: 'So' }, call)],
  ['what a tool found', said('tool', result)],
  ['what a tool found, told by the user', said('user', result)],
  ['the most media', said('user', ...Array.from({ length: limits.mediaParts }, () => png))],
  ['the longest image', said('user', { ...png, data: 'A'.repeat(limits.mediaChars) })],
  ['the deepest schema', formed(deep(limits.schemaDepth))],
  ['the longest expression', generate({ responseFormat: { type: 'regexp', source: 'x'.repeat(limits.regexpChars), flags: '' } })],
  ['a session', frame({ type: 'generate', request: { messages: [message('Hi')] }, session: 's' })],
  ['a wish for permission', frame({ type: 'connect', scopes: ['image.in', 'tools'] })],
  ['a wish of a session', frame({ type: 'connect', scopes: [], session: 's' })],
  ['what can be done', frame({ type: 'capabilities' })],
  ['the models', frame({ type: 'models' })],
  ['a measure', frame({ type: 'measure', messages: [message('Hi')], tools: [tool()] })],
  ['the model’s name', frame({ type: 'current-model' })],
  ['the longest id', frame({ type: 'current-model' }, { id: 'x'.repeat(limits.idChars) })],
  ['an abort', { v: 1, type: 'abort', id: '1' }],
  ['an acknowledgement', { v: 1, type: 'taken', id: '1', chars: 0 }],
  ['a ping', { v: 1, type: 'ping' }],
];

test.each(good)('%s passes unchanged', (_name, value) => {
  expect(parsePageFrame(value)).toEqual(value);
});

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
  ['a text of a tool', generate({ messages: [message('x', 'tool')] })],
  ['an image of the assistant', said('assistant', png)],
  ['an image of the system', said('system', png)],
  ['a call of the user', said('user', call)],
  ['a result of the assistant', said('assistant', result)],
  ['thoughts of the user', said('user', { type: 'reasoning', text: '' })],
  ['an image at an address', said('user', { type: 'image', mediaType: 'image/png', data: 'http://127.0.0.1/x.png' })],
  ['an image by its address alone', said('user', { type: 'image', url: 'http://127.0.0.1/x.png' })],
  ['a drawing that is a document', said('user', { ...png, mediaType: 'image/svg+xml' })],
  ['an image of an unknown kind', said('user', { ...png, mediaType: 'text/html' })],
  ['an empty image', said('user', { ...png, data: '' })],
  ['an image that is no base64', said('user', { ...png, data: 'AA-_' })],
  ['an image that is cut off', said('user', { ...png, data: 'AAAAA' })],
  ['too many images', said('user', ...Array.from({ length: limits.mediaParts + 1 }, () => png))],
  ['too much of images', said('user', { ...png, data: 'A'.repeat(limits.mediaChars) }, png)],
  ['too large an image', said('user', { ...png, data: 'A'.repeat(limits.mediaChars + 4) })],
  ['too much of calls', said('assistant', { ...call, arguments: 'x'.repeat(limits.requestChars + 1) })],
  ['too much of results', said('tool', { ...result, result: 'x'.repeat(limits.requestChars + 1) })],
  ['too much of thoughts', said('assistant', { type: 'reasoning', text: 'x'.repeat(limits.requestChars + 1) })],
  ['a call without an id', said('assistant', { ...call, id: '' })],
  ['a call with a long id', said('assistant', { ...call, id: 'x'.repeat(limits.toolCallIdChars + 1) })],
  ['arguments that are no text', said('assistant', { ...call, arguments: {} })],
  ['a call of a name with signs', said('assistant', { ...call, name: '../x' })],
  ['a developer’s role', generate({ messages: [message('x', 'developer')] })],
  ['a role that is no text', generate({ messages: [message('x', ['user'])] })],
  ['a message without content', generate({ messages: [{ role: 'user', content: [] }] })],
  ['content as text', generate({ messages: [{ role: 'user', content: 'x' }] })],
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
  ['samplers of an engine', generate({ samplers: { mirostatMode: 2 } })],
  ['a tool without a name', generate({ tools: [tool({ name: '' })] })],
  ['a tool with a long name', generate({ tools: [tool({ name: 'x'.repeat(65) })] })],
  ['a tool named with a space', generate({ tools: [tool({ name: 'a b' })] })],
  ['a tool without parameters', generate({ tools: [{ name: 'find' }] })],
  ['a tool that runs at an address', generate({ tools: [tool({ url: 'http://127.0.0.1' })] })],
  ['a tool with parameters as a list', generate({ tools: [tool({ parameters: [] })] })],
  ['a long description', generate({ tools: [tool({ description: 'x'.repeat(limits.toolDescriptionChars + 1) })] })],
  ['two tools of one name', generate({ tools: [tool(), tool()] })],
  ['too many tools', generate({ tools: Array.from({ length: limits.tools + 1 }, (_, index) => tool({ name: `f${index}` })) })],
  [
    'too much of tools',
    generate({
      tools: Array.from({ length: 20 }, (_, index) => tool({ name: `f${index}`, parameters: { a: 'x'.repeat(60_000) } })),
    }),
  ],
  ['a choice of no tool', generate({ tools: [tool()], toolChoice: { name: 'other' } })],
  ['a choice without tools', generate({ toolChoice: { name: 'find' } })],
  ['another choice', generate({ tools: [tool()], toolChoice: 'any' })],
  ['another effort', generate({ reasoningEffort: 'extreme' })],
  ['half a seed', generate({ seed: 0.5 })],
  ['another form', generate({ responseFormat: { type: 'grammar', grammar: 'root ::= "x"' } })],
  ['a schema that is true', formed(true)],
  ['a schema that is a list', formed([])],
  ['a schema too deep', formed(deep(limits.schemaDepth + 1))],
  ['a schema bottomlessly deep', formed({ items: nested(10_000) })],
  ['a schema too long', formed({ description: 'x'.repeat(limits.schemaChars) })],
  ['a schema with a long name in it', formed({ ['x'.repeat(limits.schemaChars)]: 1 })],
  ['a schema of a long list', formed({ enum: new Array(1e8) })],
  ['a schema with __proto__', formed(own('{"properties":{"__proto__":{"type":"object"}}}'))],
  ['a schema with a date', formed({ default: new Date(0) })],
  ['a schema with a map', formed({ properties: new Map() })],
  ['a schema with a number that JSON has not', formed({ minimum: Number.NaN })],
  ['a schema with nothing in it', formed({ default: undefined })],
  ['a schema with a big number', formed({ minimum: 1n })],
  ['a long expression', generate({ responseFormat: { type: 'regexp', source: 'x'.repeat(limits.regexpChars + 1), flags: '' } })],
  ['an expression as itself', generate({ responseFormat: { type: 'regexp', source: /x/, flags: '' } })],
  ['unknown flags', generate({ responseFormat: { type: 'regexp', source: 'x', flags: 'q' } })],
  ['a flag twice', generate({ responseFormat: { type: 'regexp', source: 'x', flags: 'ii' } })],
  ['a named form with signs', generate({ responseFormat: { type: 'json-schema', schema: {}, name: 'a b' } })],
  ['an empty session', frame({ type: 'generate', request: { messages: [message('Hi')] }, session: '' })],
  ['a long session', frame({ type: 'capabilities', session: 'x'.repeat(limits.idChars + 1) })],
  ['a wish for text', frame({ type: 'connect', scopes: ['generate'] })],
  ['a wish for everything', frame({ type: 'connect', scopes: ['*'] })],
  ['a wish for nothing named', frame({ type: 'connect' })],
  ['many wishes', frame({ type: 'connect', scopes: Array.from({ length: 100 }, () => 'tools') })],
  ['a measure of nothing', frame({ type: 'measure', messages: [] })],
  ['a measure for a model', frame({ type: 'measure', messages: [message('Hi')], model: 'm' })],
  ['models of a connection', frame({ type: 'models', connection: 'x' })],
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
  ['topP', 0, 1, () => true],
  ['topK', 1, limits.topK, Number.isInteger],
  ['minP', 0, 1, () => true],
  ['presencePenalty', -2, 2, () => true],
  ['frequencyPenalty', -2, 2, () => true],
  ['repetitionPenalty', 0, 2, () => true],
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

const request = ['messages', 'tools', 'responseFormat'];
/** Every key that any frame of a page may have, at the place where it may stand. What is inside of a schema is the page's. */
const keysAt: Readonly<Record<string, readonly string[]>> = {
  '': ['v', 'type', 'id', 'call', 'activated', 'chars'],
  call: ['type', 'request', 'session', 'scopes', ...request],
  'call.request': [
    ...request,
    ...['model', 'temperature', 'topP', 'topK', 'minP', 'seed', 'presencePenalty', 'frequencyPenalty', 'repetitionPenalty'],
    ...['maxOutputTokens', 'stop', 'outputs', 'toolChoice', 'reasoningEffort'],
  ],
  'call.request.messages': ['role', 'content'],
  'call.request.messages.content': ['type', 'text', 'mediaType', 'data', 'id', 'name', 'arguments', 'result'],
  'call.request.tools': ['name', 'description', 'parameters'],
  'call.request.toolChoice': ['name'],
  'call.request.responseFormat': ['type', 'schema', 'name', 'source', 'flags'],
};

const placeOf = (place: string) => place.replace(/^call\.(messages|tools|responseFormat)/, 'call.request.$1');
const isSchema = (place: string) => /\.(parameters|schema)$/.test(place);

/** Walks a parsed frame: nothing but known keys, and no prototype but the plain ones. */
function expectKnownKeys(value: unknown, place = ''): void {
  if (Array.isArray(value)) {
    for (const item of value) expectKnownKeys(item, place);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  expect([Object.prototype, null]).toContain(Object.getPrototypeOf(value));
  for (const key of Reflect.ownKeys(value)) {
    const inside = placeOf(place === '' ? String(key) : `${place}.${String(key)}`);
    expect(keysAt[place], place).toContain(key);
    if (isSchema(inside)) expect(JSON.parse(JSON.stringify(Reflect.get(value, key)))).toEqual(Reflect.get(value, key));
    else expectKnownKeys(Reflect.get(value, key), inside);
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

test('T62 what a page sends of schemas and expressions is data: short, bounded, copied, and nothing in it is followed or run', () => {
  const schema = { $ref: 'https://evil.test/schema.json', pattern: '^(a+)+$' };
  const parsed = parsePageFrame(
    generate({ responseFormat: { type: 'json-schema', schema }, tools: [tool({ parameters: schema })] }),
  );
  schema.pattern = 'swapped';
  expect(JSON.stringify(parsed)).toContain('^(a+)+$');
  expect(JSON.stringify(parsed)).not.toContain('swapped');
  expect(parsePageFrame(generate({ responseConstraint: /^(a+)+$/ }))).toBeUndefined();
});

test('T62 the largest request of media is read within a moment', () => {
  const started = performance.now();
  expect(parsePageFrame(said('user', { ...png, data: 'A'.repeat(limits.mediaChars) }))).toBeDefined();
  expect(performance.now() - started).toBeLessThan(500);
});
