/**
 * A wallet for tests of pages: the same `window.ai` and `LanguageModel`, answered from a script instead of by a model. It needs no extension and no network, and holds to
 * the sentences that the real one is tested with.
 */

import { type FakeAnswer, play } from './fake-answer';
import { createFakeClassic } from './fake-classic';
import { exceptionOf, FakeFailure } from './fake-errors';
import { baseURL, createFakeFetch } from './fake-fetch';
import { createFakeLanguageModel, type FakeLanguageModel } from './fake-language-model';
import { createFakePerson, type FakePersonAnswer, scopesOf } from './fake-person';
import { vectorOf } from './fake-vectors';
import type {
  AnswerPart,
  ClassicListener,
  ConnectOptions,
  Embeddings,
  EmbedRequest,
  GenerateOptions,
  GenerateRequest,
  Model,
  Oriel,
  Permission,
  Wish,
} from './types';

export type { FakeAnswer, FakeAnswerScript } from './fake-answer';
export type { FakeErrorCode } from './fake-errors';
export type { FakeLanguageModel, FakeLanguageModelSession } from './fake-language-model';
export type { FakePersonAnswer } from './fake-person';

export interface FakeOrielOptions {
  /** What is answered, one after the other; the last one again and again. A function sees the request. @defaultValue `You said: ` and the last message */
  readonly answers?: readonly FakeAnswer[] | ((request: GenerateRequest) => FakeAnswer);
  /** What the person says to a site without a permission. @defaultValue `allows` */
  readonly person?: FakePersonAnswer;
  /** The site has a permission already, with these scopes beside text. */
  readonly granted?: boolean | readonly Wish[];
  /** Who answers. @defaultValue `{ id: 'fake-model' }` */
  readonly model?: Model;
  /** Milliseconds before each piece of an answer. @defaultValue 0 */
  readonly delay?: number;
  readonly version?: string;
}

export interface FakeOriel {
  readonly oriel: Oriel;
  /** What pages find as `LanguageModel`. */
  readonly languageModel: FakeLanguageModel;
  /** Everything that was asked, as the backend would get it. */
  readonly requests: readonly GenerateRequest[];
  /** What the next answers are; those that were there before are dropped. */
  answerWith(...answers: readonly FakeAnswer[]): void;
  /** What the person says from now on. */
  personWill(say: FakePersonAnswer): void;
  /** Answers whatever waits for the person. */
  allow(): void;
  refuse(): void;
  /** Gives the permission without being asked, as in another tab. */
  grant(wishes?: readonly Wish[]): void;
  /** Takes it back: what runs fails with `NotAllowedError`. */
  revoke(): void;
  /** The person chooses another model. */
  useModel(model: Model): void;
  /** Takes it out of the window again. */
  uninstall(): void;
}

