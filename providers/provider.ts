/** What a provider is, and what it is given. A provider is a catalog row plus a dialect; it never sees a key, a browser API or the global fetch. */

import type { Engine } from '../protocol/engine';
import type {
  Balance,
  Connection,
  Embeddings,
  EmbedRequest,
  GenerateRequest,
  ModelInfo,
  Place,
  ReasoningEffort,
  StreamPart,
} from '../protocol/generate';
import type { CommonSampler, EngineSampler } from '../protocol/model-settings';
import type { ListShape } from './model-shapes';

/** `fetch` bound to one connection by egress: it refuses other origins and redirects, and signs the request last. */
export type BoundFetch = (
  url: string,
  init?: {
    method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
    headers?: Record<string, string>;
    body?: string;
    signal?: AbortSignal;
    /** The body is what the model is asked; absent for errands beside that. */
    asksFor?: 'answer';
  },
) => Promise<Response>;

/** Text frames of a WebSocket. */
export interface BoundSocket {
  send(text: string): void;
  /** The next frame, undefined once the other side has closed. Throws AiError `too-large`. */
  receive(): Promise<string | undefined>;
  close(): void;
}

/** A WebSocket bound to one connection by egress; it carries no key. Closes when the signal is aborted. Rejects with AiError `network`. */
export type OpenSocket = (url: string, signal: AbortSignal) => Promise<BoundSocket>;

export interface BrowserModelMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** What is used of `LanguageModel` (W3C Prompt API). Its chunks are deltas. */
export interface BrowserModel {
  availability(): Promise<'unavailable' | 'downloadable' | 'downloading' | 'available'>;
  create(options: {
    readonly initialPrompts: readonly BrowserModelMessage[];
    readonly temperature?: number;
    readonly topK?: number;
    readonly signal: AbortSignal;
  }): Promise<{
    promptStreaming(
      prompt: readonly BrowserModelMessage[],
      options: { readonly signal: AbortSignal; readonly responseConstraint?: object },
    ): ReadableStream<string>;
    destroy(): void;
  }>;
}

