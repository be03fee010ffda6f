/** Oriel as a provider of AI SDK: `generateText({ model: createOriel()() , … })` is answered by the visitor's own model. */

import { toRequest } from './ai-sdk-prompt';
import type {
  CallOptions,
  CallWarning,
  ModelContent,
  ModelFinish,
  ModelStreamPart,
  ModelUsage,
  OrielLanguageModel,
} from './ai-sdk-types';
import { partsOf } from './answer';
import { type GetOrielOptions, getOriel } from './get-oriel';
import type { AnswerPart, FinishReason, Oriel, Usage, Warning } from './types';

export interface OrielProviderOptions extends GetOrielOptions {
  /** Where it is found already, or a fake one in a test. */
  readonly oriel?: Oriel | undefined;
}

export interface OrielProvider {
  /** @param modelId a wish; without one the visitor's choice answers, and nothing is warned of */
  (modelId?: string): OrielLanguageModel;
  languageModel(modelId?: string): OrielLanguageModel;
}

/** The visitor does not have Oriel: offer something else, or `defineOrielButton`. */
export class OrielMissingError extends Error {
  override readonly name = 'OrielMissingError';
  constructor() {
    super('This browser has no Oriel. Show the visitor how to get it, or answer in another way.');
  }
}

export function createOriel({ oriel, ...options }: OrielProviderOptions = {}): OrielProvider {
  const find = async () => {
    const found = oriel ?? (await getOriel(options));
    if (!found) throw new OrielMissingError();
    return found;
  };
  const languageModel = (modelId?: string) => createModel(find, modelId);
  return Object.assign(languageModel, { languageModel });
}

function createModel(find: () => Promise<Oriel>, modelId: string | undefined): OrielLanguageModel {
  const begin = async (options: CallOptions) => {
    const { request, warnings } = toRequest(options, modelId);
    const { abortSignal: signal } = options;
    signal?.throwIfAborted();
    return { parts: partsOf((await find()).generate(request, signal ? { signal } : {})), warnings };
  };

  return {
    specificationVersion: 'v3',
    provider: 'oriel',
    modelId: modelId ?? 'default',
    // AI SDK loads what is named by an address itself, as the page may.
    supportedUrls: {},

    async doGenerate(options) {
      const { parts, warnings } = await begin(options);
      const content: ModelContent[] = [];
      let [model, finishReason, usage] = ['', toFinish('other'), toUsage(undefined)];
      for await (const part of parts) {
        switch (part.type) {
          case 'start':
            model = part.model;
            warnings.push(...part.warnings.map(toWarning));
            break;
          case 'usage':
            usage = toUsage(part.usage);
            break;
          case 'finish':
            finishReason = toFinish(part.reason);
            break;
          default:
            addTo(content, part);
        }
      }
      return { content, finishReason, usage, warnings, response: { modelId: model } };
    },

    async doStream(options) {
      const { parts, warnings } = await begin(options);
      const source = toStreamParts(parts, warnings);
      const stream = new ReadableStream<ModelStreamPart>({
        async pull(controller) {
          const { done, value } = await source.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: async () => void (await source.return()),
      });
      return { stream };
    },
  };
}

type Piece = Extract<AnswerPart, { type: 'text-delta' | 'reasoning-delta' | 'tool-call' }>;

function addTo(content: ModelContent[], part: Piece): void {
  if (part.type === 'tool-call') {
    content.push(toCall(part));
    return;
  }
  const type = part.type === 'text-delta' ? 'text' : 'reasoning';
  const last = content.at(-1);
  if (last?.type === type) last.text += part.text;
  else content.push({ type, text: part.text });
}

const toCall = ({ id, name, arguments: input }: Extract<AnswerPart, { type: 'tool-call' }>) => ({
  type: 'tool-call' as const,
  toolCallId: id,
  toolName: name,
  input,
});

/** Text and thoughts come in blocks that begin and end; a block ends where another kind of part follows. */
async function* toStreamParts(parts: AsyncIterable<AnswerPart>, warnings: CallWarning[]): AsyncGenerator<ModelStreamPart, void> {
  let block: { readonly kind: 'text' | 'reasoning'; readonly id: string } | undefined;
  let count = 0;
  let usage: Usage | undefined;
  let reason: FinishReason = 'other';
  const end = (): ModelStreamPart[] => {
    const ended = block;
    block = undefined;
    return ended ? [{ type: `${ended.kind}-end`, id: ended.id }] : [];
  };
  try {
    for await (const part of parts) {
      switch (part.type) {
        case 'start':
          yield { type: 'stream-start', warnings: [...warnings, ...part.warnings.map(toWarning)] };
          yield { type: 'response-metadata', modelId: part.model };
          break;
        case 'text-delta':
        case 'reasoning-delta': {
          const kind = part.type === 'text-delta' ? 'text' : 'reasoning';
          if (block?.kind !== kind) {
            yield* end();
            count += 1;
            block = { kind, id: String(count) };
            yield { type: `${kind}-start`, id: block.id };
          }
          yield { type: `${kind}-delta`, id: block.id, delta: part.text };
          break;
        }
        case 'tool-call':
          yield* end();
          yield { type: 'tool-input-start', id: part.id, toolName: part.name };
          yield { type: 'tool-input-delta', id: part.id, delta: part.arguments };
          yield { type: 'tool-input-end', id: part.id };
          yield toCall(part);
          break;
        case 'usage':
          usage = part.usage;
          break;
        case 'finish':
          reason = part.reason;
      }
    }
  } catch (error) {
    // AI SDK tells an abort by its signal where the stream fails.
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    yield { type: 'error', error };
    yield { type: 'finish', usage: toUsage(usage), finishReason: { unified: 'error', raw: undefined } };
    return;
  }
  yield* end();
  yield { type: 'finish', usage: toUsage(usage), finishReason: toFinish(reason) };
}

const toFinish = (reason: FinishReason): ModelFinish => ({ unified: reason === 'aborted' ? 'other' : reason, raw: reason });

const minus = (all: number | undefined, ...parts: (number | undefined)[]) =>
  all === undefined ? undefined : parts.reduce<number>((left, part) => left - (part ?? 0), all);

function toUsage(usage: Usage | undefined): ModelUsage {
  const { inputTokens, outputTokens, reasoningTokens, cachedTokens, cacheWriteTokens } = usage ?? {};
  return {
    inputTokens: {
      total: inputTokens,
      noCache: minus(inputTokens, cachedTokens, cacheWriteTokens),
      cacheRead: cachedTokens,
      cacheWrite: cacheWriteTokens,
    },
    outputTokens: { total: outputTokens, text: minus(outputTokens, reasoningTokens), reasoning: reasoningTokens },
  };
}

function toWarning(warning: Warning): CallWarning {
  switch (warning.type) {
    case 'parameter-dropped':
      return { type: 'unsupported', feature: warning.parameter };
    case 'value-limited': {
      const { parameter, asked, sent } = warning;
      return { type: 'unsupported', feature: parameter, details: `The model does not take ${asked}; ${sent} was sent.` };
    }
    case 'model-replaced':
      return { type: 'other', message: `The visitor’s own choice answers instead of ${warning.asked}.` };
    case 'history-cut':
      return { type: 'other', message: `The ${warning.messages} oldest messages did not fit into the context.` };
  }
}
