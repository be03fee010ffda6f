import { beforeEach, expect, test, vi } from 'vitest';
import { allowed, errorOf, openPage, type PromptPage, readAll, type TestSession } from './support';

let page: PromptPage;
let session: TestSession;
beforeEach(async () => {
  page = openPage();
  page.answers();
  session = await page.LanguageModel.create();
});

const user = (text: string) => ({ role: 'user', content: [{ type: 'text', text }] });
const assistant = (text: string) => ({ role: 'assistant', content: [{ type: 'text', text }] });

test('a prompt resolves to the reply, and the next one carries what was said', async () => {
  expect(await session.prompt('one')).toBe('You said: one');
  expect(await session.prompt([{ role: 'user', content: 'two' }])).toBe('You said: two');
  expect(page.requests()[1]?.messages).toEqual([user('one'), assistant('You said: one'), user('two')]);
});

test('a stream has deltas that add up to the reply, and counts for the history', async () => {
  page.answers(() => 'never');
  const stream = session.promptStreaming('one');
  await vi.waitFor(() => expect(page.requests()).toHaveLength(1));
  const id = page.relay.ids().at(-1) ?? '';
  for (const text of ['Hel', '', 'lo']) page.relay.text(id, text);
  page.relay.end(id);
  expect(await readAll(stream)).toEqual(['Hel', 'lo']);
  page.answers();
  await session.prompt('two');
  expect(page.requests()[1]?.messages).toEqual([user('one'), assistant('Hello'), user('two')]);
});

test('T104 cancelling a stream stops the request and leaves no trace of it', async () => {
  page.answers(() => 'never');
  const reader = session.promptStreaming('one').getReader();
  await vi.waitFor(() => expect(page.requests()).toHaveLength(1));
  await reader.cancel();
  expect(page.relay.posted.at(-1)).toMatchObject({ type: 'abort' });
  page.answers();
  await session.prompt('two');
  expect(page.requests()[1]?.messages).toEqual([user('two')]);
});

test('prompts wait for each other, in order', async () => {
  page.answers(() => 'never');
  const first = session.prompt('one');
  const second = session.prompt('two');
  await vi.waitFor(() => expect(page.requests()).toHaveLength(1));
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(page.requests()).toHaveLength(1);
  const id = page.relay.ids().at(-1) ?? '';
  page.answers();
  page.relay.text(id, 'first');
  page.relay.end(id);
  expect(await first).toBe('first');
  expect(await second).toBe('You said: two');
  expect(page.requests()[1]?.messages).toEqual([user('one'), assistant('first'), user('two')]);
});

test('an aborted prompt rejects with the reason, stops upstream, and the session goes on without it', async () => {
  page.answers(() => 'never');
  const abort = new AbortController();
  const running = errorOf(session.prompt('one', { signal: abort.signal }));
  const queuedAbort = new AbortController();
  const queued = errorOf(session.prompt('queued', { signal: queuedAbort.signal }));
  await vi.waitFor(() => expect(page.requests()).toHaveLength(1));
  queuedAbort.abort('no more');
  expect(await queued).toBe('no more');
  abort.abort();
  expect(await running).toMatchObject({ name: 'AbortError' });
  expect(page.relay.posted.at(-1)).toMatchObject({ type: 'abort' });
  page.answers();
  expect(await session.prompt('two')).toBe('You said: two');
  expect(page.requests().at(-1)?.messages).toEqual([user('two')]);
  expect(session.contextUsage).toBe(
    (await session.measureContextUsage('two')) + (await session.measureContextUsage('You said: two')),
  );
});

test('a signal that is aborted before is the reason at once, thrown by a stream', async () => {
  const signal = AbortSignal.abort('enough');
  expect(await errorOf(session.prompt('x', { signal }))).toBe('enough');
  expect(await errorOf(session.append('x', { signal }))).toBe('enough');
  expect(await errorOf(session.measureContextUsage('x', { signal }))).toBe('enough');
  expect(await errorOf(session.clone({ signal }))).toBe('enough');
  expect(await errorOf(page.LanguageModel.create({ signal }))).toBe('enough');
  expect(() => session.promptStreaming('x', { signal })).toThrow('enough');
  expect(page.requests()).toHaveLength(0);
});

test('T104 destroying a session rejects what runs and what comes, and its attributes stay', async () => {
  page.answers(() => 'never');
  await session.append('kept');
  const running = errorOf(session.prompt('one'));
  const stream = errorOf(readAll(session.promptStreaming('two')));
  const usage = session.contextUsage;
  session.destroy();
  session.destroy();
  for (const error of [await running, await stream]) expect(error).toMatchObject({ name: 'InvalidStateError' });
  expect(await errorOf(session.clone())).toMatchObject({ name: 'InvalidStateError' });
  for (const call of ['prompt', 'append', 'measureContextUsage'] as const)
    expect(await errorOf(session[call]('x'))).toMatchObject({ name: 'InvalidStateError' });
  expect(() => session.promptStreaming('x')).toThrow('destroyed');
  expect(session.contextUsage).toBe(usage);
  expect(session.contextWindow).toBe(3000);
});

