import { beforeEach, expect, test } from 'vitest';
import { errorOf, openPage, type PromptPage, readAll, type TestSession } from './support';

let page: PromptPage;
let session: TestSession;
beforeEach(async () => {
  page = openPage();
  page.answers();
  session = await page.LanguageModel.create({
    expectedInputs: [{ type: 'image' }, { type: 'tool-response' }, { type: 'tool-call' }],
  });
});

const text = (value: unknown) => [{ role: 'user', content: [{ type: 'text', value }] }];
const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;
const call = (init: object) => new (page.interfaces.LanguageModelToolCall as never as new (init: object) => object)(init);
const success = (value: unknown, type = 'object') =>
  new (page.interfaces.LanguageModelToolSuccess as never as new (init: object) => object)({
    callID: 'c',
    name: 'n',
    result: [{ type, value }],
  });

test.each<[string, () => unknown, string]>([
  ['a symbol', () => Symbol('x'), 'TypeError'],
  ['a message without a role', () => [{ content: 'x' }], 'TypeError'],
  ['a message without content', () => [{ role: 'user' }], 'TypeError'],
  ['a message that is a string', () => ['x'], 'TypeError'],
  ['null as a message', () => [null], 'TypeError'],
  ['an unknown role', () => [{ role: 'tool', content: 'x' }], 'TypeError'],
  ['an unknown type', () => [{ role: 'user', content: [{ type: 'video', value: 'x' }] }], 'TypeError'],
  ['content without a value', () => [{ role: 'user', content: [{ type: 'text' }] }], 'TypeError'],
  ['a text that is an object', () => text({}), 'SyntaxError'],
  ['a prefix of the user', () => [{ role: 'user', content: 'x', prefix: true }], 'SyntaxError'],
  [
    'a prefix that is not the last',
    () => [
      { role: 'assistant', content: 'x', prefix: true },
      { role: 'user', content: 'y' },
    ],
    'SyntaxError',
  ],
  [
    'a second system prompt',
    () => [
      { role: 'system', content: 'x' },
      { role: 'system', content: 'y' },
    ],
    'TypeError',
  ],
  [
    'a late system prompt',
    () => [
      { role: 'user', content: 'x' },
      { role: 'system', content: 'y' },
    ],
    'TypeError',
  ],
  [
    'an image of the assistant',
    () => [{ role: 'assistant', content: [{ type: 'image', value: new Blob() }] }],
    'NotSupportedError',
  ],
  [
    'a sound that is not expected',
    () => [{ role: 'user', content: [{ type: 'audio', value: new Blob() }] }],
    'NotSupportedError',
  ],
  [
    'an image that is a string',
    () => [{ role: 'user', content: [{ type: 'image', value: 'https://x.test/a.png' }] }],
    'TypeError',
  ],
  ['an image that is an object', () => [{ role: 'user', content: [{ type: 'image', value: {} }] }], 'TypeError'],
  [
    'an image that cannot be decoded',
    () => [{ role: 'user', content: [{ type: 'image', value: new Blob(['x']) }] }],
    'InvalidStateError',
  ],
  [
    'a tool call of the user',
    () => [{ role: 'user', content: [{ type: 'tool-call', value: call({ callID: 'c', name: 'n' }) }] }],
    'TypeError',
  ],
  [
    'a tool response of the assistant',
    () => [{ role: 'assistant', content: [{ type: 'tool-response', value: success({}) }] }],
    'TypeError',
  ],
  ['a tool response that is an object', () => [{ role: 'user', content: [{ type: 'tool-response', value: {} }] }], 'TypeError'],
  ['a result with a cycle', () => [{ role: 'user', content: [{ type: 'tool-response', value: success(cyclic) }] }], 'DataError'],
  [
    'a result that is a function',
    () => [{ role: 'user', content: [{ type: 'tool-response', value: success(() => 1) }] }],
    'DataError',
  ],
  [
    'a result with a BigInt',
    () => [{ role: 'user', content: [{ type: 'tool-response', value: success({ n: 1n }) }] }],
    'DataError',
  ],
  [
    'a result of the platform',
    () => [{ role: 'user', content: [{ type: 'tool-response', value: success(new Blob()) }] }],
    'DataError',
  ],
  [
    'a picture as a result',
    () => [{ role: 'user', content: [{ type: 'tool-response', value: success('x', 'image') }] }],
    'NotSupportedError',
  ],
  [
    'a call with a list of arguments',
    () => [{ role: 'assistant', content: [{ type: 'tool-call', value: call({ callID: 'c', name: 'n', arguments: [] }) }] }],
    'DataError',
  ],
  [
    'a call with a function',
    () => [{ role: 'assistant', content: [{ type: 'tool-call', value: call({ callID: 'c', name: 'n', arguments: () => 1 }) }] }],
    'DataError',
  ],
])('%s is refused by name: prompt, append and stream', async (_name, input, name) => {
  const given = input();
  expect(await errorOf(session.prompt(given))).toMatchObject({ name });
  expect(await errorOf(session.append(given))).toMatchObject({ name });
  const streamed = async () => readAll(session.promptStreaming(given));
  expect(await errorOf(streamed())).toMatchObject({ name });
  expect(page.requests()).toHaveLength(0);
  expect(session.contextUsage).toBe(0);
});

