/** The classic `window.ai` (npm window.ai 0.2.4, page-api/window-ai.md), complete, with `options.signal` and `removeEventListener` added. */

import type { Progress } from '../protocol/generate';
import { errorString } from './classic-errors';
import { parseCall, type TextInput } from './classic-input';
import type { PageClient } from './client';
import { createFamily, type Family } from './family';
import { chosen, mapped } from './lists';
import { baseURL, createOpenAiFetch } from './openai-fetch';
import { createPermissionWatch, type PermissionListener } from './permission';
import { assign, createObject, freeze, guarded, NativePromise, rejected, resolved } from './realm';
import { request } from './requests';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}
export interface TextOutput {
  text: string;
  isPartial?: boolean;
}
export interface MessageOutput {
  message: ChatMessage;
  isPartial?: boolean;
}
export type Output = TextOutput | MessageOutput;

export interface CompletionOptions {
  readonly model?: string | null;
  readonly numOutputs?: number | null;
  readonly onStreamResult?: ((result: Output | null, error: string | null) => unknown) | null;
  /** 0 to 2. */
  readonly temperature?: number | null;
  readonly maxTokens?: number | null;
  readonly stopSequences?: readonly string[] | null;
  /** Oriel's: the promise rejects with the signal's reason and the backend stops. */
  readonly signal?: AbortSignal | null;
  /** Oriel's: what the backend does before it answers, as far as it tells. */
  readonly onProgress?: ((progress: Progress) => unknown) | null;
}

type Listener = (event: 'model_changed' | 'error', data: unknown) => void;

/** The typed half is there in secure contexts only. */
export interface WindowAi extends Partial<Family> {
  readonly __window_ai_metadata__: { readonly domain: string; readonly version: string };
  generateText(input: TextInput, options?: CompletionOptions): Promise<Output[]>;
  /** @deprecated by npm window.ai 0.2.0, still used. */
  getCompletion(input: TextInput, options?: CompletionOptions): Promise<Output | Output[]>;
  getCurrentModel(): Promise<string>;
  addEventListener(handler: Listener): string;
  /** Oriel's. Nothing of it reaches the classic listeners, who would take it for an error. */
  addEventListener(type: 'permissionchange', handler: PermissionListener): string;
  removeEventListener(handlerOrId: Listener | string): void;
  removeEventListener(type: 'permissionchange', handler: PermissionListener): void;
  BETA_generate3DObject(input: unknown, options?: unknown): Promise<never>;
  BETA_updateModelProvider(metadata?: unknown): Promise<void>;
  /** Oriel's, in secure contexts: answers requests to `baseURL` as OpenAI's API does, and no others. */
  readonly fetch?: typeof fetch;
  /** For clients of OpenAI's API. */
  readonly baseURL?: string;
}

/** What `getCurrentModel` says without a grant. */
const unknownModel = 'default';

export function createWindowAi(client: PageClient, version: string): WindowAi {
  const listeners: Record<string, Listener> = createObject(null);
  const permission = createPermissionWatch(client);
  let listenerCount = 0;
  let currentModel: string | undefined;

  const emit: Listener = (event, data) => {
    for (const id in listeners) guarded(() => listeners[id]?.(event, data));
  };

  client.watch({
    onEvent(event) {
      if (event.type !== 'model-changed') return;
      const { model } = event;
      currentModel = model;
      emit('model_changed', { model });
    },
    onStale() {
      // Without a grant there is nothing that could have changed.
      if (currentModel !== unknownModel) currentModel = undefined;
    },
  });

  /** The handler hears of the error, once, and so do the listeners. */
  const tell = (message: string, onStreamResult: CompletionOptions['onStreamResult']) => {
    if (onStreamResult) guarded(() => onStreamResult(null, message));
    emit('error', message);
  };

  /** `shape` turns what was generated into what the method promises. */
  const generate = <Result>(
    input: unknown,
    options: unknown,
    shape: (outputs: Output[], several: boolean) => Result,
  ): Promise<Result> => {
    const parsed = parseCall(input, options);
    if ('error' in parsed) {
      const { error } = parsed;
      const refused = rejected(error);
      if (typeof error === 'string') tell(error, parsed.onStreamResult);
      return refused;
    }
    const { request: asked, kind, onStreamResult, onProgress, signal } = parsed;
    const several = (asked.outputs ?? 1) > 1;
    const texts: string[] = [];
    const output = (text: string): Output => (kind === 'text' ? { text } : { message: { role: 'assistant', content: text } });
    return request(
      client,
      { type: 'generate', request: asked },
      {
        signal,
        onPart(part) {
          if (part.type === 'progress' && onProgress) guarded(() => onProgress(part));
          if (part.type !== 'text-delta') return;
          const index = part.output ?? 0;
          texts[index] = (texts[index] ?? '') + part.text;
          if (!several && onStreamResult) guarded(() => onStreamResult({ ...output(part.text), isPartial: true }, null));
        },
        read() {
          currentModel = currentModel === unknownModel ? undefined : currentModel;
          const said = chosen(texts, (text) => text !== undefined);
          return shape(mapped(said.length > 0 ? said : [''], output), several);
        },
        toError(error) {
          const message = errorString(error);
          tell(message, onStreamResult);
          return message;
        },
      },
    );
  };

  const ai: WindowAi = {
    __window_ai_metadata__: freeze({ domain: 'https://windowai.io', version }),

    generateText: (input, options) => generate(input, options, (outputs) => outputs),

    getCompletion: (input, options) =>
      generate(input, options, (outputs, several) => (several ? outputs : (outputs[0] as Output))),

    getCurrentModel: () =>
      new NativePromise((resolve) => {
        if (currentModel !== undefined) return resolve(currentModel);
        client.start(
          { type: 'current-model' },
          {
            onEnd(value) {
              currentModel = typeof value === 'string' ? value : unknownModel;
              resolve(currentModel);
            },
            onError: () => resolve(unknownModel),
          },
        );
      }),

    addEventListener(first: Listener | string, watcher?: PermissionListener) {
      listenerCount += 1;
      const id = `${listenerCount}`;
      if (typeof first === 'function') listeners[id] = first;
      else if (first === 'permissionchange' && typeof watcher === 'function') permission.add(id, watcher);
      return id;
    },

    removeEventListener(first: Listener | string, watcher?: PermissionListener) {
      for (const id in listeners) if (id === first || listeners[id] === first) delete listeners[id];
      permission.remove(watcher ?? first);
    },

    BETA_generate3DObject: () => rejected(errorString({ code: 'not-supported' })),

    // Any page can call it: it changes nothing.
    BETA_updateModelProvider: () => resolved(undefined),
  };
  if (globalThis.isSecureContext !== false)
    assign(ai, createFamily(client, permission.read), { fetch: createOpenAiFetch(client), baseURL });
  return freeze(ai);
}