/** A fake wallet that is nowhere yet; `installFakeOriel` puts one where pages look. */
export function createFakeOriel(options: FakeOrielOptions = {}): Omit<FakeOriel, 'uninstall'> {
  const { delay = 0, granted = false, version = '0.0.0-fake' } = options;
  let model = options.model ?? { id: 'fake-model' };
  let answers = options.answers ?? (({ messages }: GenerateRequest) => `You said: ${textOf(messages.at(-1))}`);
  const requests: GenerateRequest[] = [];
  const runs = new Set<AbortController>();
  const person = createFakePerson(() => model, options.person ?? 'allows');
  if (granted) person.grant(granted === true ? [] : granted);

  const next = (request: GenerateRequest): FakeAnswer => {
    if (typeof answers === 'function') return answers(request);
    const [first = '', ...others] = answers;
    if (others.length > 0) answers = others;
    return first;
  };

  async function* answer(request: GenerateRequest, { signal, onProgress }: GenerateOptions): AsyncGenerator<AnswerPart, void> {
    signal?.throwIfAborted();
    const needed = scopesOf(request);
    if (person.permission().state === 'prompt') onProgress?.({ stage: 'waiting' });
    await person.ask(needed, signal);
    signal?.throwIfAborted();
    const run = new AbortController();
    const follow = () => run.abort(signal?.reason);
    signal?.addEventListener('abort', follow);
    runs.add(run);
    try {
      requests.push(structuredClone(request));
      yield* play(next(request), request, { model: model.id, delay, onProgress, signal: run.signal });
    } finally {
      runs.delete(run);
      signal?.removeEventListener('abort', follow);
    }
  }

  const embed = async ({ input, dimensions }: EmbedRequest, signal?: AbortSignal): Promise<Embeddings> => {
    signal?.throwIfAborted();
    if (!Array.isArray(input) || input.length === 0 || !input.every((text) => typeof text === 'string' && text !== ''))
      throw new FakeFailure('invalid-request');
    await person.ask(['generate', 'embed'], signal);
    return { model: 'fake-embedding', vectors: input.map((text) => vectorOf(text, dimensions)) };
  };

  const classic = createFakeClassic({ version, model: () => model.id, isGranted: person.isGranted, answer });
  const { listeners, emit, ...members } = classic;
  const watchers = new Map<string, (permission: Permission) => void>();
  person.onChange((permission) => {
    for (const watcher of [...watchers.values()]) watcher(permission);
  });
  let count = 0;
  const models = () => [person.isGranted() ? model : { id: 'default' }];

  const oriel: Oriel = Object.freeze({
    ...members,

    async connect({ scopes = [], signal }: ConnectOptions = {}) {
      try {
        signal?.throwIfAborted();
        await person.ask(['generate', ...scopes], signal);
        return person.permission();
      } catch (error) {
        throw exceptionOf(error);
      }
    },
    permission: async () => person.permission(),
    models: async () => models(),
    generate: (request: GenerateRequest, how: GenerateOptions = {}) => toStream(answer, request, how),
    async embed(request: EmbedRequest, { signal }: { readonly signal?: AbortSignal | undefined } = {}) {
      try {
        return await embed(request, signal);
      } catch (error) {
        throw exceptionOf(error);
      }
    },
    fetch: createFakeFetch({ answer, embed, models }),
    baseURL,

    addEventListener(first: ClassicListener | 'permissionchange', handler?: (permission: Permission) => void) {
      count += 1;
      const id = String(count);
      if (typeof first === 'function') listeners.set(id, first);
      else if (first === 'permissionchange' && handler) watchers.set(id, handler);
      return id;
    },
    removeEventListener(first: ClassicListener | string, handler?: (permission: Permission) => void) {
      for (const [id, listener] of listeners) if (id === first || listener === first) listeners.delete(id);
      for (const [id, watcher] of watchers) if (id === first || watcher === handler) watchers.delete(id);
    },
  });

  return {
    oriel,
    languageModel: createFakeLanguageModel({
      answer,
      ask: (wishes, signal) => person.ask(['generate', ...wishes], signal),
      permission: person.permission,
    }),
    requests,
    answerWith(...more) {
      answers = more;
    },
    personWill(say) {
      person.says = say;
    },
    allow: person.allow,
    refuse: person.refuse,
    grant: person.grant,
    revoke() {
      person.revoke();
      for (const run of runs) run.abort(new FakeFailure('not-allowed'));
    },
    useModel(chosen) {
      model = chosen;
      if (person.isGranted()) emit('model_changed', { model: chosen.id });
    },
  };
}

/** Puts a fake wallet where pages look for one: as `window.ai` and `LanguageModel`, unless something is there, and by its announcement. */
export function installFakeOriel(options: FakeOrielOptions = {}, target: Window = window): FakeOriel {
  const fake = createFakeOriel(options);
  const { oriel } = fake;
  const put = (name: string, value: unknown) => {
    if (name in target) return () => undefined;
    Object.defineProperty(target, name, { value, writable: false, configurable: true, enumerable: name === 'ai' });
    return () => Reflect.deleteProperty(target, name);
  };
  const taking = [put('ai', oriel), put('LanguageModel', fake.languageModel)];
  const { version } = oriel.__window_ai_metadata__;
  const detail = Object.freeze({ info: Object.freeze({ name: 'Oriel', id: 'invalid.oriel', version }), provider: oriel });
  const announce = () => target.dispatchEvent(new CustomEvent('ai:announce', { detail }));
  target.addEventListener('ai:request', announce);
  announce();
  return {
    ...fake,
    uninstall() {
      target.removeEventListener('ai:request', announce);
      for (const take of taking) take();
    },
  };
}

function textOf(message: GenerateRequest['messages'][number] | undefined): string {
  const { content = '' } = message ?? {};
  return typeof content === 'string' ? content : content.map((part) => ('text' in part ? part.text : '')).join('');
}

type Answer = (request: GenerateRequest, options: GenerateOptions) => AsyncGenerator<AnswerPart, void>;

/** Begins at once, whether anybody reads or not, as the real one does. */
function toStream(answer: Answer, request: GenerateRequest, options: GenerateOptions): ReadableStream<AnswerPart> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  return new ReadableStream<AnswerPart>({
    async start(controller) {
      try {
        if (!isRequest(request)) throw new FakeFailure('invalid-request');
        for await (const part of answer(request, { ...options, signal })) controller.enqueue(part);
        controller.close();
      } catch (error) {
        if (!stop.signal.aborted) controller.error(exceptionOf(error));
      }
    },
    cancel: () => stop.abort(),
  });
}

const isRequest = (request: unknown): request is GenerateRequest => {
  const messages = (request as Partial<GenerateRequest> | null)?.messages;
  return Array.isArray(messages) && messages.length > 0 && messages.every((message) => typeof message?.role === 'string');
};