test.each<[string, unknown, string]>([
  ['a string', 'x', 'TypeError'],
  ['a signal that is none', { signal: {} }, 'TypeError'],
  ['a signal that is null', { signal: null }, 'TypeError'],
  ['a constraint that is a string', { responseConstraint: 'x' }, 'TypeError'],
  ['a constraint that is null', { responseConstraint: null }, 'TypeError'],
  ['a constraint with a cycle', { responseConstraint: cyclic }, 'NotSupportedError'],
  ['an omission without a constraint', { omitResponseConstraintInput: true }, 'TypeError'],
])('options with %s are refused by name', async (_name, options, name) => {
  expect(await errorOf(session.prompt('x', options))).toMatchObject({ name });
  expect(await errorOf(session.measureContextUsage('x', options))).toMatchObject({ name });
  expect(session.contextUsage).toBe(0);
});

test('nothing at all is a TypeError, and so is what is not a session', async () => {
  for (const name of ['prompt', 'append', 'measureContextUsage'] as const)
    expect(await errorOf(session[name]())).toBeInstanceOf(TypeError);
  expect(() => (session.promptStreaming as () => void)()).toThrow(TypeError);
  const prototype = page.LanguageModel.prototype as TestSession;
  for (const self of [null, {}, prototype]) {
    for (const name of ['prompt', 'append', 'measureContextUsage', 'clone'] as const)
      expect(await errorOf(prototype[name].call(self as never, 'x' as never))).toBeInstanceOf(TypeError);
    for (const name of ['promptStreaming', 'destroy'] as const)
      expect(() => (prototype[name] as (input?: unknown) => unknown).call(self, 'x')).toThrow(TypeError);
    for (const name of ['contextUsage', 'contextWindow', 'samplingMode', 'oncontextoverflow'])
      expect(() => Reflect.get(prototype, name, self ?? {})).toThrow(TypeError);
  }
});

test('a system prompt comes first: not after anything, said or still to be said', async () => {
  const system = [{ role: 'system', content: 'Be kind.' }];
  const pending = session.append('x');
  expect(await errorOf(session.prompt(system))).toBeInstanceOf(TypeError);
  await pending;
  expect(await errorOf(session.append(system))).toBeInstanceOf(TypeError);
  expect(await session.measureContextUsage(system)).toBeGreaterThan(0);
  const begun = await page.LanguageModel.create({ initialPrompts: [{ role: 'user', content: 'x' }] });
  expect(await errorOf(begun.prompt(system))).toBeInstanceOf(TypeError);
});

const core: [string, unknown, string][] = [
  ['a string', 'x', 'TypeError'],
  ['null where a list is due', { expectedInputs: null }, 'TypeError'],
  ['an object where a list is due', { expectedInputs: {} }, 'TypeError'],
  ['a string where a list is due', { expectedOutputs: 'text' }, 'TypeError'],
  ['a type that is none', { expectedInputs: [{ type: 'smell' }] }, 'TypeError'],
  ['no type', { expectedInputs: [{}] }, 'TypeError'],
  ['a mode that is none', { samplingMode: 'default' }, 'TypeError'],
  ['an empty tag', { expectedInputs: [{ type: 'text', languages: [''] }] }, 'RangeError'],
  ['a tag with too long a part', { expectedInputs: [{ type: 'text', languages: ['en-abc-invalid'] }] }, 'RangeError'],
  ['a tag with an underscore', { expectedOutputs: [{ type: 'text', languages: ['en_US'] }] }, 'RangeError'],
  ['tools that nothing is expected of', { tools: [tool()] }, 'TypeError'],
  ...[
    { name: '' },
    { name: undefined },
    { description: '' },
    { inputSchema: undefined },
    { inputSchema: 'x' },
    { inputSchema: {} },
    { inputSchema: { type: 'string' } },
    { inputSchema: { type: 'object', properties: 'x' } },
    { inputSchema: { type: 'object', required: {} } },
    { inputSchema: Object.assign({ type: 'object' }, cyclic) },
    { execute: 'x' },
  ].map((wrong): [string, unknown, string] => [
    `a tool with ${Object.keys(wrong)[0]} ${String(Object.values(wrong)[0])}`,
    { tools: [tool(), tool({ name: 'other', ...wrong })], expectedOutputs: [{ type: 'tool-call' }] },
    'TypeError',
  ]),
  ['two tools of one name', { tools: [tool(), tool()], expectedOutputs: [{ type: 'tool-call' }] }, 'TypeError'],
];
function tool(change: object = {}) {
  return { name: 'get', description: 'Gets.', inputSchema: { type: 'object', properties: {} }, ...change };
}

