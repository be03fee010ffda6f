/** The types of `window.ai` as Oriel has it, complete and on their own: nothing of the extension is needed to compile against them. */

// --- Classic `window.ai` (npm window.ai 0.2.4) ---

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** What is asked: a prompt, or messages. With both, the prompt is one more turn of the user. */
export type ClassicInput = ({ readonly prompt: string } | { readonly messages: readonly ChatMessage[] }) & {
  readonly model?: string | null;
};

/** Answers a prompt. */
export interface TextOutput {
  text: string;
  /** A delta for `onStreamResult`; absent in what a promise resolves to. */
  isPartial?: boolean;
}
/** Answers messages. */
export interface MessageOutput {
  message: ChatMessage;
  isPartial?: boolean;
}
export type ClassicOutput = TextOutput | MessageOutput;

/** `null` and `undefined` count as left out. */
export interface ClassicOptions {
  /** A wish: the person's choice answers. */
  readonly model?: string | null;
  readonly numOutputs?: number | null;
  /** Gets deltas, and `(null, error)` once after a rejection; never the full text. */
  readonly onStreamResult?: ((result: ClassicOutput | null, error: string | null) => unknown) | null;
  /** 0 to 2. */
  readonly temperature?: number | null;
  readonly maxTokens?: number | null;
  readonly stopSequences?: readonly string[] | null;
  /** The backend stops, and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | null;
  readonly onProgress?: ((progress: BackendProgress) => unknown) | null;
}

export type ClassicListener = (event: 'model_changed' | 'error', data: unknown) => void;

/** The promises of this half reject with strings: `PERMISSION_DENIED`, `NOT_AUTHENTICATED`, `MODEL_REJECTED_REQUEST: <status>: <text>` and so on. */
export interface ClassicAi {
  readonly __window_ai_metadata__: { readonly domain: string; readonly version: string };
  generateText(input: ClassicInput, options?: ClassicOptions): Promise<ClassicOutput[]>;
  /** @deprecated Use `generateText`, which always resolves to an array. */
  getCompletion(input: ClassicInput, options?: ClassicOptions): Promise<ClassicOutput | ClassicOutput[]>;
  /** `default` as long as the site has no permission. Never asks the person. */
  getCurrentModel(): Promise<string>;
  /** @returns an id for `removeEventListener` */
  addEventListener(handler: ClassicListener): string;
  removeEventListener(handlerOrId: ClassicListener | string): void;
  BETA_generate3DObject(input: unknown, options?: unknown): Promise<never>;
  BETA_updateModelProvider(metadata?: unknown): Promise<void>;
}

// --- The rest of the family ---

/** What a site can ask to be allowed beside text. */
export type Wish = 'models.read' | 'models.choose' | 'tools' | 'image.in' | 'audio.in' | 'embed';
export type Scope = 'generate' | Wish;

export type Modality = 'text' | 'image' | 'audio';
export type Capability = 'tools' | 'json-schema' | 'reasoning';

/** What a site may know of a model. Absent means unknown, or not told. */
export interface Model {
  /** `default` where the site may not know the name. */
  readonly id: string;
  readonly contextTokens?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly inputs?: readonly Modality[] | undefined;
  readonly capabilities?: readonly Capability[] | undefined;
}

/** `prompt`: the next call asks the person, or is refused. Which of the two is not told, and neither is whether anything is connected. */
export type Permission =
  | { readonly state: 'prompt' }
  | {
      readonly state: 'granted';
      readonly scopes: readonly Scope[];
      /** Who answers this site now, and what it can do. */
      readonly model: Model;
    };

export type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly mediaType: string /** base64 */; readonly data: string }
  | { readonly type: 'audio'; readonly mediaType: string /** base64 */; readonly data: string }
  | { readonly type: 'tool-call'; readonly id: string; readonly name: string /** JSON */; readonly arguments: string }
  | { readonly type: 'tool-result'; readonly id: string; readonly result: string }
  | { readonly type: 'reasoning'; readonly text: string };

export interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  /** A string is one part of text. */
  readonly content: string | readonly Part[];
}

/** A function of the page that the model may ask for. Oriel runs none: the call comes as a `tool-call`, the page sends the result. */
export interface Tool {
  /** Letters, digits, `_` and `-`; at most 64. */
  readonly name: string;
  readonly description?: string | undefined;
  /** JSON Schema of the arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface GenerateRequest {
  readonly messages: readonly Message[];
  /** A wish: the person's choice answers, unless they let the site choose. */
  readonly model?: string | undefined;
  /** 0 to 2. */
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly minP?: number | undefined;
  readonly seed?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly repetitionPenalty?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  /** The answer ends before the first of them. */
  readonly stop?: readonly string[] | undefined;
  /** How many answers, 1 where absent. */
  readonly outputs?: number | undefined;
  readonly tools?: readonly Tool[] | undefined;
  readonly toolChoice?: 'auto' | 'none' | 'required' | { readonly name: string } | undefined;
  readonly responseFormat?:
    | { readonly type: 'text' }
    | {
        readonly type: 'json-schema';
        readonly schema: Readonly<Record<string, unknown>>;
        readonly name?: string | undefined;
        /** The model is told nothing of it, which your own words do; it holds all the same. */
        readonly isUntold?: boolean | undefined;
      }
    | {
        readonly type: 'regexp';
        readonly source: string;
        readonly flags: string;
        readonly isUntold?: boolean | undefined;
      }
    | undefined;
  readonly reasoningEffort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | undefined;
}

