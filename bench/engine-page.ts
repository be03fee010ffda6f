/**
 * What the page of the engine figures does: the same conversation with the engine in the page itself, as any site could carry it, and through Oriel.
 * The engine is built from Oriel's own files, so that both have the same options; what Oriel adds is its contexts and the ways between them.
 */

import { toChatOptions } from '../ondevice/chat-options';
import { createWllamaRuntime, type Runtime } from '../ondevice/wllama-runtime';
import type { DeviceModel } from '../protocol/engine';

export interface Said {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

/** One answer; times in milliseconds from the question on. */
export interface Told {
  readonly text: string;
  readonly first: number;
  readonly last: number;
  readonly tokens: number;
  readonly promptTokens: number;
  /** Those of the prompt that did not have to be read again. */
  readonly cachedTokens: number;
}

let file: Promise<File> | undefined;
let runtime: Runtime | undefined;

/** In the origin's private file system, as Oriel has it. */
async function store(): Promise<File> {
  const root = await navigator.storage.getDirectory();
  const handle = await root.getFileHandle('model.gguf', { create: true });
  const { body } = await fetch('/model.gguf');
  if (!body) throw new Error('The model did not come.');
  await body.pipeTo(await handle.createWritable());
  return handle.getFile();
}

function stopwatch() {
  const begun = performance.now();
  let text = '';
  let first: number | undefined;
  let last = 0;
  return {
    take(piece: string) {
      last = performance.now() - begun;
      first ??= last;
      text += piece;
    },
    told: (tokens = 0, promptTokens = 0, cachedTokens = 0): Told => ({
      ...{ text, first: first ?? Number.NaN, last, tokens, promptTokens, cachedTokens },
    }),
  };
}

/** The engine here. It is loaded with the first question, as Oriel does. */
async function bare(model: DeviceModel, threads: number, said: readonly Said[], maxTokens: number): Promise<Told> {
  file ??= store();
  const stored = await file;
  const watch = stopwatch();
  if (!runtime) {
    runtime = createWllamaRuntime(threads);
    await runtime.load(stored, model);
  }
  const messages = said.map(({ role, content }) => ({ role, content: [{ type: 'text' as const, text: content }] }));
  let usage: Parameters<typeof watch.told> = [];
  await runtime.chat(
    toChatOptions({ messages, maxOutputTokens: maxTokens }),
    ({ text, inputTokens, outputTokens, cachedTokens }) => {
      if (text) watch.take(text);
      if (outputTokens !== undefined) usage = [outputTokens, inputTokens ?? 0, cachedTokens ?? 0];
    },
    new AbortController().signal,
  );
  return watch.told(...usage);
}

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content?: string } }[];
  readonly usage?: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly prompt_tokens_details?: { readonly cached_tokens?: number };
  } | null;
}

async function oriel(messages: readonly Said[], maxTokens: number): Promise<Told> {
  const { ai } = window as unknown as { ai: { fetch: typeof fetch; baseURL: string } };
  const watch = stopwatch();
  const body = { model: 'default', messages, max_tokens: maxTokens, stream: true, stream_options: { include_usage: true } };
  const response = await ai.fetch(`${ai.baseURL}/chat/completions`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok || !response.body) throw new Error(`Oriel answers ${response.status}: ${await response.text()}`);
  let usage: Chunk['usage'];
  let rest = '';
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const lines = (rest + decoder.decode(read.value, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('data: {')) continue;
      const chunk = JSON.parse(line.slice('data: '.length)) as Chunk;
      const piece = chunk.choices[0]?.delta.content;
      if (piece) watch.take(piece);
      usage = chunk.usage ?? usage;
    }
  }
  return watch.told(usage?.completion_tokens, usage?.prompt_tokens, usage?.prompt_tokens_details?.cached_tokens);
}

async function unload(): Promise<void> {
  await runtime?.exit();
  runtime = undefined;
}

export type EnginePage = { bare: typeof bare; oriel: typeof oriel; unload: typeof unload };
Object.assign(window, { enginePage: { bare, oriel, unload } satisfies EnginePage });
