import { describe, expect, test } from 'vitest';
import type { StreamPart } from '../../protocol/generate';
import { thinkers } from '../../providers/thinkers';
import { beginsInside, createThoughtSplitter, thinksAloud, withThoughtsApart } from '../../providers/thoughts';
import { ask, collect, knownRow } from './replay';

/** The text in pieces, read as one. */
function split(...pieces: readonly string[]) {
  return splitBy(createThoughtSplitter(), pieces);
}

function splitBy(splitter: ReturnType<typeof createThoughtSplitter>, pieces: readonly string[]) {
  const parts = [...pieces.map((piece) => splitter.push(piece)), splitter.end()];
  return { thought: parts.map(({ thought }) => thought).join(''), said: parts.map(({ said }) => said).join('') };
}

const answers: readonly (readonly [what: string, text: string, thought: string, said: string])[] = [
  ['a thought and an answer', '<think>\nFish swim.\n</think>\n\nA carp.', 'Fish swim.\n', 'A carp.'],
  ['blanks before the thought', ' \n<think>Fish.</think>A carp.', 'Fish.', 'A carp.'],
  ['an empty thought', '<think>\n\n</think>\n\nA carp.', '', 'A carp.'],
  ['the tag of another model', '[THINK]Fish.[/THINK]A carp.', 'Fish.', 'A carp.'],
  ['a tag that begins like another', '<thinking>Fish.</think></thinking>A carp.', 'Fish.</think>', 'A carp.'],
  ['a thought that is never closed', '<think>Fish swim. </th', 'Fish swim. </th', ''],
  ['a thought that speaks of tags', '<think>Is <think> a < tag </b>?</think>Yes.', 'Is <think> a < tag </b>?', 'Yes.'],
  ['an answer that speaks of the tags', 'It writes <think>first</think>.', '', 'It writes <think>first</think>.'],
  ['an answer with another thought in it', '<think>1</think>One <think>2</think>', '1', 'One <think>2</think>'],
  ['another tag', '<thin>air</thin>', '', '<thin>air</thin>'],
  ['the beginning of a tag and no more', ' <thi', '', ' <thi'],
  ['nothing but blanks', ' \n', '', ' \n'],
  ['nothing', '', '', ''],
];

describe('a text is told apart the same way however it is cut', () => {
  test.each(answers)('%s', (_what, text, thought, said) => {
    expect(split(text)).toEqual({ thought, said });
    expect(split(...text)).toEqual({ thought, said });
    for (let one = 0; one <= text.length; one++)
      for (let two = one; two <= text.length; two++)
        expect(split(text.slice(0, one), text.slice(one, two), text.slice(two)), `${one} ${two}`).toEqual({ thought, said });
  });
});

const begunInside: typeof answers = [
  ['a thought that the prompt has opened', 'Fish swim.\n</think>\n\nA carp.', 'Fish swim.\n', 'A carp.'],
  ['an empty thought', '\n</think>\n\nA carp.', '', 'A carp.'],
  ['the tag of another model', 'Fish.</thought>A </think> carp.', 'Fish.', 'A </think> carp.'],
  ['a thought that is opened once more', '<think>Fish.</think>A carp.', 'Fish.', 'A carp.'],
  ['a thought that looks like a tag', '<b>Fish</b></think>A carp.', '<b>Fish</b>', 'A carp.'],
  ['an answer that speaks of the tags', 'Write <think>first</think>.', '', 'Write <think>first</think>.'],
  ['an ordinary answer', ' A carp swims. \n', '', ' A carp swims. \n'],
  ['an ordinary answer with half a tag at its end', 'A carp.</thin', '', 'A carp.</thin'],
  ['nothing', '', '', ''],
];

describe('of a model that begins inside its thought, only the closing tag tells', () => {
  test.each(begunInside)('%s', (_what, text, thought, said) => {
    const inside = (...pieces: readonly string[]) => splitBy(createThoughtSplitter(true), pieces);
    expect(inside(...text)).toEqual({ thought, said });
    for (let one = 0; one <= text.length; one++)
      for (let two = one; two <= text.length; two++)
        expect(inside(text.slice(0, one), text.slice(one, two), text.slice(two)), `${one} ${two}`).toEqual({ thought, said });
  });
});

test.each([
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['<thought>', '</thought>'],
  ['<seed:think>', '</seed:think>'],
  ['<mm:think>', '</mm:think>'],
  ['[THINK]', '[/THINK]'],
])('%s and %s are known as tags, also in the middle of a text', (open, close) => {
  const inside = (text: string) => splitBy(createThoughtSplitter(true), [text]);
  expect(split(`${open}Fish.${close}A carp.`)).toEqual({ thought: 'Fish.', said: 'A carp.' });
  expect(inside(`Fish.${close}A carp.`)).toEqual({ thought: 'Fish.', said: 'A carp.' });
  const aboutTags = `Write ${open}first${close}.`;
  expect(inside(aboutTags)).toEqual({ thought: '', said: aboutTags });
});

test('what was held back before a backend told its thoughts apart is said in its place', () => {
  const splitter = createThoughtSplitter(true);
  expect(splitter.push('A ')).toEqual({ thought: '', said: '' });
  splitter.leave();
  expect(splitter.push('carp.')).toEqual({ thought: '', said: 'A carp.' });
});

