/** Owns the body of a KoboldAI generation: only the keys that the server's version knows, and every sampler with a value of ours. */

import type { GenerateRequest, Warning } from '../../protocol/generate';
import type { CommonSampler, EngineSampler, ModelSettings } from '../../protocol/model-settings';
import { limited, limitedSamplers, type SamplerRanges, within } from '../samplers';
import { type ChatTemplate, chatTemplates } from '../templates/chat-templates';
import { chooseTemplate } from '../templates/choose-template';
import { writeChat } from '../templates/write-chat';
import { droppedSamplers, isAtLeast } from './kobold';

export interface KoboldAiServer {
  /** Of its API, `1.2.5` for example. */
  readonly version: string;
  readonly model: string;
  /** The slider of its own page. */
  readonly contextTokens: number | undefined;
}

export interface KoboldAiRequest {
  readonly body: Readonly<Record<string, unknown>>;
  readonly warnings: readonly Warning[];
  readonly stops: readonly string[];
  readonly prompt: string;
}

/** More than these outputs are another request. */
export const outputsAtOnce = 5;

/** Used where nobody limits the answer: nothing can stop a generation, and each token of it holds up the owner. */
const usualLength = 512;
const usualContext = 2048;
/** Version 1.2.2 took no more. */
const maxStops = 10;

interface Sampler {
  readonly name: CommonSampler | EngineSampler;
  readonly wire: string;
  /** Sent where nothing is asked: what is missing takes the value of the owner's slider. */
  readonly neutral: number;
  readonly range: readonly [least: number, most: number];
}

const boundless = Number.POSITIVE_INFINITY;

/** Values outside of these bounds are refused by the server (KoboldAI's API reference, GenerationInputSchema). */
const samplers: readonly Sampler[] = [
  { name: 'temperature', wire: 'temperature', neutral: 1, range: [0.01, boundless] },
  { name: 'topP', wire: 'top_p', neutral: 1, range: [0, 1] },
  { name: 'topK', wire: 'top_k', neutral: 0, range: [0, boundless] },
  { name: 'topA', wire: 'top_a', neutral: 0, range: [0, boundless] },
  { name: 'tfs', wire: 'tfs', neutral: 1, range: [0, 1] },
  { name: 'typicalP', wire: 'typical', neutral: 1, range: [0, 1] },
  { name: 'repetitionPenalty', wire: 'rep_pen', neutral: 1, range: [1, boundless] },
  { name: 'repetitionRange', wire: 'rep_pen_range', neutral: 0, range: [0, boundless] },
  { name: 'repetitionSlope', wire: 'rep_pen_slope', neutral: 0, range: [0, boundless] },
];
const ranges: SamplerRanges = Object.fromEntries(samplers.map(({ name, range }) => [name, range]));
const taken: ReadonlySet<string> = new Set(['seed', ...samplers.map(({ name }) => name)]);

/** Before 1.2.4 the end-of-text token was always banned, so that only the limit ends an answer. */
export const bansEnd = (version: string): boolean => !isAtLeast(version, [1, 2, 4]);

/**
 * The request for `POST /api/v1/generate`, without `n` and the seed.
 * @throws AiError `not-supported` for what is no text, `context-length`
 */
export async function buildKoboldAiRequest(
  request: GenerateRequest,
  server: KoboldAiServer,
  settings: ModelSettings,
): Promise<KoboldAiRequest> {
  const template: ChatTemplate = chatTemplates[chooseTemplate(server.model, settings.template)];
  const { context, length } = sizesOf(request, server, settings);
  const { system, prompt, left } = await writeChat(request.messages, template, { tokens: context - length });
  const stops = [...new Set([...template.stop, ...(request.stop ?? []), ...(settings.stop ?? [])])].filter((stop) => stop !== '');
  const isReplaced = request.model !== undefined && request.model !== server.model;
  return {
    prompt: system + prompt,
    stops,
    warnings: [
      ...(isReplaced ? [{ type: 'model-replaced', asked: request.model } as const] : []),
      ...droppedSamplers(request, taken),
      ...limitedSamplers({ ...request, temperature: request.temperature || undefined }, ranges),
      ...limited('maxOutputTokens', request.maxOutputTokens, length),
      ...(left > 0 ? [{ type: 'history-cut', messages: left } as const] : []),
    ],
    body: {
      prompt: system + prompt,
      max_context_length: context,
      max_length: length,
      ...samplerFields(request),
      quiet: true,
      ...(isAtLeast(server.version, [1, 2, 2]) && { stop_sequence: stops.slice(0, maxStops) }),
      ...(!bansEnd(server.version) && { use_default_badwordsids: false }),
    },
  };
}

/** The Client refuses more than 512 tokens of answer and 2048 of context, United does not. */
function sizesOf({ maxOutputTokens }: GenerateRequest, { version, contextTokens }: KoboldAiServer, settings: ModelSettings) {
  const isClient = !isAtLeast(version, [1, 2, 2]);
  const asked = settings.contextTokens ?? contextTokens ?? usualContext;
  const context = isClient ? Math.min(2048, Math.max(512, asked)) : asked;
  const wanted = maxOutputTokens ?? settings.maxOutputTokens ?? usualLength;
  const most = Math.floor(maxOutputTokens === undefined ? context / 2 : context * 0.8);
  return { context, length: Math.max(1, Math.min(wanted, most, isClient ? 512 : wanted)) };
}

function samplerFields(request: GenerateRequest): Readonly<Record<string, unknown>> {
  const asked = { ...request.samplers, ...request };
  const values = samplers.map(({ name, wire, neutral, range }) => [wire, within(asked[name] ?? neutral, range)] as const);
  // A temperature of 0 is refused; the likeliest token alone is what it means.
  const isGreedy = request.temperature === 0;
  return { ...Object.fromEntries(values), ...(isGreedy && { top_k: 1 }), sampler_order: [6, 0, 1, 2, 3, 4, 5] };
}