test.each(core)('create() and availability() refuse %s by name', async (_name, options, name) => {
  expect(await errorOf(page.LanguageModel.create(options))).toMatchObject({ name });
  expect(await errorOf(page.LanguageModel.availability(options))).toMatchObject({ name });
});

test.each<[string, object, string]>([
  ['a signal that is none', { signal: 1 }, 'TypeError'],
  ['a monitor that is none', { monitor: {} }, 'TypeError'],
  ['prompts that are a string', { initialPrompts: 'x' }, 'TypeError'],
  [
    'a late system prompt',
    {
      initialPrompts: [
        { role: 'user', content: 'x' },
        { role: 'system', content: 'y' },
      ],
    },
    'TypeError',
  ],
  ['a language that nobody can name', { expectedInputs: [{ type: 'text', languages: ['unk'] }] }, 'NotSupportedError'],
  ['an image as output', { expectedOutputs: [{ type: 'image' }] }, 'NotSupportedError'],
])('create() refuses %s by name', async (_name, options, name) => {
  expect(await errorOf(page.LanguageModel.create(options))).toMatchObject({ name });
});

test('a wrong tag wins over an aborted signal, and that over everything that comes later', async () => {
  const signal = AbortSignal.abort('over');
  const expectedInputs = [{ type: 'text', languages: ['en_US'] }];
  expect(await errorOf(page.LanguageModel.create({ signal, expectedInputs }))).toBeInstanceOf(RangeError);
  page.page.isPermitted = () => false;
  expect(await errorOf(page.LanguageModel.create({ signal }))).toBe('over');
});

test('what a page’s own getters and callbacks throw comes through as it is', async () => {
  const thrown = new Error('mine');
  const throwing = {
    get type() {
      throw thrown;
    },
  };
  const refusing = new Proxy(
    { type: 'object' },
    {
      get(target, name) {
        if (name === 'properties') throw thrown;
        return Reflect.get(target, name);
      },
    },
  );
  const expectedOutputs = [{ type: 'tool-call' }];
  for (const options of [
    { tools: [tool({ inputSchema: refusing })], expectedOutputs },
    {
      tools: [
        tool({
          inputSchema: {
            type: 'object',
            toJSON() {
              throw thrown;
            },
          },
        }),
      ],
      expectedOutputs,
    },
    { tools: [tool({ inputSchema: throwing })], expectedOutputs },
    { expectedInputs: [throwing] },
    {
      monitor() {
        throw thrown;
      },
    },
  ])
    expect(await errorOf(page.LanguageModel.create(options))).toBe(thrown);
});

test('availability() ignores what it does not take', async () => {
  const system = { role: 'system', content: 'x' };
  expect(
    await page.LanguageModel.availability({
      initialPrompts: [system, system],
      signal: 1,
      monitor: 1,
      topK: -2,
      temperature: 'x',
    }),
  ).toBe('available');
});

test('a document that is gone is an InvalidStateError, a frame that may not is told no', async () => {
  page.page.isActive = () => false;
  for (const promise of [
    session.prompt('x'),
    session.append('x'),
    session.clone(),
    page.LanguageModel.create(),
    page.LanguageModel.availability(),
  ])
    expect(await errorOf(promise)).toMatchObject({ name: 'InvalidStateError' });
  expect(() => session.promptStreaming('x')).toThrow('not active');
  page.page.isActive = () => true;
  page.page.isPermitted = () => false;
  expect(await page.LanguageModel.availability()).toBe('unavailable');
  expect(await errorOf(page.LanguageModel.create())).toMatchObject({ name: 'NotAllowedError' });
});
