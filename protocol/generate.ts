/** The neutral types of a completion: what a page asks, what a model answers. Every provider and every page dialect speaks these. */

import type { Period } from './budgets';
import type { PageError } from './errors';
import type { ConnectionId, MicroUsd } from './ids';
import type { ConnectionOptions, EngineSampler } from './model-settings';

export type Role = 'system' | 'user' | 'assistant' | 'tool';

export type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly mediaType: string /** base64 */; readonly data: string }
  | { readonly type: 'audio'; readonly mediaType: string /** base64 */; readonly data: string }
  | { readonly type: 'tool-call'; readonly id: string; readonly name: string /** JSON */; readonly arguments: string }
  | { readonly type: 'tool-result'; readonly id: string; readonly result: string }
  | { readonly type: 'reasoning'; readonly text: string };

export interface Message {
  readonly role: Role;
  readonly content: readonly Part[];
}

export interface Tool {
  readonly name: string;
  readonly description?: string | undefined;
  /** JSON Schema of the arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

export type ResponseFormat =
  | { readonly type: 'text' }
  | ({
      readonly type: 'json-schema';
      readonly schema: Readonly<Record<string, unknown>>;
      readonly name?: string | undefined;
    } & Untold)
  /** The whole answer matches it; checked by Oriel, since few backends can. */
  | ({ readonly type: 'regexp'; readonly source: string; readonly flags: string } & Untold);

interface Untold {
  /** Oriel says nothing of it to the model, which whoever asks does in words of their own; it holds all the same. */
  readonly isUntold?: boolean | undefined;
}

export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high';

export interface GenerateRequest {
  /** An assistant's message at the end is the beginning of the answer, which goes on after it. */
  readonly messages: readonly Message[];
  /** The model that answers; the router fills it in. */
  readonly model?: string | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly minP?: number | undefined;
  readonly seed?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly repetitionPenalty?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  /** Stop sequences; the answer ends before the first of them. */
  readonly stop?: readonly string[] | undefined;
  /** How many answers, 1 where absent. */
  readonly outputs?: number | undefined;
  readonly tools?: readonly Tool[] | undefined;
  readonly toolChoice?: ToolChoice | undefined;
  readonly responseFormat?: ResponseFormat | undefined;
  readonly reasoningEffort?: ReasoningEffort | undefined;
  /** From the person's settings; no page sets these. */
  readonly samplers?: Readonly<Partial<Record<EngineSampler, number>>> | undefined;
}

/** Texts to be turned into vectors. */
export interface EmbedRequest {
  readonly input: readonly string[];
  /** The router fills it in. */
  readonly model?: string | undefined;
  /** How long each vector is to be, where the model lets one choose. */
  readonly dimensions?: number | undefined;
}

export interface Embeddings {
  readonly model: string;
  /** One for each text, in their order. */
  readonly vectors: readonly (readonly number[])[];
  /** Absent means unknown. */
  readonly inputTokens?: number | undefined;
}

export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'aborted' | 'other';

/** Token counts as billed. Absent means unknown, never zero. */
export interface Usage {
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  /** Part of the output. */
  readonly reasoningTokens?: number | undefined;
  /** Part of the input. */
  readonly cachedTokens?: number | undefined;
  /** Part of the input, put into the cache: some providers take more for it. */
  readonly cacheWriteTokens?: number | undefined;
  readonly costMicroUsd?: MicroUsd | undefined;
  readonly estimated: boolean;
}

/** What a backend could not take as it was asked. */
export type Warning =
  | { readonly type: 'parameter-dropped'; readonly parameter: string }
  /** Outside of what the backend takes: the nearest value that it takes was sent. */
  | { readonly type: 'value-limited'; readonly parameter: string; readonly asked: number; readonly sent: number }
  | { readonly type: 'model-replaced'; readonly asked: string }
  /** The chat did not fit into the context: so many of its oldest messages were left out. */
  | { readonly type: 'history-cut'; readonly messages: number };

/** `output` numbers the answers where several were asked for; absent means the first. */
export type StreamPart =
  | { readonly type: 'start'; readonly model: string; readonly warnings: readonly Warning[] }
  /** Before `start`: what the backend is doing, as far as it tells. The next in its queue has position 1; seconds are its own estimate. */
  | {
      readonly type: 'progress';
      readonly stage: 'queued' | 'loading' | 'processing';
      readonly position?: number | undefined;
      readonly seconds?: number | undefined;
    }
  | { readonly type: 'text-delta'; readonly text: string; readonly output?: number | undefined }
  | { readonly type: 'reasoning-delta'; readonly text: string; readonly output?: number | undefined }
  | {
      readonly type: 'tool-call';
      readonly id: string;
      readonly name: string;
      readonly arguments: string;
      readonly output?: number | undefined;
    }
  | { readonly type: 'usage'; readonly usage: Usage }
  | {
      readonly type: 'finish';
      readonly reason: FinishReason;
      readonly rawReason?: string | undefined;
      readonly output?: number | undefined;
    }
  | { readonly type: 'error'; readonly error: PageError };

export type Progress = Extract<StreamPart, { readonly type: 'progress' }>;

/** Where a request goes, as the person understands it. */
export type Place = 'this-computer' | 'network' | 'cloud' | 'volunteers';

/** USD per million tokens, as integers of micro-dollars. */
export interface Pricing {
  readonly input?: MicroUsd | undefined;
  readonly output?: MicroUsd | undefined;
  readonly cachedInput?: MicroUsd | undefined;
  readonly cacheWrite?: MicroUsd | undefined;
}

export type Modality = 'text' | 'image' | 'audio';
export type Capability = 'tools' | 'json-schema' | 'reasoning';

/** What an account may still use, as its backend tells. Absent means unknown, or without a limit; never zero. */
export type Balance =
  | MoneyBalance
  /** What volunteers give each other for their work. */
  | { readonly type: 'kudos'; readonly kudos: number };

interface MoneyBalance {
  readonly type: 'money';
  /** What the key may still spend of its limit, which starts anew each period. */
  readonly left?: MicroUsd | undefined;
  readonly limit?: MicroUsd | undefined;
  readonly period?: Period | undefined;
  /** Paid for and not spent, of the whole account. */
  readonly credit?: MicroUsd | undefined;
  /** When the key stops working, in milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
  readonly isFreeTier?: boolean | undefined;
}

/** What is known of a model; absent means unknown. */
export interface ModelInfo {
  readonly id: string;
  readonly name: string;
  readonly contextTokens?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly inputs?: readonly Modality[] | undefined;
  readonly capabilities?: readonly Capability[] | undefined;
  readonly pricing?: Pricing | undefined;
  readonly loaded?: boolean | undefined;
}

/** A backend as the person connected it. Its key lies in the vault, never here. */
export interface Connection {
  readonly id: ConnectionId;
  readonly providerId: string;
  readonly name: string;
  /** Normalised, without a slash at its end; absent where the catalog row has a fixed one, or there is no address at all. */
  readonly baseUrl?: string | undefined;
  readonly defaultModel?: string | undefined;
  /** Models that the person starred, the oldest star first. */
  readonly favourites?: readonly string[] | undefined;
  readonly options?: ConnectionOptions | undefined;
}
