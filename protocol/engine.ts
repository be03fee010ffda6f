/** The on-device engine as the rest of Oriel sees it: a model list, a download, a generation. Its implementation lives in ondevice/. */

import type { GenerateRequest, StreamPart } from './generate';

/** One model that can run on this device. Dated data, see ondevice/model-list.ts. */
export interface DeviceModel {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  /** Hex, over the whole file. */
  readonly sha256: string;
  readonly bytes: number;
  readonly contextTokens: number;
  readonly licence: string;
}

export type DeviceModelState =
  | { readonly type: 'absent' }
  | { readonly type: 'downloading'; readonly receivedBytes: number }
  | { readonly type: 'ready' };

/** What the background asks of the context that runs the model (Chrome: the offscreen document). */
export type EngineCall = { readonly type: 'generate'; readonly model: DeviceModel; readonly request: GenerateRequest };

/** What runs the model, wherever it is. Throws an AiError; `aborted` and the end of the answer both mean that nothing is computed any more. */
export interface DeviceEngine {
  generate(call: EngineCall, signal: AbortSignal): AsyncIterable<StreamPart>;
}

/**
 * The on-device port of a provider's context.
 * `generate` throws an AiError with fault `no-model` where the model is not downloaded, `engine` where it cannot run.
 */
export interface Engine {
  models(): readonly DeviceModel[];
  isReady(modelId: string): Promise<boolean>;
  generate(modelId: string, request: GenerateRequest, signal: AbortSignal): AsyncIterable<StreamPart>;
}

/** SHA-256 of what comes in pieces: Web Crypto takes only the whole. */
export interface Hasher {
  update(bytes: Uint8Array): unknown;
  digest(format: 'hex'): string;
}
export type CreateHasher = () => Promise<Hasher>;

/** Where model files lie (OPFS), one file a model, addressed by its SHA-256. */
export interface ModelStore {
  has(model: DeviceModel): Promise<boolean>;
  /** Writes to a side file, checks length and SHA-256 as it goes, and only then gives it its name. Throws AiError `malformed` on a mismatch. */
  write(
    model: DeviceModel,
    body: ReadableStream<Uint8Array>,
    onProgress: (receivedBytes: number) => void,
    signal: AbortSignal,
  ): Promise<void>;
  remove(model: DeviceModel): Promise<void>;
}