export interface ProviderContext {
  readonly connection: Connection;
  readonly fetch: BoundFetch;
  readonly socket: OpenSocket;
  readonly engine: Engine;
  /** The browser's own model, looked up when it is needed; absent or undefined where this browser has none. */
  readonly browserModel?: (() => BrowserModel | undefined) | undefined;
  /** What the last list said of a model; nothing is asked. */
  readonly known?: ((model: string) => ModelInfo | undefined) | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** An answer that a backend works on without us, so that another background can go on with it. */
export interface Job {
  /** What an earlier background ordered; absent where this call is the first. */
  readonly id?: string | undefined;
  /** Resolves when the id outlives this background. */
  keep(id: string): Promise<void>;
}

export interface Provider {
  /** The models of this connection, best effort; throws AiError with the fault that a **Test** shows. */
  models(signal: AbortSignal): Promise<readonly ModelInfo[]>;
  /**
   * One completion. Yields `progress` while it waits, `start` once the backend has taken the request, and one `finish` per output last; throws AiError.
   * Ends within 250 ms of an abort, having closed what it opened. `request.model` is set. A job that has an id already is not ordered again.
   */
  generate(request: GenerateRequest, signal: AbortSignal, job?: Job): AsyncIterable<StreamPart>;
  /** There where the API makes vectors of texts. `request.model` is set. Throws AiError, also where this backend or its model cannot. */
  embed?(request: EmbedRequest, signal: AbortSignal): Promise<Embeddings>;
  /** What the account may still use, where the backend tells; throws AiError. */
  status?(signal: AbortSignal): Promise<Balance | undefined>;
  /** There where answers are jobs: ends one that nobody waits for any more. Throws AiError. */
  cancel?(jobId: string, signal: AbortSignal): Promise<void>;
}

/** How egress signs a request. `required: false` where servers with and without a key exist. */
export type Auth =
  | { readonly type: 'none' }
  | {
      readonly type: 'header';
      readonly header: string;
      readonly prefix: string;
      readonly required: boolean;
      /** Sent where no key is saved: everybody's, and no secret. */
      readonly publicKey?: string;
    };

/**
 * A choice that only this provider has, kept under its name in `options.vendor`. `choice`: one of these values, or none; `list`: the vendor's
 * own words, as many as the person types.
 */
export type VendorField =
  | { readonly type: 'choice'; readonly name: string; readonly values: readonly string[] }
  | { readonly type: 'flag'; readonly name: string }
  | { readonly type: 'list'; readonly name: string };

/** Where a person signs in, in place of pasting a key: OAuth's authorization code with PKCE (RFC 7636), whose answer is a key. */
export interface SignIn {
  readonly page: string;
  /** Below the base URL: takes the code and its verifier. */
  readonly exchange: string;
}

export type Sampler = CommonSampler | EngineSampler;
/** A parameter that can be left out with a warning. */
export type Optional = CommonSampler | 'reasoningEffort' | 'stop';

/** What a dialect must know of a vendor that deviates from its wire format. Absent means: as the format's owner does it. */
export interface Quirks {
  /** The name of the output limit on the wire. */
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens';
  /** The wire field of the context size that the person set, where a request can say it. */
  readonly contextField?: string;
  /** Samplers beyond OpenAI's that this server takes, by their neutral name. */
  readonly samplers?: readonly Sampler[];
  /** Their wire names, where these are not the usual ones (openai-chat-samplers.ts); several are all sent. */
  readonly samplerNames?: Readonly<Partial<Record<Sampler, readonly string[]>>>;
  /** What the API takes; a value outside is left out. */
  readonly samplerRanges?: Readonly<Partial<Record<Sampler, readonly [least: number, most: number]>>>;
  /** Dynamic temperature is asked for by its two ends, and these fields switch it on. */
  readonly dynatemp?: { readonly on: Readonly<Record<string, unknown>>; readonly low: string; readonly high: string };
  /** What OpenAI has and this API has not: left out, stop sequences are cut on our side. Some of it for some models only (dated: November 2026). */
  readonly lacks?: readonly { readonly models?: RegExp; readonly fields: readonly Optional[] }[];
  /** What would be ignored or is not there, so that a request with it is refused. */
  readonly refuses?: readonly ('tools' | 'images' | 'audio')[];
  /** OpenAI's rules for reasoning models apply: no samplers, role `developer`. */
  readonly reasoningRules?: boolean;
  /** How reasoning effort is written; `reasoning_effort` where absent. */
  readonly effort?: 'reasoning' | 'reasoning-enabled' | 'thinking' | 'enable-thinking' | 'template';
  /** The efforts that there are; others are left out. */
  readonly efforts?: readonly ReasoningEffort[];
  /** How a JSON Schema is asked for; `response_format` of type `json_schema` where absent. */
  readonly schema?: 'json-object' | 'grammar';
  /** How many stop sequences the API takes. */
  readonly maxStops?: number;
  /** Fields of every body, for some models only; what is asked comes before them. */
  readonly constants?: readonly { readonly models?: RegExp; readonly fields: Readonly<Record<string, unknown>> }[];
  /** Wire fields of the person's own choices (`options.vendor`), by the name of the choice. */
  readonly vendorFields?: Readonly<Record<string, string>>;
  /** `stream_options` is not known; usage comes without being asked for. */
  readonly usageUnasked?: boolean;
  /** Messages must be rewritten: tool call ids of nine characters, turns that alternate, earlier reasoning sent back beside tool calls. */
  readonly messages?: 'nine-character-ids' | 'alternating' | 'reasoning-content';
  /** Tools may not have an empty list of required properties. */
  readonly noEmptyRequired?: boolean;
  /** OpenRouter's usage, cost and error metadata. */
  readonly openRouter?: boolean;
  /** How the API tells what the account still has. */
  readonly balance?: 'openrouter' | 'deepseek' | 'vercel' | 'litellm';
  /** Where the usage tells a cost: dollars as a number, dollars inside of an object, or ten billionths of a dollar. */
  readonly cost?: 'dollars' | 'total' | 'ticks';
  /** Reasoning tokens are not part of the output tokens. */
  readonly reasoningBeside?: boolean;
  /** `n` is honoured. Absent: many ignore it, so several answers are several requests. */
  readonly manyOutputs?: boolean;
  /** Models whose thoughts may stand in tags at the beginning of the answer, by name; those that the list says of that they think are added. */
  readonly thinksAloud?: RegExp;
  /** Ids of the model list that cannot chat. */
  readonly notChat?: RegExp;
  /** Where the model list is, the first that answers counts; `{base}/models` where absent. */
  readonly lists?: (baseUrl: string) => readonly string[];
  /** How an entry of that list differs from OpenAI's and OpenRouter's. */
  readonly listShape?: ListShape;
  /** There is no list. `typed`: the person's model name. Otherwise these, dated: November 2026. */
  readonly models?: 'typed' | readonly ModelInfo[];
  /** Routes of its own say which model is loaded, and with what context. */
  readonly server?: 'llama-cpp' | 'tabby' | 'text-generation-webui';
  /** Path below the base URL that answers only to a good key, where the model list is open to everyone. */
  readonly keyCheck?: string;
}

export interface Verified {
  /** A server or model of its kind; a stand-in that speaks its documented wire format; nothing but the documentation. */
  readonly against: 'real server' | 'real model' | 'stand-in' | 'documentation';
  /** Year and month. */
  readonly on: string;
}

/** Each wire format is one file of `dialects/`. */
export type Dialect =
  | 'ai-horde'
  | 'anthropic-messages'
  | 'browser-model'
  | 'gemini'
  | 'koboldai'
  | 'koboldcpp'
  | 'novelai'
  | 'ollama'
  | 'on-device'
  | 'openai'
  | 'openai-chat'
  | 'webui-legacy';

/** One provider, all of it. The form, the docs table, the permission texts and the tests follow from the row. */
export interface CatalogRow {
  readonly id: string;
  readonly name: string;
  readonly dialect: Dialect;
  /** Absent: read from the address (loopback, private network, else cloud). */
  readonly place?: Place;
  /** `fixed`: the vendor's. `asked`: the person's server, with an example to start from. `none`: no network at all. */
  readonly address:
    | { readonly type: 'fixed'; readonly baseUrl: string }
    | {
        readonly type: 'asked';
        readonly example: string /** appended where the person gives a bare host */;
        readonly path: string;
      }
    | { readonly type: 'none' };
  /** Further base URLs of a backend that has several hosts or ports; egress lets requests of this connection go there too. */
  readonly companions?: (baseUrl: string) => readonly string[];
  readonly auth: Auth;
  /** A subscription covers every call: none is counted against a budget. */
  readonly flatFee?: boolean;
  /** How many generations one account may run at once; the others wait. Absent: as many as Oriel runs. */
  readonly concurrent?: number;
  /** Constant headers, attribution for example. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signIn?: SignIn;
  /** The person may add headers of their own (`options.headers`), for a proxy in front of their server for example. */
  readonly ownHeaders?: boolean;
  /** Where a person gets a key. */
  readonly keyPage?: string;
  /** What ends the spending of a key, and where that is set: a limit of the account or key, or credit bought before. Absent where nothing is billed by use. */
  readonly cap?: { readonly type: 'limit' | 'credit'; readonly page: string };
  /** How this provider's keys look, and no other's but those of a row that has the same form. Dated: November 2026. */
  readonly keyForm?: RegExp;
  readonly docs?: string;
  readonly modelPage?: (modelId: string) => string;
  /** Where no model is chosen yet, the first of these that the backend lists. Dated: November 2026. */
  readonly suggestedModels?: readonly string[];
  /** Its models for embeddings, the first of which answers; the chosen model where there is none. Absent: it makes no embeddings. Dated: November 2026. */
  readonly embedModels?: readonly string[];
  readonly options?: readonly VendorField[];
  /** The dialect writes the chat down itself, so that the person may choose how (`options.template`). */
  readonly writesChat?: boolean;
  readonly quirks: Quirks;
  /** What the row was last seen to work with; docs/backends.md shows it. */
  readonly verified: Verified;
}
