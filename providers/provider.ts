/** What a provider is, and what it is given. A provider is a catalog row plus a dialect; it never sees a key, a browser API or the global fetch. */

import type { Engine } from '../protocol/engine';
import type { Connection, GenerateRequest, ModelInfo, Place, StreamPart } from '../protocol/generate';

/** `fetch` bound to one connection by egress: it refuses other origins and redirects, and signs the request last. */
export type BoundFetch = (
  url: string,
  init?: { method?: 'GET' | 'POST' | 'PUT' | 'DELETE'; headers?: Record<string, string>; body?: string; signal?: AbortSignal },
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
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Provider {
  /** The models of this connection, best effort; throws AiError with the fault that a **Test** shows. */
  models(signal: AbortSignal): Promise<readonly ModelInfo[]>;
  /**
   * One completion. Yields `progress` while it waits, `start` once the backend has taken the request, and one `finish` per output last; throws AiError.
   * Ends within 250 ms of an abort, having closed what it opened. `request.model` is set.
   */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<StreamPart>;
}

/** How egress signs a request. `required: false` where servers with and without a key exist. */
export type Auth =
  | { readonly type: 'none' }
  | { readonly type: 'header'; readonly header: string; readonly prefix: string; readonly required: boolean };

/**
 * A choice that only this provider has, kept under its name in `options.vendor`. `choice`: one of these values, or none; `list`: the vendor's
 * own words, as many as the person types.
 */
export type VendorField =
  | { readonly type: 'choice'; readonly name: string; readonly values: readonly string[] }
  | { readonly type: 'flag'; readonly name: string }
  | { readonly type: 'list'; readonly name: string };

/** What a dialect must know of a vendor that deviates from its wire format. Absent means: as the format's owner does it. */
export interface Quirks {
  /** The name of the output limit on the wire. */
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens';
  /** Samplers beyond OpenAI's that this server takes, by their neutral name. */
  readonly samplers?: readonly ('topK' | 'minP' | 'repetitionPenalty')[];
  /** OpenAI's rules for reasoning models apply: no samplers, role `developer`. */
  readonly reasoningRules?: boolean;
  /** How many stop sequences the API takes. */
  readonly maxStops?: number;
  /** OpenRouter's usage, cost and error metadata. */
  readonly openRouter?: boolean;
  /** The wire names of the repetition penalty, all of them sent; `repetition_penalty` where absent. */
  readonly repetitionFields?: readonly string[];
  /** `n` is honoured. Absent: many ignore it, so several answers are several requests. */
  readonly manyOutputs?: boolean;
  /** Ids of the model list that cannot chat. */
  readonly notChat?: RegExp;
  /** Path below the base URL that answers only to a good key, where the model list is open to everyone. */
  readonly keyCheck?: string;
}

/** Each wire format is one file of `dialects/`. */
export type Dialect =
  | 'anthropic-messages' //
  | 'browser-model'
  | 'gemini'
  | 'koboldai'
  | 'koboldcpp'
  | 'novelai'
  | 'ollama'
  | 'on-device'
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
  /** How many generations one account may run at once; the others wait. Absent: as many as Oriel runs. */
  readonly concurrent?: number;
  /** Constant headers, attribution for example. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The person may add headers of their own (`options.headers`), for a proxy in front of their server for example. */
  readonly ownHeaders?: boolean;
  /** Where a person gets a key, and where its spending can be capped. */
  readonly keyPage?: string;
  readonly docs?: string;
  readonly modelPage?: (modelId: string) => string;
  /** Where no model is chosen yet, the first of these that the backend lists. Dated: November 2026. */
  readonly suggestedModels?: readonly string[];
  readonly options?: readonly VendorField[];
  /** The dialect writes the chat down itself, so that the person may choose how (`options.template`). */
  readonly writesChat?: boolean;
  readonly quirks: Quirks;
}
