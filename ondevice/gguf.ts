/** Reads what a GGUF file says of itself in its head. The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */

import type { DeviceModel } from '../protocol/engine';

const magic = 'GGUF';
/** The chat template stands behind the vocabulary: about 8 MB in models with 150,000 words, 16 MB with 260,000. */
const headBytes = 32 * 1024 * 1024;
/** What is longer is a vocabulary, of which nothing is wanted. */
const longestList = 256;
/** More context costs memory for every token, also where nobody uses it. */
const mostContext = 4096;
/** A text of an embedding model is computed in one piece, whose memory grows with the square of its length. */
const mostEmbedded = 2048;
/** What is known to make nothing but vectors; its own file says so of any other. */
const encoders = /bert|gemma-embedding|t5encoder/;
/** The format's number of a text. */
const textType = 8;
/** llama.cpp's: one vector of all tokens by their mean, by the first or by the last. */
const poolings: readonly unknown[] = [1, 2, 3];

export async function isGguf(file: Blob): Promise<boolean> {
  return (await file.slice(0, magic.length).text()) === magic;
}

/** How many files the model is in, of which this is one. */
export async function countParts(file: Blob): Promise<number> {
  const count = readMetadata(await file.slice(0, headBytes).arrayBuffer()).get('split.count');
  return typeof count === 'number' ? Math.max(count, 1) : 1;
}

/** The model with what its file knows better: nothing that the shelf or the person said is changed. */
export async function describeGguf(file: Blob, model: DeviceModel): Promise<DeviceModel> {
  const said = readMetadata(await file.slice(0, headBytes).arrayBuffer());
  const text = (key: string) => (typeof said.get(key) === 'string' ? String(said.get(key)).slice(0, 100) : undefined);
  const architecture = text('general.architecture') ?? '';
  const trained = said.get(`${architecture}.context_length`);
  const makesEmbeddings = encoders.test(architecture) || poolings.includes(said.get(`${architecture}.pooling_type`));
  const most = makesEmbeddings ? mostEmbedded : mostContext;
  const languages = said.get('general.languages');
  const licence = model.licence ?? text('general.license');
  const templates = ['tokenizer.chat_template', 'tokenizer.chat_template.tool_use'].map((key) => said.get(key));
  const takesTools = !makesEmbeddings && templates.some((one) => typeof one === 'string' && namesTools(one));
  return {
    ...model,
    contextTokens:
      typeof trained === 'number' && trained > 0 ? Math.min(model.contextTokens, trained, most) : model.contextTokens,
    ...(makesEmbeddings && { makesEmbeddings }),
    ...(takesTools && { takesTools }),
    ...(licence !== undefined && { licence }),
    ...(model.languages === undefined && isTexts(languages) && { languages }),
  };
}

/** Whether a chat template (Jinja) reads the variable `tools`; what it says in words, or reads of a message, is something else. */
function namesTools(template: string): boolean {
  const code = [...template.matchAll(/\{[{%](.*?)[%}]\}/gs)].map(([, inner = '']) =>
    inner.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/gs, ''),
  );
  return code.some((inner) => /(?<![.\w])tools\b/.test(inner));
}

type Value = string | number | boolean | readonly Value[] | undefined;

const isTexts = (value: Value): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');

/** What can be read of the head; an entry that goes beyond it ends the reading. */
function readMetadata(head: ArrayBuffer): ReadonlyMap<string, Value> {
  const found = new Map<string, Value>();
  const view = new DataView(head);
  let at = magic.length + 4 + 8;
  const bytes = (count: number) => {
    at += count;
    return at - count;
  };
  const long = () => Number(view.getBigUint64(bytes(8), true));
  const text = () => {
    const length = long();
    return new TextDecoder().decode(new Uint8Array(head, bytes(length), length));
  };
  /** By the format's numbers of types. */
  const readers: readonly (() => Value)[] = [
    () => view.getUint8(bytes(1)),
    () => view.getInt8(bytes(1)),
    () => view.getUint16(bytes(2), true),
    () => view.getInt16(bytes(2), true),
    () => view.getUint32(bytes(4), true),
    () => view.getInt32(bytes(4), true),
    () => view.getFloat32(bytes(4), true),
    () => view.getUint8(bytes(1)) !== 0,
    text,
    () => {
      const type = view.getUint32(bytes(4), true);
      const length = long();
      if (length <= longestList) return Array.from({ length }, () => value(type));
      for (let left = length; left > 0; left -= 1) pass(type);
      return undefined;
    },
    long,
    () => Number(view.getBigInt64(bytes(8), true)),
    () => view.getFloat64(bytes(8), true),
  ];
  const value = (type: number): Value => {
    const read = readers[type];
    if (!read) throw new RangeError(`GGUF has no type ${type}.`);
    return read();
  };
  /** Words are many: they are not decoded. */
  const pass = (type: number) => (type === textType ? bytes(long()) : value(type));
  try {
    for (let left = long(); left > 0; left -= 1) {
      const key = text();
      found.set(key, value(view.getUint32(bytes(4), true)));
    }
  } catch (error) {
    // The end of the head, or a file that is none: the engine says so in its own words.
    if (!(error instanceof RangeError)) throw error;
  }
  return found;
}
