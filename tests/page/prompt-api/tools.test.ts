import { beforeEach, expect, test, vi } from 'vitest';
import { errorOf, openPage, type PromptPage, readAll, type TestSession } from './support';

let page: PromptPage;
beforeEach(() => {
  page = openPage();
});

const calls = (...all: [name: string, text: string, id?: string][]) =>
  all.map(([name, text, id = `id-${name}`]) => ({ type: 'tool-call', id, name, arguments: text }));
const weather = {
  name: 'weather',
  description: 'Tells the weather.',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } } },
};
const expected = {
  expectedInputs: [{ type: 'tool-response' }],
  expectedOutputs: [{ type: 'text' }, { type: 'tool-call' }],
};
const open = (tools: object[]): Promise<TestSession> => page.LanguageModel.create({ tools, ...expected });

test('a reply with calls is a list, and what the page answers goes back to the model', async () => {
  page.answers((count) =>
    count === 0 ? { text: 'Let me see.', calls: calls(['weather', '{"city":"Wien"}']) } : { text: 'Sunny.' },
  );
  const session = await open([weather]);
  const items = (await session.prompt('Is it sunny?')) as {
    type: string;
    value: { callID: string; name: string; arguments: object };
  }[];
  expect(items.map(({ type }) => type)).toEqual(['text', 'tool-call']);
  const call = items[1]?.value;
  expect(call).toBeInstanceOf(page.interfaces.LanguageModelToolCall);
  expect([call?.callID, call?.name, call?.arguments]).toEqual(['id-weather', 'weather', { city: 'Wien' }]);
  expect(page.requests()[0]?.tools).toEqual([
    { name: weather.name, description: weather.description, parameters: weather.inputSchema },
  ]);

  const { LanguageModelToolSuccess: Success } = page.interfaces;
  const value =
    Success &&
    new Success({
      callID: call?.callID,
      name: 'weather',
      result: [
        { type: 'text', value: 'sun' },
        { type: 'object', value: { degrees: 20 } },
      ],
    });
  expect(await session.prompt([{ role: 'user', content: [{ type: 'tool-response', value }] }])).toBe('Sunny.');
  expect(page.requests()[1]?.messages.slice(1)).toEqual([
    { role: 'assistant', content: [{ type: 'text', text: 'Let me see.' }, ...calls(['weather', '{"city":"Wien"}'])] },
    { role: 'tool', content: [{ type: 'tool-result', id: 'id-weather', result: 'sun\n{"degrees":20}' }] },
  ]);
});

test('a tool that failed says so', async () => {
  page.answers();
  const session = await open([]);
  const { LanguageModelToolError: Failure } = page.interfaces;
  const value = Failure && new Failure({ callID: 'c', name: 'n', errorMessage: 'No network' });
  await session.append([
    {
      role: 'user',
      content: [
        { type: 'tool-response', value },
        { type: 'text', value: 'well?' },
      ],
    },
  ]);
  await session.prompt('go');
  expect(page.requests()[0]?.messages.slice(0, 2)).toEqual([
    { role: 'tool', content: [{ type: 'tool-result', id: 'c', result: '{"error":"No network"}' }] },
    { role: 'user', content: [{ type: 'text', text: 'well?' }] },
  ]);
});

test('tools with execute are called by the session, all at once, until there is text', async () => {
  page.answers((count) => (count === 0 ? { text: '', calls: calls(['weather', '{"city":"Wien"}'], ['time', '']) } : {}));
  const waits: (() => void)[] = [];
  const execute = vi.fn(() => new Promise((resolve) => waits.push(() => resolve(7))));
  const failing = vi.fn(async () => {
    for (const go of waits) go();
    throw new TypeError('broken');
  });
  const session = await open([
    { ...weather, execute },
    { ...weather, name: 'time', execute: failing },
  ]);
  await session.prompt('Well?');
  expect(execute).toHaveBeenCalledWith({ city: 'Wien' });
  expect(failing).toHaveBeenCalledWith({});
  expect(page.requests()[1]?.messages.at(-1)).toEqual({
    role: 'tool',
    content: [
      { type: 'tool-result', id: 'id-weather', result: '7' },
      { type: 'tool-result', id: 'id-time', result: '{"error":"TypeError: broken"}' },
    ],
  });
});

