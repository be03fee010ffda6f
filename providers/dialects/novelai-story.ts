/** Owns NovelAI's older API, whose models continue stories: a chat is written as one, and stop sequences are cut here, since the API wants tokens. */

import * as v from 'valibot';
import { backendError } from '../../protocol/errors';
import type { GenerateRequest, Message, ModelInfo, StreamPart, Warning } from '../../protocol/generate';
import {
  type CommonSampler,
  type EngineSampler,
  isNeutral,
  type ModelSettings,
  templateIds,
} from '../../protocol/model-settings';
import { tokensOfText } from '../../protocol/token-estimate';
import { toBackendError } from '../backend-failure';
import type { Answer } from '../http';
import { type SamplerNames, toWireSamplers } from '../samplers';
import { readSse } from '../sse';
import { createStopCutter } from '../stop-sequences';
import { chatTemplates } from '../templates/chat-templates';
import { writeChat } from '../templates/write-chat';
import { parseChunk } from './novelai-chat';

/** Dated: November 2026. */
const models: readonly {
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly opening?: string;
  readonly most?: number;
}[] = [
  {
    id: 'llama-3-erato-v1',
    name: 'Erato',
    host: 'https://text.novelai.net',
    opening: '<|startoftext|><|reserved_special_token81|>',
  },
  { id: 'kayra-v1', name: 'Kayra', host: 'https://text.novelai.net' },
  { id: 'clio-v1', name: 'Clio', host: 'https://api.novelai.net', most: 150 },
];
const opus = 3;
const scroll = 2;

export const isStoryteller = (model: string | undefined): boolean => models.some(({ id }) => id === model);

/** What they take depends on the account's tier (0 Paper, 1 Tablet, 2 Scroll, 3 Opus). */
export const storytellers = (tier: number): readonly ModelInfo[] =>
  models.map(({ id, name, most = Number.POSITIVE_INFINITY }) => ({
    id,
    name,
    contextTokens: tier >= scroll ? 8192 : 4096,
    maxOutputTokens: Math.min(most, tier >= opus ? 250 : 150),
    inputs: ['text'],
  }));

export interface Story {
  readonly url: string;
  readonly model: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly stop: readonly string[];
  readonly warnings: readonly Warning[];
  readonly maxTokens: number;
  readonly inputTokens: number;
}

const samplerNames: SamplerNames = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  minP: 'min_p',
  typicalP: 'typical_p',
  topA: 'top_a',
  tfs: 'tail_free_sampling',
  repetitionPenalty: 'repetition_penalty',
  repetitionRange: 'repetition_penalty_range',
  repetitionSlope: 'repetition_penalty_slope',
  frequencyPenalty: 'repetition_penalty_frequency',
  presencePenalty: 'repetition_penalty_presence',
  mirostatTau: 'mirostat_tau',
  mirostatEta: 'mirostat_lr',
};
/** A sampler that is not in `order` is off. */
const orderNumbers: readonly (readonly [field: string, number: number])[] = [
  ['temperature', 0],
  ['top_k', 1],
  ['top_p', 2],
  ['tail_free_sampling', 3],
  ['top_a', 4],
  ['typical_p', 5],
  ['mirostat_tau', 8],
  ['min_p', 10],
];
/** 0 of these is not "off" but an unknown error. */
const omittedAtZero: readonly (CommonSampler | EngineSampler)[] = ['repetitionSlope', 'repetitionRange'];
/** Every account has it; what a tier allows beyond it, the model list tells. */
const defaultContext = 4096;
const defaultAnswer = 150;