/** What the backend does before it answers. */
export interface BackendProgress {
  readonly stage: 'queued' | 'loading' | 'processing';
  /** From 1: the next in the backend's queue. */
  readonly position?: number | undefined;
  /** The backend's own estimate. */
  readonly seconds?: number | undefined;
}

/** `waiting`: for the person, or for its turn; which of the two is not told. */
export type Progress = BackendProgress | { readonly stage: 'waiting' };

export interface GenerateOptions {
  /** The backend stops, and the stream fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** May be called many times, or never. */
  readonly onProgress?: ((progress: Progress) => unknown) | undefined;
}

/** As billed. Absent means unknown, never zero. */
export interface Usage {
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  /** Part of the output. */
  readonly reasoningTokens?: number | undefined;
  /** Part of the input. */
  readonly cachedTokens?: number | undefined;
  /** Part of the input, put into the cache. */
  readonly cacheWriteTokens?: number | undefined;
  readonly estimated: boolean;
}

export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'aborted' | 'other';

/** What the backend could not take as it was asked. */
export type Warning =
  | { readonly type: 'parameter-dropped'; readonly parameter: string }
  /** Outside of what the backend takes: the nearest value that it takes was sent. */
  | { readonly type: 'value-limited'; readonly parameter: string; readonly asked: number; readonly sent: number }
  | { readonly type: 'model-replaced'; readonly asked: string }
  | { readonly type: 'history-cut'; readonly messages: number };

/** One piece of an answer. `output` numbers the answers where several were asked for; absent means the first. */
export type AnswerPart =
  | { readonly type: 'start'; readonly model: string; readonly warnings: readonly Warning[] }
  | { readonly type: 'text-delta'; readonly text: string; readonly output?: number | undefined }
  | { readonly type: 'reasoning-delta'; readonly text: string; readonly output?: number | undefined }
  | {
      readonly type: 'tool-call';
      readonly id: string;
      readonly name: string;
      /** JSON. */
      readonly arguments: string;
      readonly output?: number | undefined;
    }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly output?: number | undefined };

/** Texts of which each is made into a vector. */
export interface EmbedRequest {
  readonly input: readonly string[];
  /** A wish: one of the backend's embedding models. */
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

export interface ConnectOptions {
  /** What the site asks for beside text. */
  readonly scopes?: readonly Wish[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The promises and streams of this half fail with a `DOMException`; its `name` says what happened (`NotAllowedError`, `AbortError` and so on). */
export interface Oriel extends ClassicAi {
  /** Asks the person for a permission ahead of any request. Resolves at once where the site has it. */
  connect(options?: ConnectOptions): Promise<Permission>;
  /** What the site may do, and what the model that would answer can do. Never asks the person. */
  permission(): Promise<Permission>;
  /** What the site may name as `model`: without `models.read` one entry, `default`. */
  models(): Promise<Model[]>;
  /** Asks for an answer and hands it out piece by piece; cancelling the stream stops the backend. Asks the person where the site may not. */
  generate(request: GenerateRequest, options?: GenerateOptions): ReadableStream<AnswerPart>;
  /** Makes texts into vectors, which asks for the scope `embed`. `NotSupportedError` where the backend has no model for it. */
  embed(request: EmbedRequest, options?: { readonly signal?: AbortSignal | undefined }): Promise<Embeddings>;
  /** Answers requests to `baseURL` as OpenAI's API does, embeddings too, and no others. */
  readonly fetch: typeof globalThis.fetch;
  /** For clients of OpenAI's API. */
  readonly baseURL: string;
  addEventListener(handler: ClassicListener): string;
  /** The permission of the site was given, widened, narrowed or taken back, here or in another tab. */
  addEventListener(type: 'permissionchange', handler: (permission: Permission) => void): string;
  removeEventListener(handlerOrId: ClassicListener | string): void;
  removeEventListener(type: 'permissionchange', handler: (permission: Permission) => void): void;
}

/** Of the event `ai:announce`. */
export interface Announcement {
  readonly info: { readonly name: string; readonly id: string; readonly version: string };
  readonly provider: Oriel;
}