test.each([
  ['deepseek-ai/DeepSeek-R1-Distill-Qwen-14B', undefined, true],
  ['Qwen3-30B-A3B-Thinking-2507', 'high', true],
  ['qwq:32b', undefined, true],
  ['qwq:32b', 'none', false],
  ['qwen3:8b', undefined, false],
  ['qwen3-coder', undefined, false],
  ['gpt-oss-20b', undefined, false],
] as const)('%s with effort %s may begin inside: %s', (model, reasoningEffort, expected) => {
  expect(beginsInside({ model, reasoningEffort })).toBe(expected);
});

test('nothing is held back but what could be a tag', () => {
  const splitter = createThoughtSplitter();
  expect(splitter.push('<thi')).toEqual({ thought: '', said: '' });
  expect(splitter.push('nk>Fish')).toEqual({ thought: 'Fish', said: '' });
  expect(splitter.push(' swim</t')).toEqual({ thought: ' swim', said: '' });
  expect(splitter.push('ail')).toEqual({ thought: '</tail', said: '' });
  expect(splitter.push('</think>A')).toEqual({ thought: '', said: 'A' });
});

test('a backend that tells them apart itself is believed', () => {
  const splitter = createThoughtSplitter();
  splitter.leave();
  expect(splitter.push('<think> is a tag.')).toEqual({ thought: '', said: '<think> is a tag.' });
});

test.each([
  'koboldcpp/DeepSeek-R1-Distill-Qwen-7B-Q4_K_M',
  'deepseek-r1:7b',
  'QwQ-32B-Q4_K_M.gguf',
  'qwen/qwen3-8b',
  'Qwen3-30B-A3B-Thinking-2507',
  'glm-4-6',
  'GLM-Z1-9B-0414',
  'phi4-reasoning:plus',
  'SmolLM3-3B',
  'MiniMaxAI/MiniMax-M2',
])('%s is known to think', (model) => {
  expect(model).toMatch(thinkers);
});

test.each([
  'gpt-4o',
  'Llama-3-8B-Stheno-v3.2',
  'mistral-small',
  'Qwen3-Coder-30B',
  'gemma-3-12b',
  'Qwen3-4B-Instruct-2507',
  'var1',
  'gpt-oss',
])('%s is not', (model) => {
  expect(model).not.toMatch(thinkers);
});

const openAiCompatible = knownRow('openai-compatible');
const known = (model: string) => ({ id: model, name: model, capabilities: ['reasoning' as const] });

test('the row and the model decide, and an answer that was begun for the model is left alone', () => {
  const asked = ask('Hi', { model: 'my-finetune' });
  expect(thinksAloud(openAiCompatible, {}, asked)).toBe(false);
  expect(thinksAloud(openAiCompatible, { known }, asked)).toBe(true);
  expect(thinksAloud(openAiCompatible, {}, { ...asked, model: 'qwq' })).toBe(true);
  expect(thinksAloud(knownRow('openai'), { known }, { ...asked, model: 'qwq' })).toBe(false);
  const begun = [...asked.messages, { role: 'assistant' as const, content: [{ type: 'text' as const, text: 'The tag' }] }];
  expect(thinksAloud(openAiCompatible, { known }, { ...asked, messages: begun })).toBe(false);
});

async function apart(parts: readonly StreamPart[], model = 'qwq') {
  const generate = withThoughtsApart(openAiCompatible, {}, async function* () {
    yield* parts;
  });
  const { signal } = new AbortController();
  return (await collect(generate(ask('Hi', { model }), signal))).parts;
}

test('each output has its own thought, and what was held back comes before its call and its end', async () => {
  const start: StreamPart = { type: 'start', model: 'qwq', warnings: [] };
  const call: StreamPart = { type: 'tool-call', id: '1', name: 'look', arguments: '{}' };
  const parts = await apart([
    start,
    { type: 'text-delta', text: '<think>One</think>' },
    { type: 'text-delta', text: 'One.' },
    { type: 'text-delta', text: '<think>Two</th', output: 1 },
    call,
    { type: 'finish', reason: 'tool-calls' },
    { type: 'finish', reason: 'length', output: 1 },
  ]);
  expect(parts).toEqual([
    start,
    { type: 'reasoning-delta', text: 'One' },
    { type: 'text-delta', text: 'One.' },
    { type: 'reasoning-delta', text: 'Two', output: 1 },
    call,
    { type: 'finish', reason: 'tool-calls' },
    { type: 'reasoning-delta', text: '</th', output: 1 },
    { type: 'finish', reason: 'length', output: 1 },
  ]);
});

test('a thought that came by itself leaves the text alone', async () => {
  const parts: StreamPart[] = [
    { type: 'reasoning-delta', text: 'Fish.' },
    { type: 'text-delta', text: '<think> is a tag.' },
    { type: 'finish', reason: 'stop' },
  ];
  expect(await apart(parts)).toEqual(parts);
});

test('the model that the backend picked counts as well', async () => {
  const parts: StreamPart[] = [
    { type: 'start', model: 'deepseek-r1', warnings: [] },
    { type: 'text-delta', text: '<think>Fish.</think>A carp.' },
    { type: 'finish', reason: 'stop' },
  ];
  expect((await apart(parts, 'any')).map(({ type }) => type)).toEqual(['start', 'reasoning-delta', 'text-delta', 'finish']);
  const [start, ...rest] = parts;
  expect(await apart([{ ...start, model: 'llama' } as StreamPart, ...rest], 'any')).toEqual([
    { ...start, model: 'llama' },
    ...rest,
  ]);
});
