/** The typed half of `window.ai`: a permission that is asked for by itself, what the site may do, and answers as streams of parts. */

import type { Embeddings, EmbedRequest, Message, Part, StreamPart } from '../protocol/generate';
import type { PageCall, PageModel, PageRequest, SiteCapabilities } from '../protocol/page-messages';
import type { Wish } from '../protocol/scopes';
import type { PageClient } from './client';
import { exceptionOf } from './exceptions';
import type { Permission, PermissionWatch } from './permission';
import { guarded, isArray } from './realm';
import { request, streamed } from './requests';

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
  embed(request: EmbedRequest, options?: { readonly signal?: AbortSignal | undefined }): Promise<Embeddings>;
}

/** @param read see PermissionWatch */
export function createFamily(client: PageClient, read: PermissionWatch['read']): Family {
  const toPermission = (value: unknown) => read(value as SiteCapabilities);
  const ask = <Value>(call: PageCall, how: { signal?: AbortSignal | undefined; read?: (value: unknown) => Value } = {}) =>
    request(client, call, { ...how, toError: exceptionOf });

  return {
    connect: (options) =>
      ask({ type: 'connect', scopes: options?.scopes ?? [] }, { signal: options?.signal, read: toPermission }),
    permission: () => ask({ type: 'capabilities' }, { read: toPermission }),
    models: () => ask({ type: 'models' }),
    embed: (asked, options) => ask({ type: 'embed', request: asked }, { signal: options?.signal }),

    generate(asked, options) {
      const tell = (progress: PageProgress) => guarded(() => options?.onProgress?.(progress));
      return streamed(options?.signal, (push, signal) =>
        request(
          client,
          { type: 'generate', request: full(asked) },
          {
            signal,
            toError: exceptionOf,
            onWaiting: () => tell({ stage: 'waiting' }),
            onPart(part) {
              if (part.type !== 'progress') return push(part as AnswerPart);
              const { type: _, ...progress } = part;
              tell(progress);
            },
          },
        ),
      );
    },
  };
}

/** Where a message is a string, the one part that it stands for. What makes no sense goes on as it is: the background refuses it. */
function full(asked: FamilyRequest): PageRequest {
  const messages = asked?.messages;
  if (!isArray(messages)) return asked as PageRequest;
  const read: Message[] = [];
  for (let index = 0; index < messages.length; index += 1) {
    const message = messages[index] as ShortMessage;
    const content = message?.content;
    read[index] = (typeof content === 'string' ? { ...message, content: [{ type: 'text', text: content }] } : message) as Message;
  }
  return { ...asked, messages: read };
}