test('the signal of create() destroys the session with its reason', async () => {
  const abort = new AbortController();
  const made = await page.LanguageModel.create({ signal: abort.signal });
  abort.abort('over');
  expect(await errorOf(made.prompt('x'))).toBe('over');
});

test('append() says something without an answer', async () => {
  expect(
    await session.append([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'note' },
    ]),
  ).toBeUndefined();
  expect(page.requests()).toHaveLength(0);
  await session.prompt('go');
  expect(page.requests()[0]?.messages).toEqual([
    { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
    user('note'),
    user('go'),
  ]);
});

test('a clone has the history and goes its own way', async () => {
  await session.prompt('one');
  const clone = await session.clone();
  expect(clone.contextUsage).toBe(session.contextUsage);
  await clone.prompt('two');
  await session.prompt('three');
  expect(page.requests()[1]?.messages).toHaveLength(3);
  expect(page.requests()[2]?.messages).toEqual([user('one'), assistant('You said: one'), user('three')]);
  session.destroy();
  expect(await clone.prompt('four')).toBe('You said: four');
});

test('initial prompts begin every request and are never dropped; the oldest pair is, with an event', async () => {
  const made = await page.LanguageModel.create({ initialPrompts: [{ role: 'system', content: 'x'.repeat(400) }] });
  expect(made.contextUsage).toBe(100);
  const overflows: Event[] = [];
  made.oncontextoverflow = (event: Event) => overflows.push(event);
  page.answers(() => ({ text: 'r'.repeat(400) }));
  for (const letter of ['a', 'b']) await made.prompt(letter.repeat(4800));
  expect(made.contextUsage).toBe(2700);
  expect(overflows).toHaveLength(0);
  await made.prompt('c'.repeat(2400));
  expect(overflows.map(({ type }) => type)).toEqual(['contextoverflow']);
  const sent = page
    .requests()
    .at(-1)
    ?.messages.map(
      ({ role, content }) => `${role} ${'text' in (content[0] ?? {}) ? (content[0] as { text: string }).text[0] : ''}`,
    );
  expect(sent).toEqual(['system x', 'user b', 'assistant r', 'user c']);
  expect(made.contextUsage).toBe(100 + 1300 + 600 + 100);
});

test('what can never fit is a QuotaExceededError with both numbers, and drops nothing', async () => {
  await session.prompt('kept');
  const usage = session.contextUsage;
  const error = await errorOf(session.prompt('x'.repeat(12_004)));
  expect(error).toMatchObject({ name: 'QuotaExceededError', code: 22, quota: 3000, requested: 3001 });
  expect(error).toBeInstanceOf(DOMException);
  expect(await errorOf(session.append('x'.repeat(12_004)))).toMatchObject({ name: 'QuotaExceededError' });
  expect(session.contextUsage).toBe(usage);
  const create = page.LanguageModel.create({ initialPrompts: [{ role: 'user', content: 'x'.repeat(12_004) }] });
  expect(await errorOf(create)).toMatchObject({ name: 'QuotaExceededError' });
});

test('where the model itself finds it too long, half of what was said goes at a time, with one event', async () => {
  const overflows: Event[] = [];
  session.oncontextoverflow = (event: Event) => overflows.push(event);
  for (const text of ['one', 'two', 'three']) await session.prompt(text);
  page.answers((call) => (call < 5 ? { code: 'context-length' } : { text: 'fits' }));
  expect(await session.prompt('four')).toBe('fits');
  const sent = page.requests().slice(3);
  expect(sent.map(({ messages }) => messages.length)).toEqual([7, 3, 1]);
  expect(sent[1]?.messages[0]).toEqual(user('three'));
  expect(overflows).toHaveLength(1);
  expect(session.contextUsage).toBe(2);
});

test('where even that does not help, it is a QuotaExceededError, nothing is gone and nothing is told', async () => {
  const overflows: Event[] = [];
  session.oncontextoverflow = (event: Event) => overflows.push(event);
  await session.prompt('one');
  const usage = session.contextUsage;
  page.answers(() => ({ code: 'context-length' }));
  expect(await errorOf(session.prompt('x'))).toMatchObject({ name: 'QuotaExceededError', quota: 3000, requested: 0.25 });
  expect(session.contextUsage).toBe(usage);
  expect(overflows).toHaveLength(0);
  expect(page.requests()).toHaveLength(3);
});

test('a reply that is larger than anybody foresaw never makes the usage larger than the window', async () => {
  page.answers(() => ({ text: 'r'.repeat(40_000) }));
  await session.prompt('x');
  expect(session.contextUsage).toBeLessThanOrEqual(session.contextWindow);
});

