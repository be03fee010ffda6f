/** Owns what AI Horde is sent for one completion: a chat written as text, within what its workers take. */

import { backendError } from '../../protocol/errors';
import type { Connection, GenerateRequest, ModelInfo, Warning } from '../../protocol/generate';
import { settingsOf } from '../../protocol/model-settings';
import { limited, type SamplerNames, type SamplerRanges, toWireSamplers, within } from '../samplers';
import { chatTemplates } from '../templates/chat-templates';
import { chooseTemplate } from '../templates/choose-template';
import { estimateTokens, writeChat } from '../templates/write-chat';

/** Whichever model a worker has. */
export const anyModel = 'any';

export interface HordeRequest {
  readonly body: Readonly<Record<string, unknown>>;
  readonly stop: readonly string[];
  readonly warnings: readonly Warning[];
  /** The answer goes on with the assistant's own words, a blank at its beginning included. */
  readonly isContinued: boolean;
  /** Estimated. */
  readonly inputTokens: number;
}

const samplerNames: SamplerNames = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  minP: 'min_p',
  topA: 'top_a',
  typicalP: 'typical',
  tfs: 'tfs',
  repetitionPenalty: 'rep_pen',
  repetitionRange: 'rep_pen_range',
  repetitionSlope: 'rep_pen_slope',
  smoothingFactor: 'smoothing_factor',
  dynatempRange: 'dynatemp_range',
  dynatempExponent: 'dynatemp_exponent',
};

/** One value outside of these and the whole request is refused (backends/local.md §4.1). */
const ranges: SamplerRanges = {
  temperature: [0, 5],
  topP: [0.001, 1],
  topK: [0, 200],
  minP: [0, 1],
  topA: [0, 1],
  typicalP: [0, 1],
  tfs: [0, 1],
  repetitionPenalty: [1, 3],
  repetitionRange: [0, 4096],
  repetitionSlope: [0, 10],
  smoothingFactor: [0, 10],
  dynatempRange: [0, 5],
  dynatempExponent: [0, 5],
};
const answerRange = [16, 4096] as const;
const contextRange = [80, 1_048_576] as const;
const leastContext = 2048;
/** What most workers serve, where the list was not asked. Dated: November 2026. */
const usual = { contextTokens: 8192, maxOutputTokens: 512 } as const;
/** More than this can ask for kudos that nobody without a key has. */
const defaultAnswer = 256;
const most = { answers: 20, stops: 128, stopChars: 2000, workers: 5 } as const;

/**
 * The body of `POST /generate/text/async`.
 * @param known what the list said of the model
 * @throws AiError `not-supported` for what is no text, `context-length`
 */
export async function buildHordeRequest(
  request: GenerateRequest,
  connection: Connection,
  known: ModelInfo | undefined,
): Promise<HordeRequest> {
  refuseUnsupported(request);
  const { model = anyModel, messages, outputs = 1, maxOutputTokens = defaultAnswer } = request;
  const { contextTokens = Number.POSITIVE_INFINITY, template } = settingsOf(connection, model);
  const served = known?.contextTokens ?? (Number.isFinite(contextTokens) ? contextTokens : usual.contextTokens);
  const room = within(Math.min(contextTokens, served), contextRange);
  const longest = Math.min(known?.maxOutputTokens ?? usual.maxOutputTokens, Math.floor(room / 2));
  const maxLength = within(Math.min(maxOutputTokens, longest), answerRange);
  const format = chatTemplates[model === anyModel ? (template ?? 'alpaca') : chooseTemplate(model, template)];
  const { system, prompt, left } = await writeChat(messages, format, { tokens: Math.max(1, room - maxLength) });
  const text = system + prompt;
  const inputTokens = estimateTokens(text);
  const samplers = toWireSamplers(request, samplerNames, ranges);
  const stop = [...new Set([...format.stop, ...(request.stop ?? [])])];
  return {
    body: {
      prompt: text,
      params: {
        n: Math.min(outputs, most.answers),
        max_length: maxLength,
        max_context_length: contextFor(inputTokens + maxLength, room),
        stop_sequence: sentStops(stop),
        ...samplers.fields,
      },
      models: model === anyModel ? [] : [model],
      // Rather a shorter answer than none.
      allow_downgrade: true,
      ...workersOf(connection),
    },
    stop,
    warnings: [
      ...(left > 0 ? [{ type: 'history-cut' as const, messages: left }] : []),
      ...samplers.warnings,
      ...limited('maxOutputTokens', request.maxOutputTokens, maxLength),
      ...(request.reasoningEffort === undefined ? [] : [{ type: 'parameter-dropped' as const, parameter: 'reasoningEffort' }]),
    ],
    isContinued: messages.at(-1)?.role === 'assistant',
    inputTokens,
  };
}

function refuseUnsupported({ tools = [], responseFormat }: GenerateRequest): void {
  const field = tools.length > 0 ? 'tools' : responseFormat?.type === 'json-schema' && 'responseFormat';
  if (field) throw backendError('not-supported', 'AI Horde only continues text.', { field });
}

/** Doubled until it is enough: with each doubling fewer workers can serve it and each token costs more. */
function contextFor(needed: number, room: number): number {
  let context = leastContext;
  while (context < needed) context *= 2;
  return Math.min(context, room);
}

/** As many as the API takes; all of them are cut at on our side. */
function sentStops(stop: readonly string[]): readonly string[] {
  let chars = 0;
  return stop
    .filter((one) => {
      const fits = chars + one.length <= most.stopChars;
      if (fits) chars += one.length;
      return fits;
    })
    .slice(0, most.stops);
}

/** The person's choice among the volunteers. */
function workersOf({ options: { vendor = {} } = {} }: Connection) {
  const { trustedWorkers, fastWorkersOnly, workers, workerBlacklist } = vendor;
  const ids = Array.isArray(workers) ? workers.slice(0, most.workers) : [];
  return {
    trusted_workers: trustedWorkers === true,
    slow_workers: fastWorkersOnly !== true,
    ...(ids.length > 0 && { workers: ids, worker_blacklist: workerBlacklist === true }),
  };
}
