/**
 * Writes a GGUF that any llama.cpp loads and whose chat always answers one fixed sentence, for machines where no real model
 * can be had. Nothing in it is trained or taken from elsewhere: attention and feed-forward are zero, each token's embedding
 * has a single one, and the output matrix is a table of which token follows which.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What the toy model answers to everything. */
export const toyAnswer = 'Hello from the tiny model that runs on this device.';

const tokenType = { normal: 1, unknown: 2, control: 3, unused: 5, byte: 6 };
const roles = ['system', 'user', 'assistant', 'caller'];
const headSize = 32;
const contextTokens = 4096;
/** Far enough above all other logits (zero) that no temperature makes another token likely. */
const followerWeight = 4;

/** Tools are written and called as Hermes' and Qwen's models do. */
const template =
  "{%- if tools %}{{ '<|system|>You may call a tool of these:\n' }}{%- for tool in tools %}{{ (tool | tojson) + '\n' }}{%- endfor %}" +
  `{{ 'Call it in this form:\n<tool_call>\n{"name": "its name", "arguments": {}}\n</tool_call>' }}{%- endif %}` +
  "{%- for message in messages %}{%- if message.role == 'tool' %}" +
  "{{ '<|user|><tool_response>\n' + message.content + '\n</tool_response>' }}{%- else %}" +
  "{{ '<|' + message.role + '|>' }}{%- if message.content %}{{ message.content }}{%- endif %}{%- for call in message.tool_calls or [] %}" +
  `{{ '\n<tool_call>\n{"name": "' + call.function.name + '", "arguments": ' + (call.function.arguments | tojson) + '}\n</tool_call>' }}` +
  "{%- endfor %}{%- if message.role == 'assistant' %}{{ '</s>' }}{%- endif %}{%- endif %}{%- endfor %}" +
  "{%- if add_generation_prompt %}{{ '<|assistant|>' }}" +
  "{%- if tools and messages[-1].role == 'user' %}{{ '<|caller|>' }}{%- endif %}{%- endif %}";

/** What it calls, asked with tools, before it says its sentence to what the tool gave back. */
export const toyCall = { name: 'get_wind', arguments: { harbour: 'Bern' } };

/** Writes the model to `path`. @param isEndless it says its sentence again and again, until it is stopped */
export function writeToyModel(path, { isEndless = false } = {}) {
  const { tokens, followers } = makeVocabulary(isEndless);
  const metadata = makeMetadata(tokens);
  const tensors = makeTensors(tokens.length, followers);
  writeFileSync(path, encodeModel(metadata, tensors));
}

/** The same model in two files, as llama.cpp's gguf-split cuts one. @param paths in the order of the parts */
export function writeToyParts(paths) {
  const { tokens, followers } = makeVocabulary(false);
  const tensors = makeTensors(tokens.length, followers);
  const each = Math.ceil(tensors.length / paths.length);
  paths.forEach((path, index) => {
    const split = [
      pair('split.no', short(index)),
      pair('split.count', short(paths.length)),
      pair('split.tensors.count', integer(tensors.length)),
    ];
    const metadata = index === 0 ? [...makeMetadata(tokens), ...split] : split;
    writeFileSync(path, encodeModel(metadata, tensors.slice(index * each, (index + 1) * each)));
  });
}

/** The words that the toy embedder knows, by what they are about: texts about the same are as near as can be, others far apart. */
export const toyTopics = [
  ['sea', 'tide', 'wave'],
  ['bread', 'oven', 'flour'],
];
/** As many tokens as the toy embedder takes of one text. */
export const toyEmbedderContext = 64;