/** The body of `POST {host}/ai/generate-stream`. */
export async function buildStory(
  request: GenerateRequest,
  { contextTokens = defaultContext, template }: ModelSettings,
): Promise<Story> {
  const model = models.find(({ id }) => id === request.model);
  if (!model) throw backendError('model-not-found', 'NovelAI has no such model.');
  const format = chatTemplates[template ?? templateIds[0]];
  const maxTokens = request.maxOutputTokens ?? defaultAnswer;
  const { system, prompt, left } = await writeChat(request.messages.map(withoutBrackets), format, {
    tokens: Math.max(1, contextTokens - maxTokens - tokensOfText(style)),
  });
  const samplers = toWireSamplers(request, samplerNames);
  const { fields } = toWireSamplers(request, effectiveNames(request));
  const input = `${model.opening ?? ''}${style}${system}${prompt}`;
  const cut: Warning[] = left > 0 ? [{ type: 'history-cut', messages: left }] : [];
  return {
    url: `${model.host}/ai/generate-stream`,
    model: model.id,
    body: {
      input,
      model: model.id,
      parameters: {
        ...{ use_string: true, return_full_text: false, generate_until_sentence: false, bracket_ban: true, prefix: 'vanilla' },
        ...{ min_length: 1, max_length: maxTokens, temperature: 1, ...fields },
        order: orderNumbers.filter(([name]) => name === 'temperature' || name in fields).map(([, number]) => number),
      },
    },
    stop: [...new Set([...format.stop, ...(request.stop ?? [])])],
    warnings: [...cut, ...samplers.warnings],
    maxTokens,
    inputTokens: Math.ceil(tokensOfText(input)),
  };
}

/** "Off" is said by leaving a sampler out. */
function effectiveNames(request: GenerateRequest): SamplerNames {
  const asked = { ...request.samplers, ...request };
  const names = Object.keys(samplerNames) as (CommonSampler | EngineSampler)[];
  const effective = names.filter((name) => !isNeutral(name, asked) && !(asked[name] === 0 && omittedAtZero.includes(name)));
  return Object.fromEntries(effective.map((name) => [name, samplerNames[name]]));
}

/** Square brackets are the storyteller's own marks: this one says what kind of text follows. */
const style = '[ Style: chat ]\n';

const withoutBrackets = (message: Message): Message => ({
  ...message,
  content: message.content.map((part) => (part.type === 'text' ? { ...part, text: part.text.replace(/[[\]]/g, '') } : part)),
});

const tokenSchema = v.object({
  token: v.optional(v.string(), ''),
  final: v.optional(v.boolean(), false),
  error: v.optional(v.unknown()),
});

export async function* readStory({ body }: Answer, story: Story): AsyncIterable<StreamPart> {
  const cutter = createStopCutter(story.stop);
  let said = '';
  let isFinal = false;
  const deltas = (piece: string): StreamPart[] => {
    // The blank before the first word belongs to the format.
    const text = said === '' ? piece.replace(/^ /, '') : piece;
    said += text;
    return text === '' ? [] : [{ type: 'text-delta', text }];
  };
  let hasStarted = false;
  for await (const { data, complete } of readSse(body.read)) {
    body.progressed();
    const json = parseChunk(data, complete);
    const read = v.safeParse(tokenSchema, json);
    if (!read.success) throw backendError('malformed', 'The backend sent a token that is none.');
    // Under a status of success; the answer had begun, so that nobody tries again.
    if (read.output.error) throw toBackendError(json, { isLocal: false, shouldRetry: false });
    if (!hasStarted) yield { type: 'start', model: story.model, warnings: story.warnings };
    hasStarted = true;
    yield* deltas(cutter.push(read.output.token));
    isFinal = read.output.final;
    if (isFinal || cutter.stopped) break;
  }
  if (!isFinal && !cutter.stopped) throw backendError('interrupted', 'The answer broke off.');
  yield* deltas(cutter.end());
  const outputTokens = Math.ceil(tokensOfText(said));
  yield { type: 'usage', usage: { inputTokens: story.inputTokens, outputTokens, estimated: true } };
  // It does not say why it ended.
  yield { type: 'finish', reason: cutter.stopped ? 'stop' : outputTokens < story.maxTokens * 0.8 ? 'stop' : 'length' };
}
