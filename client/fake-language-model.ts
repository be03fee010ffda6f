/** `LanguageModel` of a fake wallet: sessions that are answered from its script. What the real class refuses by name, this one takes. */

import { exceptionOf } from './fake-errors';
import type { AnswerPart, GenerateRequest, Message, Permission, Wish } from './types';

export interface FakeSessionOptions {
  readonly initialPrompts?: readonly Message[];
  readonly expectedInputs?: readonly { readonly type: string }[];
  readonly signal?: AbortSignal;
}
export interface FakePromptOptions {
  readonly signal?: AbortSignal;
}

/** The members that pages use most. */
export interface FakeLanguageModelSession extends EventTarget {
  prompt(input: string | readonly Message[], options?: FakePromptOptions): Promise<string>;
  promptStreaming(input: string | readonly Message[], options?: FakePromptOptions): ReadableStream<string>;
  append(input: string | readonly Message[]): Promise<void>;
  clone(): Promise<FakeLanguageModelSession>;
  destroy(): void;
  /** In characters. */
  readonly contextUsage: number;
  readonly contextWindow: number;
}
export interface FakeLanguageModel {
  availability(options?: FakeSessionOptions): Promise<'downloadable' | 'available'>;
  create(options?: FakeSessionOptions): Promise<FakeLanguageModelSession>;
}

interface Deps {
  readonly answer: (request: GenerateRequest, options: { signal?: AbortSignal }) => AsyncGenerator<AnswerPart, void>;
  readonly ask: (wishes: readonly Wish[], signal: AbortSignal | undefined) => Promise<unknown>;
  readonly permission: () => Permission;
}

const messagesOf = (input: string | readonly Message[]): readonly Message[] =>
  typeof input === 'string' ? [{ role: 'user', content: input }] : input;
const sizeOf = (messages: readonly Message[]) => messages.reduce((sum, { content }) => sum + content.length, 0);

export function createFakeLanguageModel({ answer, ask, permission }: Deps): FakeLanguageModel {
  const open = (known: readonly Message[], signal?: AbortSignal): FakeLanguageModelSession => {
    const kill = new AbortController();
    signal?.addEventListener('abort', () => kill.abort(signal.reason));
    let history = known;

    async function* reply(input: string | readonly Message[], options: FakePromptOptions = {}): AsyncGenerator<string, void> {
      const messages = [...history, ...messagesOf(input)];
      const stop = options.signal ? AbortSignal.any([kill.signal, options.signal]) : kill.signal;
      let said = '';
      try {
        stop.throwIfAborted();
        for await (const part of answer({ messages }, { signal: stop })) {
          if (part.type !== 'text-delta') continue;
          said += part.text;
          yield part.text;
        }
      } catch (error) {
        throw exceptionOf(error);
      }
      history = [...messages, { role: 'assistant', content: said }];
    }

    const members = {
      async prompt(input: string | readonly Message[], options?: FakePromptOptions) {
        let text = '';
        for await (const delta of reply(input, options)) text += delta;
        return text;
      },
      promptStreaming(input: string | readonly Message[], options?: FakePromptOptions) {
        const deltas = reply(input, options);
        return new ReadableStream<string>({
          async pull(controller) {
            const { done, value } = await deltas.next();
            if (done) controller.close();
            else controller.enqueue(value);
          },
          cancel: () => void deltas.return(),
        });
      },
      async append(input: string | readonly Message[]) {
        history = [...history, ...messagesOf(input)];
      },
      clone: async () => open(history),
      destroy: () => kill.abort(new DOMException('The session has been destroyed.', 'InvalidStateError')),
      get contextUsage() {
        return sizeOf(history);
      },
      contextWindow: 8192,
    };
    // As descriptors: `contextUsage` is read when it is asked for.
    return Object.defineProperties(new EventTarget(), Object.getOwnPropertyDescriptors(members)) as FakeLanguageModelSession;
  };

  return {
    availability: async () => (permission().state === 'granted' ? 'available' : 'downloadable'),
    async create({ initialPrompts = [], expectedInputs = [], signal } = {}) {
      const wishes = (['image.in', 'audio.in'] as const).filter((wish) =>
        expectedInputs.some(({ type }) => wish.startsWith(type)),
      );
      try {
        signal?.throwIfAborted();
        await ask(wishes, signal);
      } catch (error) {
        throw exceptionOf(error);
      }
      return open(initialPrompts, signal);
    },
  };
}