/** Writes a model of the kind that makes nothing but embeddings (BERT) to `path`: the mean of its words' topics. */
export function writeToyEmbedder(path) {
  const size = headSize;
  const control = ['[PAD]', '[UNK]', '[CLS]', '[SEP]'];
  const words = toyTopics.flat().map((word) => `\u2581${word}`);
  const tokens = [...control, ...words];
  const metadata = [
    pair('general.architecture', text('bert')),
    pair('general.name', text('Oriel toy embedder')),
    pair('general.file_type', count(0)),
    pair('bert.context_length', count(toyEmbedderContext)),
    pair('bert.embedding_length', count(size)),
    pair('bert.block_count', count(1)),
    pair('bert.feed_forward_length', count(size)),
    pair('bert.attention.head_count', count(1)),
    pair('bert.attention.layer_norm_epsilon', real(1e-12)),
    pair('bert.attention.causal', truth(false)),
    pair('bert.pooling_type', count(1)),
    pair('tokenizer.ggml.model', text('bert')),
    pair('tokenizer.ggml.tokens', list(tokens.map(text))),
    pair('tokenizer.ggml.token_type', list(tokens.map((_, index) => integer(index < control.length ? tokenType.control : 1)))),
    pair('tokenizer.ggml.token_type_count', count(2)),
    pair('tokenizer.ggml.padding_token_id', count(0)),
    pair('tokenizer.ggml.unknown_token_id', count(1)),
    pair('tokenizer.ggml.cls_token_id', count(2)),
    pair('tokenizer.ggml.bos_token_id', count(2)),
    pair('tokenizer.ggml.seperator_token_id', count(3)),
    pair('tokenizer.ggml.eos_token_id', count(3)),
  ];
  const embedding = new Float32Array(size * tokens.length);
  words.forEach((word, index) => {
    const topic = toyTopics.findIndex((about) => about.includes(word.slice(1)));
    embedding[(control.length + index) * size + topic] = 1;
  });
  const zeros = (...shape) => ({ shape, values: new Float32Array(shape.reduce((all, side) => all * side)) });
  const withBias = (name, weight) => ({ [`${name}.weight`]: weight, [`${name}.bias`]: zeros(size) });
  const ones = () => ({ shape: [size], values: new Float32Array(size).fill(1) });
  const tensors = {
    'token_embd.weight': { shape: [size, tokens.length], values: embedding },
    'token_types.weight': zeros(size, 2),
    'position_embd.weight': zeros(size, toyEmbedderContext),
    ...withBias('token_embd_norm', ones()),
    ...Object.assign(
      {},
      ...['attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_up', 'ffn_down'].map((name) =>
        withBias(`blk.0.${name}`, zeros(size, size)),
      ),
    ),
    ...withBias('blk.0.attn_output_norm', ones()),
    ...withBias('blk.0.layer_output_norm', ones()),
  };
  writeFileSync(path, encodeModel(metadata, Object.entries(tensors)));
}

