/** Owns the dialect of the browser's own model, by the web's Prompt API as extensions have it. It knows text, and answers one question of a session. */

import { AiError, backendError } from '../../protocol/errors';
import type { GenerateRequest, Message, StreamPart, Warning } from '../../protocol/generate';
import { tokensOfText } from '../../protocol/token-estimate';
import type { BrowserModel, BrowserModelMessage, Provider, ProviderContext } from '../provider';
import { repeatOutputs } from '../repeat-outputs';
import { toWireSamplers, unlessNeutral } from '../samplers';
import { createStopCutter } from '../stop-sequences';

/** A provider over `context.browserModel` (W3C Prompt API, LanguageModel). */
export function createBrowserModel({ browserModel }: Pick<ProviderContext, 'browserModel'>): Provider {
  async function open(): Promise<BrowserModel> {
    const model = browserModel?.();
    const availability = (await model?.availability()) ?? 'unavailable';
    if (model && availability === 'available') return model;
    // A download needs a click in a page of the browser's own; the background has none.
    throw backendError(
      'no-model',
      availability === 'unavailable' ? 'This browser has no model.' : 'The model is not downloaded yet.',
      {
        detail: availability,
      },
    );
  }

  async function* generateOnce(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<StreamPart, void, undefined> {
    const model = await open();
    const messages = request.messages.map(toWireMessage);
    const last = messages.at(-1);
    if (last === undefined) throw new AiError('invalid-request', 'There is nothing to answer.', { field: 'messages' });
    const { samplers, warnings } = samplersOf(request);
    const session = await model.create({ initialPrompts: messages.slice(0, -1), ...samplers, signal });
    const cutter = createStopCutter(request.stop ?? []);
    const most = request.maxOutputTokens ?? Number.POSITIVE_INFINITY;
    let said = '';
    const deltas = (text: string): StreamPart[] => {
      said += text;
      return text === '' ? [] : [{ type: 'text-delta', text }];
    };
    try {
      const format = request.responseFormat;
      const constraint = format?.type === 'json-schema' && { responseConstraint: format.schema };
      const reader = session.promptStreaming([last], { signal, ...constraint }).getReader();
      yield { type: 'start', model: modelId, warnings };
      let isLong = false;
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        yield* deltas(cutter.push(read.value));
        isLong = tokensOfText(said) >= most;
        if (cutter.stopped || isLong) break;
      }
      if (cutter.stopped || isLong) await reader.cancel();
      yield* deltas(cutter.end());
      const counts = {
        inputTokens: Math.ceil(tokensOfText(JSON.stringify(messages))),
        outputTokens: Math.ceil(tokensOfText(said)),
      };
      yield { type: 'usage', usage: { ...counts, estimated: true } };
      yield { type: 'finish', reason: isLong ? 'length' : 'stop' };
    } finally {
      session.destroy();
    }
  }

  const generateKnown: Provider['generate'] = async function* (request, signal) {
    try {
      signal.throwIfAborted();
      yield* generateOnce(request, signal);
    } catch (error) {
      throw signal.aborted ? new AiError('aborted', 'The request was aborted.', { cause: error }) : toModelError(error);
    }
  };

  return {
    async models() {
      await open();
      return [{ id: modelId, name: 'The browser’s own model', inputs: ['text'], capabilities: ['json-schema'], loaded: true }];
    },
    async *generate(request, signal) {
      if ((request.tools ?? []).length > 0) throw unsupported('tools');
      yield* repeatOutputs(generateKnown, request, signal);
    },
  };
}

/** The API does not say which model it is. */
const modelId = 'browser';

const unsupported = (field: string) => backendError('not-supported', 'The browser’s model takes text only.', { field });

function toWireMessage({ role, content }: Message): BrowserModelMessage {
  const odd = content.find(({ type }) => type !== 'text' && type !== 'reasoning');
  if (odd || role === 'tool') throw unsupported('messages');
  return { role, content: content.flatMap((part) => (part.type === 'text' ? part.text : [])).join('\n') };
}

/** It takes temperature and top-k, and only both together. */
function samplersOf(request: GenerateRequest): {
  samplers: { temperature?: number; topK?: number };
  warnings: readonly Warning[];
} {
  const { temperature } = request;
  const topK = unlessNeutral('topK', request);
  if (temperature !== undefined && topK !== undefined) {
    const { warnings } = toWireSamplers(request, { temperature: 'temperature', topK: 'topK' });
    return { samplers: { temperature, topK }, warnings };
  }
  return { samplers: {}, warnings: toWireSamplers(request, {}).warnings };
}

function toModelError(error: unknown): AiError {
  if (error instanceof AiError) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const fault = name === 'QuotaExceededError' ? 'context-length' : name === 'NotSupportedError' ? 'not-supported' : 'engine';
  return backendError(fault, 'The browser’s model failed.', { cause: error, detail: `${name}: ${message}` });
}
