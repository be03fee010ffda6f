/** The on-device engine as the rest of Oriel sees it: models and their files, a generation. Its implementation lives in ondevice/. */

import type { Embeddings, GenerateRequest, StreamPart } from './generate';

/** One of the files that a model comes in. */
export interface ModelPart {
  readonly url: string;
  readonly bytes: number;
  readonly sha256?: string | undefined;
}

/** One model that can run on this device: of the shelf (ondevice/model-list.json), of the model hub, or the person's own file. */
export interface DeviceModel {
  /** Names its folder: lower case letters, digits, `.`, `_` and `-`. */
  readonly id: string;
  readonly name: string;
  /** Absent: it was a file on this computer. */
  readonly url?: string | undefined;
  /** Hex, over the whole file. Absent: not known before it is here, where it is always known. */
  readonly sha256?: string | undefined;
  /** Absent: the server tells. */
  readonly bytes?: number | undefined;
  /** Absent: it is one file. Otherwise these in their order, `url` is the first's, `bytes` the sum, and only the parts have checksums. */
  readonly parts?: readonly ModelPart[] | undefined;
  /** What Oriel loads, not what the model was trained for. */
  readonly contextTokens: number;
  readonly licence?: string | undefined;
  /** BCP 47; `mul` for more than can be listed. */
  readonly languages?: readonly string[] | undefined;
  readonly mark?: 'test' | 'recommended' | undefined;
  /** It makes vectors of texts, and cannot chat. Known once its file is here. */
  readonly makesEmbeddings?: boolean | undefined;
  /** Its chat template knows tools. Known once its file is here. */
  readonly takesTools?: boolean | undefined;
  /** Known once it has answered here. */
  readonly speed?: DeviceSpeed | undefined;
  /** How many of the everyday questions of `npm run eval` it answered rightly, and on which day. */
  readonly score?: { readonly right: number; readonly of: number; readonly checked: string } | undefined;
}

/** Tokens a second, as they were measured on this device. */
export interface DeviceSpeed {
  readonly reads?: number | undefined;
  readonly writes?: number | undefined;
}

export type DeviceModelState =
  | { readonly type: 'absent' }
  | { readonly type: 'downloading'; readonly receivedBytes: number }
  /** All is here, and its SHA-256 is being computed. */
  | { readonly type: 'checking' }
  /** A part is here: the person paused it, or the browser ended. */
  | { readonly type: 'paused'; readonly receivedBytes: number }
  | { readonly type: 'ready' };

/** What of a model is on this device. */
export interface StoredModel {
  readonly model: DeviceModel;
  readonly receivedBytes: number;
  /** Every byte is here, and was checked. */
  readonly isComplete: boolean;
  /** The server's mark of this version of the file, for `If-Range`. */
  readonly validator?: string | undefined;
}

/** The model files of this device, to be read (OPFS). */
export interface ModelFiles {
  list(): Promise<readonly StoredModel[]>;
  find(modelId: string): Promise<StoredModel | undefined>;
  /** The whole file, or undefined where it is not all here. Nothing of it is read into memory. */
  open(modelId: string): Promise<Blob | undefined>;
}

/** The same, to be written. A model counts as here only once all of it was checked. */
export interface ModelStore extends ModelFiles {
  /**
   * Goes on writing where the model's file ends. What was written survives whatever ends this: a stop, a lost network, the end of the browser
   * but for the last 8 MiB. @throws AiError `interrupted`, `no-room`, `malformed` where it is no model file; `aborted`
   */
  append(model: DeviceModel, body: ReadableStream<Uint8Array>, options: AppendOptions): Promise<void>;
  /** Checks all of it, and gives what is known of it by then. Nothing is kept of a wrong file. @throws AiError `malformed` */
  complete(model: DeviceModel, signal: AbortSignal): Promise<DeviceModel>;
  remove(modelId: string): Promise<void>;
}

export interface AppendOptions {
  /** Where the body ends in the model's bytes; absent: it is all the rest. */
  readonly until?: number | undefined;
  readonly validator?: string | undefined;
  readonly onProgress: (receivedBytes: number) => void;
  readonly signal: AbortSignal;
}

/** What computes: `threads` of the processor. */
export interface EngineStatus {
  /** The model in memory. */
  readonly modelId?: string | undefined;
  readonly threads: number;
  readonly isGenerating: boolean;
  /** Calls that wait for their turn: one is answered at a time. */
  readonly waiting: number;
  /** The last that was. */
  readonly measured?: { readonly modelId: string; readonly speed: DeviceSpeed } | undefined;
}

/** What the background asks of the context that runs the model (Chrome: the offscreen document). */
export type EngineCall =
  | { readonly type: 'generate'; readonly model: DeviceModel; readonly request: GenerateRequest }
  | { readonly type: 'embed'; readonly model: DeviceModel; readonly input: readonly string[] }
  | { readonly type: 'status' }
  /** Gives back the memory of this model. */
  | { readonly type: 'unload'; readonly modelId: string };

/** One vector for each text, in their order, and how many tokens all of them were. */
export type DeviceEmbeddings = Required<Pick<Embeddings, 'vectors' | 'inputTokens'>>;

/** What runs the model, wherever it is. Throws an AiError; `aborted` and the end of the answer both mean that nothing is computed any more. */
export interface DeviceEngine {
  generate(call: Extract<EngineCall, { type: 'generate' }>, signal: AbortSignal): AsyncGenerator<StreamPart>;
  /** Throws an AiError, once nothing is computed any more. */
  embed(call: Extract<EngineCall, { type: 'embed' }>, signal: AbortSignal): Promise<DeviceEmbeddings>;
  status(): EngineStatus;
  unload(modelId: string): Promise<void>;
}

/** The same as the background asks it. `call` takes all but generations. @throws AiError */
export interface EngineCalls {
  stream(call: Extract<EngineCall, { type: 'generate' }>, signal: AbortSignal): AsyncIterable<StreamPart>;
  call(call: Exclude<EngineCall, { type: 'generate' }>, options?: { readonly signal?: AbortSignal }): Promise<unknown>;
}

/**
 * The on-device port of a provider's context.
 * Both throw an AiError with fault `no-model` where the model is not downloaded, `engine` where it cannot run.
 */
export interface Engine {
  /** What is on this device and can answer. */
  models(): Promise<readonly DeviceModel[]>;
  generate(modelId: string, request: GenerateRequest, signal: AbortSignal): AsyncIterable<StreamPart>;
  embed(modelId: string, input: readonly string[], signal: AbortSignal): Promise<DeviceEmbeddings>;
}

/** SHA-256 of what comes in pieces: Web Crypto takes only the whole. */
export interface Hasher {
  update(bytes: Uint8Array): unknown;
  digest(format: 'hex'): string;
}
export type CreateHasher = () => Promise<Hasher>;