/** The tokens with their types, and for each token's index that of the one after it. */
function makeVocabulary(isEndless) {
  const wordsOf = (pieces) => pieces.map((piece) => ({ text: piece.replaceAll(' ', '\u2581'), type: tokenType.normal }));
  const words = wordsOf(toyAnswer.match(/ ?\w+|\./g));
  // A token follows one other token: none of these stands among the words, or twice.
  const call = wordsOf([
    '<tool_call>',
    `\n{"name": "${toyCall.name}", "arguments": `,
    JSON.stringify(toyCall.arguments),
    '}\n',
    '</tool_call>',
  ]);
  const bytes = Array.from({ length: 256 }, (_, byte) => ({
    text: `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
    type: tokenType.byte,
  }));
  const tokens = [
    { text: '<unk>', type: tokenType.unknown },
    { text: '<s>', type: tokenType.control },
    { text: '</s>', type: tokenType.control },
    ...bytes,
    ...roles.map((role) => ({ text: `<|${role}|>`, type: tokenType.control })),
    ...words,
    ...call,
  ];
  const end = 2;
  // The embedding has one dimension a token, and must be divisible into heads.
  while (tokens.length % headSize !== 0) tokens.push({ text: `<unused${tokens.length}>`, type: tokenType.unused });

  const followers = tokens.map(() => end);
  const follow = (role, said, last) => {
    const chain = [tokens.findIndex(({ text }) => text === `<|${role}|>`), ...said.map((word) => tokens.indexOf(word))];
    chain.forEach((token, place) => {
      followers[token] = chain[place + 1] ?? last;
    });
  };
  follow('assistant', words, isEndless ? tokens.indexOf(words[0]) : end);
  follow('caller', call, end);
  return { tokens, followers };
}

/** GGUF's key-value pairs, encoded: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */
function makeMetadata(tokens) {
  const size = tokens.length;
  return [
    pair('general.architecture', text('llama')),
    pair('general.name', text('Oriel toy model')),
    pair('general.file_type', count(0)),
    pair('llama.context_length', count(contextTokens)),
    pair('llama.embedding_length', count(size)),
    pair('llama.block_count', count(1)),
    pair('llama.feed_forward_length', count(headSize)),
    pair('llama.attention.head_count', count(size / headSize)),
    pair('llama.attention.head_count_kv', count(1)),
    pair('llama.attention.layer_norm_rms_epsilon', real(1e-5)),
    pair('llama.rope.dimension_count', count(headSize)),
    pair('llama.vocab_size', count(size)),
    pair('tokenizer.ggml.model', text('llama')),
    pair('tokenizer.ggml.tokens', list(tokens.map((token) => text(token.text)))),
    pair('tokenizer.ggml.scores', list(tokens.map((_, index) => real(-index)))),
    pair('tokenizer.ggml.token_type', list(tokens.map((token) => integer(token.type)))),
    pair('tokenizer.ggml.unknown_token_id', count(0)),
    pair('tokenizer.ggml.bos_token_id', count(1)),
    pair('tokenizer.ggml.eos_token_id', count(2)),
    pair('tokenizer.ggml.add_bos_token', truth(true)),
    pair('tokenizer.ggml.add_space_prefix', truth(false)),
    pair('tokenizer.chat_template', text(template)),
  ];
}

/** Each tensor with its dimensions, the fastest one first. */
function makeTensors(size, followers) {
  const embedding = new Float32Array(size * size);
  const output = new Float32Array(size * size);
  followers.forEach((follower, token) => {
    embedding[token * size + token] = 1;
    output[follower * size + token] = followerWeight;
  });
  const ones = () => ({ shape: [size], values: new Float32Array(size).fill(1) });
  const zeros = (...shape) => ({ shape, values: new Float32Array(shape[0] * shape[1]) });
  return Object.entries({
    'token_embd.weight': { shape: [size, size], values: embedding },
    'output.weight': { shape: [size, size], values: output },
    'output_norm.weight': ones(),
    'blk.0.attn_norm.weight': ones(),
    'blk.0.attn_q.weight': zeros(size, size),
    'blk.0.attn_k.weight': zeros(size, headSize),
    'blk.0.attn_v.weight': zeros(size, headSize),
    'blk.0.attn_output.weight': zeros(size, size),
    'blk.0.ffn_norm.weight': ones(),
    'blk.0.ffn_gate.weight': zeros(size, headSize),
    'blk.0.ffn_up.weight': zeros(size, headSize),
    'blk.0.ffn_down.weight': zeros(headSize, size),
  });
}

/** The whole file: header, pairs, where each tensor lies, then the tensors, each at a multiple of 32 bytes. */
function encodeModel(metadata, tensors) {
  let offset = 0;
  const infos = [];
  const data = [];
  for (const [name, { shape, values }] of tensors) {
    infos.push(encodeText(name), u32(shape.length), ...shape.map(u64), u32(0), u64(offset));
    const bytes = padded(Buffer.from(values.buffer));
    data.push(bytes);
    offset += bytes.length;
  }
  const version = 3;
  const head = [Buffer.from('GGUF'), u32(version), u64(tensors.length), u64(metadata.length), ...metadata, ...infos];
  return Buffer.concat([padded(Buffer.concat(head)), ...data]);
}

function u32(number) {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(number);
  return buffer;
}

function u64(number) {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(number));
  return buffer;
}

function encodeText(string) {
  const bytes = Buffer.from(string);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function encodeReal(number) {
  const buffer = Buffer.alloc(4);
  buffer.writeFloatLE(number);
  return buffer;
}

const padded = (bytes) => Buffer.concat([bytes, Buffer.alloc((32 - (bytes.length % 32)) % 32)]);

// A value is its GGUF type number with its bytes.
const count = (number) => ({ type: 4, bytes: u32(number) });
const short = (number) => ({ type: 2, bytes: u32(number).subarray(0, 2) });
const integer = (number) => ({ type: 5, bytes: u32(number) });
const real = (number) => ({ type: 6, bytes: encodeReal(number) });
const truth = (yes) => ({ type: 7, bytes: Buffer.from([yes ? 1 : 0]) });
const text = (string) => ({ type: 8, bytes: encodeText(string) });
const list = (values) => ({
  type: 9,
  bytes: Buffer.concat([u32(values[0].type), u64(values.length), ...values.map(({ bytes }) => bytes)]),
});
const pair = (key, { type, bytes }) => Buffer.concat([encodeText(key), u32(type), bytes]);

if (process.argv[1] === fileURLToPath(import.meta.url)) writeToyModel(process.argv[2] ?? 'toy-model.gguf');
