/** The typed half of `window.ai`: a permission that is asked for by itself, what the site may do, and answers as streams of parts. */

import type { Message, Part, StreamPart } from '../protocol/generate';
import type { PageCall, PageModel, PageRequest, SiteCapabilities } from '../protocol/page-messages';
import type { Wish } from '../protocol/scopes';
import type { PageClient } from './client';
import { exceptionOf } from './exceptions';
import type { Permission, PermissionWatch } from './permission';
import {
  abortedOf,
  closeStream,
  enqueue,
  failStream,
  isArray,
  listen,
  NativePromise,
  NativeReadableStream,
  reasonOf,
  report,
  unlisten,
} from './realm';

type ProgressPart = Extract<StreamPart, { readonly type: 'progress' }>;
/** `waiting`: for the person, or for its turn. */
export type PageProgress = Omit<ProgressPart, 'type'> | { readonly stage: 'waiting' };
export type AnswerPart = Exclude<StreamPart, { readonly type: 'progress' | 'error' }>;

/** A string is one part of text. */
export type ShortMessage = Omit<Message, 'content'> & { readonly content: string | readonly Part[] };
export type FamilyRequest = Omit<PageRequest, 'messages'> & { readonly messages: readonly ShortMessage[] };

export interface FamilyOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PageProgress) => unknown) | undefined;
}

export interface Family {
  connect(options?: {
    readonly scopes?: readonly Wish[] | undefined;
    readonly signal?: AbortSignal | undefined;
  }): Promise<Permission>;
  permission(): Promise<Permission>;
  models(): Promise<PageModel[]>;
  generate(request: FamilyRequest, options?: FamilyOptions): ReadableStream<AnswerPart>;
}

/** @param read see PermissionWatch */
export function createFamily(client: PageClient, read: PermissionWatch['read']): Family {
  /** Settles with what the background says, or with the signal's reason. */
  const ask = <Value>(call: PageCall, signal?: AbortSignal) =>
    new NativePromise<Value>((resolve, reject) => {
      follow(signal, reject, (settled) =>
        client.start(call, {
          onEnd(value) {
            settled();
            // What the background answers with, page-messages.ts says.
            resolve((call.type === 'models' ? value : read(value as SiteCapabilities)) as Value);
          },
          onError(error) {
            settled();
            reject(exceptionOf(error));
          },
        }),
      );
    });

  return {
    connect: (options) => ask({ type: 'connect', scopes: options?.scopes ?? [] }, options?.signal),
    permission: () => ask({ type: 'capabilities' }),
    models: () => ask({ type: 'models' }),

    generate(request, options) {
      let stop: (() => void) | undefined;
      return new NativeReadableStream<AnswerPart>({
        start(controller) {
          const fail = (error: unknown) => failStream(controller, error);
          const tell = (progress: PageProgress) => {
            try {
              options?.onProgress?.(progress);
            } catch (error) {
              report(error);
            }
          };
          try {
            stop = follow(options?.signal, fail, (settled) =>
              client.start(
                { type: 'generate', request: full(request) },
                {
                  onWaiting: () => tell({ stage: 'waiting' }),
                  onPart(part) {
                    if (part.type !== 'progress') return enqueue(controller, part as AnswerPart);
                    const { type: _, ...progress } = part;
                    tell(progress);
                  },
                  onEnd() {
                    settled();
                    closeStream(controller);
                  },
                  onError(error) {
                    settled();
                    fail(exceptionOf(error));
                  },
                },
              ),
            );
          } catch (error) {
            // What cannot be sent: a function in the request, or a getter of the page's that threw.
            fail(error);
          }
        },
        cancel: () => stop?.(),
      });
    },
  };
}

/**
 * Starts something that a signal may stop.
 * @param fail gets the signal's reason
 * @param start gets what is to be called when it is over, and returns how to stop it
 */
function follow(
  signal: AbortSignal | undefined,
  fail: (reason: unknown) => void,
  start: (settled: () => void) => () => void,
): (() => void) | undefined {
  if (!signal) return start(() => undefined);
  if (abortedOf(signal)) {
    fail(reasonOf(signal));
    return undefined;
  }
  const settled = () => unlisten(signal, 'abort', onAbort);
  const stop = start(settled);
  const stopAll = () => {
    settled();
    stop();
  };
  const onAbort = () => {
    stopAll();
    fail(reasonOf(signal));
  };
  listen(signal, 'abort', onAbort);
  return stopAll;
}

/** Where a message is a string, the one part that it stands for. What makes no sense goes on as it is: the background refuses it. */
function full(request: FamilyRequest): PageRequest {
  const messages = request?.messages;
  if (!isArray(messages)) return request as PageRequest;
  const read: Message[] = [];
  for (let index = 0; index < messages.length; index += 1) {
    const message = messages[index] as ShortMessage;
    const content = message?.content;
    read[index] = (typeof content === 'string' ? { ...message, content: [{ type: 'text', text: content }] } : message) as Message;
  }
  return { ...request, messages: read };
}
