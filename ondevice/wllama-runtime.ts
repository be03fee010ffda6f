/** The only file that knows the WebAssembly engine's API: one loaded model, one chat at a time. */

import { type ChatCompletionChunk, type ChatCompletionParams, Wllama } from '@wllama/wllama/esm/index.js';
import type { DeviceEmbeddings, DeviceModel } from '../protocol/engine';
import type { ChatOptions } from './chat-options';
import { enginePaths } from './engine-paths';
import { filesOf } from './model-parts';
import type { Timings } from './speed';

/** What one step of the engine tells; absent fields say nothing new. */
export interface ChatStep {
  readonly text?: string | undefined;
  readonly reasoning?: string | undefined;
  readonly toolCalls?: readonly ToolCallPiece[] | undefined;
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly cachedTokens?: number | undefined;
  readonly finishReason?: string | undefined;
  readonly timings?: Timings | undefined;
}

/** A piece of the call with this index: its name and id come with the first, its arguments with all. */
export interface ToolCallPiece {
  readonly index: number;
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly arguments?: string | undefined;
}

/** A model in memory. After `exit` it is of no further use. */
export interface Runtime {
  load(file: Blob, model: DeviceModel): Promise<void>;
  /** How many compute, once it is loaded. */
  threads(): number;
  /** Resolves after the last step; on abort it rejects when the computation has stopped. */
  chat(options: ChatOptions, onStep: (step: ChatStep) => void, signal: AbortSignal): Promise<void>;
  /** Resolves to the vectors; on abort it rejects after the text that is being computed. */
  embed(input: readonly string[], signal: AbortSignal): Promise<DeviceEmbeddings>;
  exit(): Promise<void>;
}

/** Tokens computed between two looks at the abort signal while the prompt is read: more is faster, but slower to stop. */
const batchTokens = 32;

const silent = { debug: ignore, log: ignore, warn: ignore, error: ignore };

/**
 * How many threads compute: more than one need a cross-origin isolated context, which an event page is not. They wait for one another by spinning:
 * where other programs need the same cores, two threads on two cores are ten times slower than one (measured). Half of the cores is what a computer
 * in use can spare.
 */
const threadsHere = (): number =>
  crossOriginIsolated ? Math.min(Math.max(Math.floor(navigator.hardwareConcurrency / 2), 1), 4) : 1;

export function createWllamaRuntime(threads = threadsHere()): Runtime {
  const wllama = new Wllama({ default: enginePaths.wasm }, { suppressNativeLog: true, logger: silent });
  // Never the compatibility build: it is not in the package, and would come from the network.
  wllama.setCompat(null);

  return {
    load: (file, model) =>
      wllama.loadModel([...filesOf(file, model)], {
        n_ctx: model.contextTokens,
        // A vector is made of one batch.
        n_batch: model.makesEmbeddings ? model.contextTokens : batchTokens,
        n_ubatch: model.makesEmbeddings ? model.contextTokens : batchTokens,
        embeddings: model.makesEmbeddings === true,
        n_threads: threads,
        n_gpu_layers: 0,
        n_parallel: 1,
        warmup: false,
      }),

    async chat(options, onStep, signal) {
      // The package's types know neither `stop` nor `stream_options`, which its server takes; undefined falls away in its JSON.
      const params = { ...options, stream_options: { include_usage: true } } as unknown as ChatCompletionParams;
      const onData = (chunk: ChatCompletionChunk) => onStep(toStep(chunk));
      await wllama.createChatCompletion({ ...params, stream: true, onData, abortSignal: signal });
    },

    async embed(input, signal) {
      const vectors: number[][] = [];
      let inputTokens = 0;
      // Of several texts the package gives back the last vector alone.
      for (const text of input) {
        signal.throwIfAborted();
        const { data, usage } = await wllama.createEmbedding({ input: text });
        // Its type allows for base64, which was not asked for.
        vectors.push(data[0]?.embedding as number[]);
        inputTokens += usage.prompt_tokens;
      }
      return { vectors, inputTokens };
    },

    threads: () => wllama.getNumThreads(),
    exit: () => wllama.exit(),
  };
}

function toStep({ choices, usage, timings }: ChatCompletionChunk): ChatStep {
  const choice = choices[0];
  // The package's types do not know it either.
  const { reasoning_content: reasoning } = (choice?.delta ?? {}) as { readonly reasoning_content?: string | null };
  return {
    ...(reasoning && { reasoning }),
    ...(choice?.delta.content && { text: choice.delta.content }),
    ...(choice?.delta.tool_calls && {
      toolCalls: choice.delta.tool_calls.map(({ index, id, function: called }) => ({ index, id, ...called })),
    }),
    ...(choice?.finish_reason && { finishReason: choice.finish_reason }),
    ...(usage && {
      inputTokens: usage.prompt_tokens,
      outputTokens: usage.completion_tokens,
      cachedTokens: usage.prompt_tokens_details?.cached_tokens,
    }),
    ...(timings && {
      timings: {
        ...{ readTokens: timings.prompt_n, readMs: timings.prompt_ms },
        ...{ writtenTokens: timings.predicted_n, writtenMs: timings.predicted_ms },
      },
    }),
  };
}

function ignore(): void {
  // The engine logs prompts at its debug level; nothing of it is kept.
}
