/** Owns the body of a KoboldCPP generation: the chat as memory and prompt, cut to the context by the server's own count, and its samplers. */

import { backendError } from '../../protocol/errors';
import type { GenerateRequest, Warning } from '../../protocol/generate';
import { limits } from '../../protocol/limits';
import type { CommonSampler, EngineSampler, ModelSettings } from '../../protocol/model-settings';
import { limited } from '../samplers';
import { chatTemplates } from '../templates/chat-templates';
import { chooseTemplate } from '../templates/choose-template';
import { writeChat } from '../templates/write-chat';
import { droppedSamplers, isAtLeast } from './kobold';

export interface KoboldCppServer {
  /** Its own, `1.102` for example. */
  readonly version: string;
  readonly model: string;
  readonly contextTokens: number | undefined;
  /** It has a projector for images. */
  readonly vision: boolean;
  /** In Jinja, where it shows one. */
  readonly template: string | undefined;
}

/** What the server is asked while the request is built. */
export interface KoboldCppHelp {
  readonly countTokens: (text: string) => Promise<number>;
  /** GBNF. Throws AiError `not-supported`. */
  readonly grammarOf: (schema: Readonly<Record<string, unknown>>) => Promise<string>;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

export interface KoboldCppRequest {
  readonly body: Readonly<Record<string, unknown>>;
  readonly genkey: string;
  readonly seed: number;
  readonly length: number;
  readonly warnings: readonly Warning[];
  readonly stops: readonly string[];
  readonly prompt: string;
}

const usualContext = 2048;
const maxImages = 8;
/** What an image takes of the context, which the server does not tell; the larger projectors need as much. */
const imageTokens = 1024;

/** Its names for samplers (KoboldCPP's API reference), with the version that brought them where older ones are still about. */
export const samplers: readonly (readonly [name: CommonSampler | EngineSampler, wire: string, since?: readonly number[]])[] = [
  ['temperature', 'temperature'],
  ['topP', 'top_p'],
  ['topK', 'top_k'],
  ['minP', 'min_p', [1, 48]],
  ['repetitionPenalty', 'rep_pen'],
  ['presencePenalty', 'presence_penalty'],
  ['typicalP', 'typical'],
  ['topA', 'top_a'],
  ['tfs', 'tfs'],
  ['topNSigma', 'nsigma'],
  ['repetitionRange', 'rep_pen_range'],
  ['repetitionSlope', 'rep_pen_slope'],
  ['mirostatMode', 'mirostat', [1, 35]],
  ['mirostatTau', 'mirostat_tau', [1, 35]],
  ['mirostatEta', 'mirostat_eta', [1, 35]],
  ['dryMultiplier', 'dry_multiplier'],
  ['dryBase', 'dry_base'],
  ['dryAllowedLength', 'dry_allowed_length'],
  ['dryRange', 'dry_penalty_last_n'],
  ['xtcThreshold', 'xtc_threshold'],
  ['xtcProbability', 'xtc_probability'],
  ['dynatempRange', 'dynatemp_range'],
  ['dynatempExponent', 'dynatemp_exponent'],
  ['smoothingFactor', 'smoothing_factor'],
  ['smoothingCurve', 'smoothing_curve'],
];

/**
 * The request for `POST /api/extra/generate/stream` and `POST /api/v1/generate`, which take the same.
 * @throws AiError `not-supported` for what this server cannot read, `context-length`
 */
export async function buildKoboldCppRequest(
  request: GenerateRequest,
  server: KoboldCppServer,
  settings: ModelSettings,
  help: KoboldCppHelp,
): Promise<KoboldCppRequest> {
  const template = chatTemplates[chooseTemplate(server.model, settings.template, server.template)];
  const { images, messages } = takeImages(request, server);
  const { context, length } = sizesOf(request, server, settings);
  const tokens = context - length - images.length * imageTokens;
  const { system, prompt, left } = await writeChat(messages, template, {
    tokens,
    // No token is less than a byte, so that most chats need no count by the server.
    count: (text) => {
      const bytes = new TextEncoder().encode(text).length + 1;
      return bytes <= tokens ? bytes : help.countTokens(text);
    },
  });
  const { responseFormat } = request;
  const grammar = responseFormat?.type === 'json-schema' ? await help.grammarOf(responseFormat.schema) : undefined;
  const stops = [...new Set([...template.stop, ...(request.stop ?? []), ...(settings.stop ?? [])])].filter((stop) => stop !== '');
  const known = samplers.filter(([, , since]) => since === undefined || isAtLeast(server.version, since));
  const isReplaced = request.model !== undefined && request.model !== server.model;
  const seed = seedOf(request.seed, help.random());
  const genkey = `KCPP${Math.floor(help.random() * 1e12)}`;
  return {
    genkey,
    seed,
    length,
    stops,
    prompt: system + prompt,
    warnings: [
      ...(isReplaced ? [{ type: 'model-replaced', asked: request.model } as const] : []),
      ...droppedSamplers(request, new Set(['seed', ...known.map(([name]) => name)])),
      ...limited('maxOutputTokens', request.maxOutputTokens, length),
      ...(left > 0 ? [{ type: 'history-cut', messages: left } as const] : []),
    ],
    body: {
      // The server cuts at the front of what is too long, but never the memory.
      memory: system,
      prompt,
      max_context_length: context,
      max_length: length,
      ...samplerFields(request, known),
      sampler_seed: seed,
      stop_sequence: stops,
      trim_stop: true,
      genkey,
      // A text that speaks of its placeholders is no template.
      replace_instruct_placeholders: false,
      quiet: true,
      ...(grammar !== undefined && { grammar }),
      ...(images.length > 0 && { images }),
    },
  };
}

/** The server keeps a fifth of the context for the prompt whatever is asked. */
function sizesOf({ maxOutputTokens }: GenerateRequest, { contextTokens }: KoboldCppServer, settings: ModelSettings) {
  const loaded = contextTokens ?? settings.contextTokens ?? usualContext;
  const context = Math.min(settings.contextTokens ?? loaded, loaded);
  const wanted = maxOutputTokens ?? settings.maxOutputTokens ?? limits.answerTokens;
  const most = Math.floor(maxOutputTokens === undefined ? context / 2 : context * 0.8);
  return { context, length: Math.max(1, Math.min(wanted, most)) };
}

/** Images lie beside the text, as base64 without a type. */
function takeImages({ messages }: GenerateRequest, { vision }: KoboldCppServer) {
  const images = messages.flatMap(({ content }) => content.flatMap((part) => (part.type === 'image' ? [part.data] : [])));
  if (images.length > maxImages || (images.length > 0 && !vision))
    throw backendError('not-supported', 'This server takes no images, or not so many.', { field: 'messages' });
  const texts = messages.map((message) => ({ ...message, content: message.content.filter(({ type }) => type !== 'image') }));
  return { images, messages: texts };
}

/** Always one of ours, by which the server's statistics are told from those of another's generation. 0 would mean a random one. */
const seedOf = (asked: number | undefined, random: number): number =>
  asked === undefined ? 1 + Math.floor(random * 0x7ffffffe) : Math.abs(asked) % 0x7fffffff || 0x7fffffff;

function samplerFields(request: GenerateRequest, known: typeof samplers): Readonly<Record<string, unknown>> {
  const asked = { ...request.samplers, ...request };
  return Object.fromEntries(known.filter(([name]) => asked[name] !== undefined).map(([name, wire]) => [wire, asked[name]]));
}
