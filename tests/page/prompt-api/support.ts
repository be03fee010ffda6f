/** A page with the Prompt API in it: the relay's end is the test's, and so is the browser's own model where there is one. */

import './platform';

import { createPageClient } from '../../../page/client';
import { createAnswerer, type NativeModel } from '../../../page/prompt-api/answerer';
import { createLanguageModel, type PageDocument } from '../../../page/prompt-api/language-model';
import type { PromptApiState, SiteCapabilities } from '../../../protocol/page-messages';
import { createRelayEnd, type RelayEnd } from '../support/relay-end';

export interface TestSession extends EventTarget {
  prompt(input?: unknown, options?: unknown): Promise<unknown>;
  promptStreaming(input?: unknown, options?: unknown): ReadableStream<unknown>;
  append(input?: unknown, options?: unknown): Promise<undefined>;
  measureContextUsage(input?: unknown, options?: unknown): Promise<number>;
  readonly contextUsage: number;
  readonly contextWindow: number;
  oncontextoverflow: unknown;
  readonly samplingMode: string;
  clone(options?: unknown): Promise<TestSession>;
  destroy(): void;
}
export interface TestModel {
  new (): TestSession;
  readonly prototype: object;
  create(options?: unknown): Promise<TestSession>;
  availability(options?: unknown): Promise<string>;
}
export type ToolClass = new (init?: unknown) => Record<string, unknown>;

export interface PromptPage {
  readonly relay: RelayEnd;
  readonly LanguageModel: TestModel;
  readonly interfaces: Readonly<Record<string, ToolClass>>;
  readonly page: { -readonly [Key in keyof PageDocument]: PageDocument[Key] };
  /** Answers whatever is asked from now on, as an allowed site's model that repeats the last words it was told. */
  answers(reply?: (call: number) => Reply, state?: Partial<PromptApiState>): void;
  /** The `generate` requests so far. */
  requests(): readonly Request[];
}
export type Reply =
  | { readonly text?: string; readonly calls?: readonly object[]; readonly reason?: string }
  | { readonly code: string }
  | 'never';
type Request = Extract<import('../../../protocol/page-messages').PageCall, { type: 'generate' }>['request'];

export const allowed: SiteCapabilities = {
  state: 'allowed',
  scopes: ['generate', 'models.read', 'tools', 'image.in', 'audio.in'],
  model: { id: 'm', contextTokens: 4000 },
};

export function openPage(native?: NativeModel): PromptPage {
  const relay = createRelayEnd();
  const client = createPageClient(relay.port);
  const page = { isActive: () => true, isPermitted: () => true, hasBeenUsed: () => true };
  const interfaces = createLanguageModel(client, createAnswerer(client, native), page);
  let reply: (call: number) => Reply = () => ({});
  let state: PromptApiState = { site: allowed };
  let isAnswering = false;
  let generated = 0;

  const settle = (posted: { type: string; id: string; call?: { type: string; request?: Request } }) => {
    if (!isAnswering || posted.type !== 'request') return;
    const { id, call } = posted;
    if (call?.type === 'language-model') return relay.end(id, state);
    if (call?.type === 'connect') return relay.end(id, allowed);
    if (call?.type !== 'generate') return;
    const given = reply(generated++);
    if (given === 'never') return;
    if ('code' in given) return relay.fail(id, given);
    const last = call.request?.messages.at(-1)?.content.at(-1);
    relay.parts(id, { type: 'start', model: 'm', warnings: [] });
    if (given.text !== '') relay.text(id, given.text ?? `You said: ${last && 'text' in last ? last.text : ''}`);
    for (const one of given.calls ?? []) relay.parts(id, one as never);
    relay.parts(id, { type: 'finish', reason: (given.reason ?? 'stop') as 'stop' });
    relay.end(id);
  };
  relay.onPost((posted) => queueMicrotask(() => settle(posted as never)));

  return {
    relay,
    LanguageModel: interfaces.LanguageModel as unknown as TestModel,
    interfaces: interfaces as unknown as Readonly<Record<string, ToolClass>>,
    page,
    answers(given = () => ({}), change = {}) {
      reply = given;
      state = { site: allowed, ...change };
      isAnswering = true;
    },
    requests: () => relay.posted.flatMap(({ call }) => (call?.type === 'generate' ? [call.request] : [])),
  };
}

/** What a promise rejects with. */
export const errorOf = (promise: Promise<unknown>): Promise<{ name: string; message: string } & Record<string, unknown>> =>
  promise.then(
    (value) => {
      throw new Error(`It resolved: ${JSON.stringify(value)}`);
    },
    (error) => error,
  );

export async function readAll(stream: ReadableStream<unknown>): Promise<unknown[]> {
  const chunks: unknown[] = [];
  const reader = stream.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) chunks.push(read.value);
  return chunks;
}
