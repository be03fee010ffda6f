import { expect, test } from 'vitest';
import { describeGguf, isGguf } from '../../ondevice/gguf';
import { gguf } from './gguf-file';

const model = { id: 'own', name: 'Own', contextTokens: 4096 };
const fileOf = (bytes: Uint8Array<ArrayBuffer>) => new Blob([bytes]);

test('a model says what it was trained for, under which licence and in which languages', async () => {
  const file = fileOf(
    gguf({
      'general.architecture': 'qwen3',
      'general.license': 'apache-2.0',
      'general.languages': ['en', 'de'],
      'qwen3.context_length': 1024,
    }),
  );
  expect(await isGguf(file)).toBe(true);
  expect(await describeGguf(file, model)).toEqual({
    ...model,
    contextTokens: 1024,
    licence: 'apache-2.0',
    languages: ['en', 'de'],
  });
});

test('a model that was trained for more is not loaded with more', async () => {
  const file = fileOf(gguf({ 'general.architecture': 'llama', 'llama.context_length': 131_072 }));
  expect(await describeGguf(file, model)).toMatchObject({ contextTokens: 4096 });
});

test('what the shelf says is not changed', async () => {
  const file = fileOf(gguf({ 'general.architecture': 'llama', 'general.license': 'other', 'general.languages': ['fr'] }));
  const known = { ...model, licence: 'MIT', languages: ['en'] };
  expect(await describeGguf(file, known)).toEqual(known);
});

test.each([
  ['cut off in the middle of an entry', gguf({ 'general.architecture': 'llama' }, 0).slice(0, 40)],
  ['full of nonsense', new Uint8Array([...new TextEncoder().encode('GGUF'), ...Array(60).fill(255)])],
  ['with a type that nobody knows', gguf({ 'general.architecture': 'llama' }).map((byte, at) => (at === 52 ? 99 : byte))],
])('a head that is %s tells nothing and harms nothing', async (_what, bytes) => {
  expect(await describeGguf(fileOf(bytes), model)).toEqual(model);
});

test('a page that wants a login is no model', async () => {
  expect(await isGguf(new Blob(['<!doctype html>']))).toBe(false);
});

test.each([
  [
    { 'general.architecture': 'nomic-bert', 'nomic-bert.context_length': 8192 },
    { makesEmbeddings: true, contextTokens: 2048 },
  ],
  [
    { 'general.architecture': 'qwen3', 'qwen3.context_length': 512, 'qwen3.pooling_type': 3 },
    { makesEmbeddings: true, contextTokens: 512 },
  ],
  [{ 'general.architecture': 'qwen3', 'qwen3.context_length': 512, 'qwen3.pooling_type': 0 }, { contextTokens: 512 }],
  // It puts texts in an order.
  [{ 'general.architecture': 'qwen3', 'qwen3.context_length': 512, 'qwen3.pooling_type': 4 }, { contextTokens: 512 }],
])('%j makes embeddings, or does not', async (said, known) => {
  expect(await describeGguf(fileOf(gguf(said)), model)).toEqual({ ...model, ...known });
});

/** The forms in which templates know tools, in words of our own. */
const templates = {
  // Qwen and Hermes write the tools themselves,
  hermes: `{%- if tools %}<|im_start|>system
# Tools: {%- for tool in tools %}{{ tool | tojson }}{% endfor %} Answer with <tool_call>{"name": "", "arguments": {}}</tool_call><|im_end|>{% endif %}`,
  // Llama has a variable in between,
  llama: '{%- if not tools is defined %}{%- set tools = none %}{% endif %}{{- "Cutting Knowledge" if tools is not none }}',
  // Mistral looks at the last message.
  mistral: "{%- if loop.last and (tools is not none) %}{{ '[AVAILABLE_TOOLS] ' + tools|tojson }}{%- endif %}",
  // These speak of tools, or read some of a message, and know none of the request.
  words: "{{ 'You have no tools here.' }} tools {# tools #}{% for m in messages %}{{ m.content }}{% endfor %}",
  message: "{% for message in messages %}{{ message['tools'] }}{{ message.tools }}{{ mytools }}{% endfor %}",
};
const words = Array.from({ length: 300 }, (_, index) => `word${index}`);

test.each([
  ['tokenizer.chat_template', templates.hermes, true],
  ['tokenizer.chat_template', templates.llama, true],
  ['tokenizer.chat_template.tool_use', templates.mistral, true],
  ['tokenizer.chat_template', templates.words, false],
  ['tokenizer.chat_template', templates.message, false],
])('the %s of a model, behind its vocabulary, tells whether it knows tools: %#', async (key, template, takesTools) => {
  const said = { 'general.architecture': 'llama', 'tokenizer.ggml.tokens': words, [key]: template };
  expect((await describeGguf(fileOf(gguf(said)), model)).takesTools ?? false).toBe(takesTools);
});

test('a model that makes embeddings takes no tools, whatever its template says', async () => {
  const said = { 'general.architecture': 'qwen3', 'qwen3.pooling_type': 3, 'tokenizer.chat_template': templates.hermes };
  expect((await describeGguf(fileOf(gguf(said)), model)).takesTools).toBeUndefined();
});

test('a vocabulary of numbers is passed over as well', async () => {
  const types = Array.from({ length: 300 }, () => 1);
  const said = { 'general.architecture': 'llama', 'tokenizer.ggml.token_type': types, 'general.license': 'mit' };
  expect(await describeGguf(fileOf(gguf(said)), model)).toMatchObject({ licence: 'mit' });
});