test('usage is what was measured: nothing at first, the same after append(), input and reply after prompt()', async () => {
  expect(session.contextUsage).toBe(0);
  const measured = await session.measureContextUsage('some words, any words');
  await session.append('some words, any words');
  expect(session.contextUsage).toBe(measured);
  const reply = (await session.prompt('and more')) as string;
  expect(session.contextUsage).toBe(
    measured + (await session.measureContextUsage('and more')) + (await session.measureContextUsage(reply)),
  );
  expect(page.requests()).toHaveLength(1);
});

test('a prefix begins the answer, and is one message with it afterwards', async () => {
  page.answers(() => ({ text: ' 5' }));
  const reply = await session.prompt([
    { role: 'user', content: 'Rate it.' },
    { role: 'assistant', content: 'Rating:', prefix: true },
  ]);
  expect(reply).toBe(' 5');
  expect(page.requests()[0]?.messages).toEqual([user('Rate it.'), assistant('Rating:')]);
  await session.prompt('again');
  expect(page.requests()[1]?.messages).toEqual([user('Rate it.'), assistant('Rating: 5'), user('again')]);
});

test.each([
  ['most-predictable', 0],
  ['creative', 1.3],
  ['balanced', undefined],
])('the sampling mode %s asks for a temperature of %s, and a clone keeps it', async (samplingMode, temperature) => {
  const made = await page.LanguageModel.create({ samplingMode });
  expect(made.samplingMode).toBe(samplingMode);
  const clone = await made.clone();
  expect(clone.samplingMode).toBe(samplingMode);
  await clone.prompt('x');
  expect(page.requests()[0]?.temperature).toBe(temperature);
});

test.each([
  ['a schema', { type: 'integer' }, { type: 'json-schema', schema: { type: 'integer' } }],
  ['an expression', /^\d+$/i, { type: 'regexp', source: '^\\d+$', flags: 'i' }],
  [
    'an expression that says it is another',
    Object.defineProperty(/^\d+$/i, 'source', { value: 'x' }),
    { type: 'regexp', source: '^\\d+$', flags: 'i' },
  ],
])(
  '%s goes along as the form of the answer, and counts unless it is omitted',
  async (_name, responseConstraint, responseFormat) => {
    await session.prompt('x', { responseConstraint });
    expect(page.requests()[0]?.responseFormat).toEqual({ ...responseFormat, isUntold: false });
    await session.prompt('x', { responseConstraint, omitResponseConstraintInput: true });
    expect(page.requests()[1]?.responseFormat).toEqual({ ...responseFormat, isUntold: true });
    const bare = await session.measureContextUsage('x');
    expect(await session.measureContextUsage('x', { responseConstraint })).toBeGreaterThan(bare);
    expect(await session.measureContextUsage('x', { responseConstraint, omitResponseConstraintInput: true })).toBe(bare);
  },
);

test.each<[string, string]>([
  ['not-allowed', 'NotAllowedError'],
  ['not-supported', 'NotSupportedError'],
  ['context-length', 'QuotaExceededError'],
  ['too-large', 'QuotaExceededError'],
  ['invalid-answer', 'SyntaxError'],
  ['invalid-state', 'InvalidStateError'],
  ['aborted', 'AbortError'],
  ['bad-response', 'UnknownError'],
  ['rate-limited', 'UnknownError'],
  ['payment-required', 'UnknownError'],
  ['unavailable', 'UnknownError'],
  ['something new', 'UnknownError'],
])('the code %s is a %s, and nothing is remembered', async (code, name) => {
  page.answers(() => ({ code }));
  expect(await errorOf(session.prompt('x'))).toMatchObject({ name });
  expect(await errorOf(readAll(session.promptStreaming('x')))).toMatchObject({ name });
  expect(session.contextUsage).toBe(0);
});

test('an answer that its model held back is a NotReadableError', async () => {
  page.answers(() => ({ text: 'I', reason: 'content-filter' }));
  expect(await errorOf(session.prompt('x'))).toMatchObject({ name: 'NotReadableError' });
});

test('the window is three quarters of what the model takes, moderate where that is huge, and usual where it is unknown', async () => {
  const windowOf = async (contextTokens?: number) => {
    page.answers(undefined, { site: { ...allowed, model: { id: 'm', ...(contextTokens && { contextTokens }) } } as never });
    return (await page.LanguageModel.create()).contextWindow;
  };
  expect(await windowOf(8000)).toBe(6000);
  expect(await windowOf(2_000_000)).toBe(98_304);
  expect(await windowOf()).toBe(6144);
});

test('clone() is aborted by its signal for as long as it has not resolved', async () => {
  const page = openPage();
  page.answers();
  const session = await page.LanguageModel.create();
  const abort = new AbortController();
  const cloning = session.clone({ signal: abort.signal });
  abort.abort('enough');
  await expect(cloning).rejects.toBe('enough');
  expect(await (await session.clone()).prompt('x')).toBe('You said: x');
  const late = session.clone();
  session.destroy();
  expect((await errorOf(late)).name).toBe('InvalidStateError');
});
