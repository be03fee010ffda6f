/**
 * What a web page may ask, and the schema that everything from a page passes first. The table is closed: what is not here does not exist.
 *
 * | operation       | answers with                  | asks the person                    | before a permission                     |
 * |-----------------|-------------------------------|------------------------------------|-----------------------------------------|
 * | `generate`      | StreamParts, then nothing     | where the site may not             | the card                                |
 * | `connect`       | `SiteCapabilities`            | where the site may not             | the card                                |
 * | `capabilities`  | `SiteCapabilities`            | never                              | `{ state: 'ask' }`, whatever there is   |
 * | `models`        | `PageModel[]`                 | never                              | one entry, `default`, with nothing else |
 * | `measure`       | `Measure`                     | never                              | an estimate                             |
 * | `embed`         | `Embeddings`                  | where the site may not             | the card                                |
 * | `openai`        | `WireAnswer`, or a stream     | as what it stands for              | as what it stands for                   |
 * | `current-model` | a name                        | never                              | `default`                               |
 * | `language-model`| `PromptApiState`              | never                              | `{ state: 'ask' }`, and the person's word who answers |
 *
 * `session` names one session of a `LanguageModel` in its document: **Only this request** holds for that session.
 */

import * as v from 'valibot';
import type { ClientFrame } from './channel';
import type { Capability, EmbedRequest, GenerateRequest, Modality } from './generate';
import { toRequestId } from './ids';
import { limits } from './limits';
import { embedRequest, generateRequest, measuredFields, wishList } from './request-inputs';
import type { Scope, Wish } from './scopes';
import type { PromptApiAnswerer } from './site-rules';

export type PageRequest = Omit<GenerateRequest, 'samplers'>;

export type PageCall =
  | { readonly type: 'generate'; readonly request: PageRequest; readonly session?: string | undefined }
  /** Asks for a permission without asking for an answer: text, and what is named beside it. */
  | { readonly type: 'connect'; readonly scopes: readonly Wish[]; readonly session?: string | undefined }
  /** What the site may do, and what the model that would answer it can do. */
  | { readonly type: 'capabilities'; readonly session?: string | undefined }
  /** What the site may name as its `model`. */
  | { readonly type: 'models' }
  | { readonly type: 'embed'; readonly request: EmbedRequest }
  /**
   * A request to OpenAI's API, which stands for one of the others. `endpoint` is its method and path (`POST /chat/completions`). What
   * streams comes as the text of `text-delta` parts.
   */
  | { readonly type: 'openai'; readonly endpoint: string; readonly body: string }
  /** How many tokens it would be, without the answer. */
  | ({ readonly type: 'measure' } & Pick<PageRequest, 'messages' | 'tools' | 'responseFormat'>)
  /** The name of the active model. */
  | { readonly type: 'current-model' }
  /** Who answers the site's `LanguageModel`. */
  | { readonly type: 'language-model' };

/** What a site learns of a model: neither its price nor who runs it. Absent means unknown, and without `models.read` rounded or untold. */
export interface PageModel {
  /** `default` where the site may not know it. */
  readonly id: string;
  readonly contextTokens?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly inputs?: readonly Modality[] | undefined;
  readonly capabilities?: readonly Capability[] | undefined;
}

/** `ask`: the next call opens a card, or is refused; which of the two is not told. */
export type SiteCapabilities =
  | { readonly state: 'ask' }
  | { readonly state: 'allowed'; readonly scopes: readonly Scope[]; readonly model: PageModel };

export interface PromptApiState {
  /** Where the person said so: else the browser's own model, where it can be used, and Oriel where not. */
  readonly by?: PromptApiAnswerer | undefined;
  readonly site: SiteCapabilities;
}

export interface Measure {
  readonly tokens: number;
  /** Counted by the rule of thumb, not by the model. */
  readonly estimated: boolean;
}

/** Pushed to documents with a grant only, and to those that have just lost theirs. */
export type PageEvent =
  | { readonly type: 'model-changed'; readonly model: string }
  | { readonly type: 'permission-changed'; readonly permission: SiteCapabilities }
  /** The person said who answers the site's `LanguageModel`. */
  | { readonly type: 'language-model-changed' };

const requestId = v.pipe(v.string(), v.minLength(1), v.maxLength(limits.idChars), v.transform(toRequestId));
const session = v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(limits.idChars)));

const pageCall = v.variant('type', [
  v.strictObject({ type: v.literal('generate'), request: generateRequest, session }),
  v.strictObject({ type: v.literal('connect'), scopes: wishList, session }),
  v.strictObject({ type: v.literal('capabilities'), session }),
  v.strictObject({ type: v.literal('models') }),
  v.strictObject({ type: v.literal('measure'), ...measuredFields }),
  v.strictObject({ type: v.literal('embed'), request: embedRequest }),
  v.strictObject({
    type: v.literal('openai'),
    endpoint: v.pipe(v.string(), v.maxLength(limits.endpointChars)),
    body: v.pipe(v.string(), v.maxLength(limits.bodyChars)),
  }),
  v.strictObject({ type: v.literal('current-model') }),
  v.strictObject({ type: v.literal('language-model') }),
]);

/** A call as fresh objects, or which field of its request is wrong; empty where no field is. */
export function parsePageCall(call: unknown): { readonly call: PageCall } | { readonly wrong: string } {
  const result = v.safeParse(pageCall, call, { abortEarly: true });
  if (result.success) return { call: result.output };
  return { wrong: String(result.issues[0].path?.[1]?.key ?? '') };
}

const version = v.literal(1);

/** The frames of any channel around the calls of one. */
export const frameOf = <Call extends v.GenericSchema>(call: Call) =>
  v.variant('type', [
    v.strictObject({ v: version, type: v.literal('request'), id: requestId, call, activated: v.boolean() }),
    v.strictObject({ v: version, type: v.literal('abort'), id: requestId }),
    v.strictObject({
      v: version,
      type: v.literal('taken'),
      id: requestId,
      chars: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    }),
    v.strictObject({ v: version, type: v.literal('ping') }),
  ]);

const pageFrame = frameOf(pageCall);

/** A frame of a page as fresh objects with known keys, or undefined where anything about it is wrong. */
export function parsePageFrame(message: unknown): ClientFrame<PageCall> | undefined {
  // The first issue is enough: to list those of a million wrong messages takes seconds.
  const result = v.safeParse(pageFrame, message, { abortEarly: true });
  return result.success ? result.output : undefined;
}