test('a batch of which the page kept one call is the page’s as a whole', async () => {
  page.answers(() => ({ text: '', calls: calls(['weather', '{}'], ['time', '{}']) }));
  const execute = vi.fn();
  const session = await open([
    { ...weather, execute },
    { ...weather, name: 'time' },
  ]);
  expect(await session.prompt('Well?')).toHaveLength(2);
  expect(execute).not.toHaveBeenCalled();
});

test('a stream hands out calls after the text', async () => {
  page.answers(() => ({ text: 'Hm.', calls: calls(['weather', '{}']) }));
  const chunks = await readAll((await open([weather])).promptStreaming('Well?'));
  expect(chunks).toMatchObject(['Hm.', { type: 'tool-call', value: { name: 'weather' } }]);
});

test('calls have ids of their own, whatever the backend numbers them by', async () => {
  page.answers(() => ({ text: '', calls: calls(['weather', '{}', 'call_0'], ['weather', '{}', '']) }));
  const session = await open([weather]);
  const ids = [];
  for (const _ of [1, 2])
    for (const { value } of (await session.prompt('x')) as { value: { callID: string } }[]) ids.push(value.callID);
  expect(new Set(ids).size).toBe(4);
  expect(ids.every((id) => id.length > 0)).toBe(true);
});

test('calls without an end, and calls that are no JSON, end the prompt', async () => {
  page.answers(() => ({ text: '', calls: calls(['weather', '{}']) }));
  const session = await open([{ ...weather, execute: () => 'again' }]);
  expect(await errorOf(session.prompt('x'))).toMatchObject({ name: 'OperationError' });
  expect(session.contextUsage).toBe(0);
  page.answers(() => ({ text: '', calls: calls(['weather', '{"city":']) }));
  expect(await errorOf(session.prompt('x'))).toMatchObject({ name: 'UnknownError' });
});

test('an abort while a tool runs ends the prompt', async () => {
  page.answers(() => ({ text: '', calls: calls(['weather', '{}']) }));
  const abort = new AbortController();
  const session = await open([{ ...weather, execute: () => abort.abort('enough') }]);
  expect(await errorOf(session.prompt('x', { signal: abort.signal }))).toBe('enough');
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(page.requests()).toHaveLength(1);
});

test('the classes of tools take one dictionary and show what it said', () => {
  const { LanguageModelToolCall: Call, LanguageModelToolSuccess: Success, LanguageModelToolError: Failure } = page.interfaces;
  if (!Call || !Success || !Failure) throw new Error('They are not there.');
  expect(new Call({ callID: 1, name: 'n' }).arguments).toEqual({});
  expect(new Success({ callID: 'c', name: 'n', result: [] }).result).toEqual([]);
  expect(new Failure({ callID: 'c', name: 'n', errorMessage: 'e' }).errorMessage).toBe('e');
  for (const wrong of [undefined, {}, { callID: 'c' }, { callID: 'c', name: 'n', arguments: 'x', result: 'x' }])
    for (const Class of [Call, Success, Failure]) expect(() => new Class(wrong)).toThrow(TypeError);
  expect(() => new Call()).toThrow(TypeError);
  expect(() => Reflect.get(Call.prototype, 'name', {})).toThrow(TypeError);
  expect(String(new Call({ callID: 'c', name: 'n' }))).toBe('[object LanguageModelToolCall]');
  expect(Call.length).toBe(1);
  const renamed = new Call({ callId: 'c', name: 'n' });
  expect([renamed.callID, renamed.callId, new Call({ callID: 'd', name: 'n' }).callId]).toEqual(['c', 'c', 'd']);
});

test.each(['get weather', 'wetter.heute', 'größe', 'x'.repeat(65)])(
  'a tool called %s, which no backend takes, is refused when the session is made, and nothing is sent',
  async (name) => {
    page.answers();
    const tools = [{ ...weather, name }];
    expect(await page.LanguageModel.availability({ tools, ...expected })).toBe('unavailable');
    expect(await errorOf(open(tools))).toMatchObject({
      name: 'NotSupportedError',
      message: expect.stringContaining('64 letters'),
    });
    expect(page.requests()).toEqual([]);
  },
);

test('a name of 64 letters, digits, _ and - is one', async () => {
  page.answers();
  const tools = [{ ...weather, name: `az-AZ_09${'x'.repeat(56)}` }];
  expect(await (await open(tools)).prompt('Hi')).toBeDefined();
});
