/** The classic half of a fake wallet: inputs, outputs and errors exactly as npm `window.ai` 0.2.4 has them. */

import { classicError, classicStrings, FakeFailure } from './fake-errors';
import type {
  AnswerPart,
  ClassicAi,
  ClassicInput,
  ClassicListener,
  ClassicOptions,
  ClassicOutput,
  GenerateOptions,
  GenerateRequest,
  Message,
} from './types';

interface FakeClassicDeps {
  readonly version: string;
  readonly model: () => string;
  readonly isGranted: () => boolean;
  readonly answer: (request: GenerateRequest, options: GenerateOptions) => AsyncIterable<AnswerPart>;
}

export type FakeClassic = Omit<ClassicAi, 'addEventListener' | 'removeEventListener'> & {
  readonly emit: ClassicListener;
  readonly listeners: Map<string, ClassicListener>;
};

export function createFakeClassic({ version, model, isGranted, answer }: FakeClassicDeps): FakeClassic {
  const listeners = new Map<string, ClassicListener>();
  const emit: ClassicListener = (event, data) => {
    for (const listener of listeners.values()) guarded(() => listener(event, data));
  };

  const generate = async (input: ClassicInput, options: ClassicOptions = {}): Promise<ClassicOutput[]> => {
    const { request, isPrompt } = parse(input, options);
    const { onStreamResult, onProgress, signal } = options;
    const outputOf = (text: string): ClassicOutput => (isPrompt ? { text } : { message: { role: 'assistant', content: text } });
    const texts: string[] = [];
    try {
      if (!request) throw new FakeFailure('invalid-request');
      const parts = answer(request, {
        ...(signal && { signal }),
        onProgress: (progress) => progress.stage !== 'waiting' && onProgress?.(progress),
      });
      for await (const part of parts) {
        if (part.type !== 'text-delta') continue;
        const { text, output = 0 } = part;
        texts[output] = (texts[output] ?? '') + text;
        if (onStreamResult && (request.outputs ?? 1) === 1)
          guarded(() => onStreamResult({ ...outputOf(text), isPartial: true }, null));
      }
    } catch (error) {
      const told = classicError(error);
      if (typeof told === 'string' && told !== signal?.reason) {
        // After the rejection, and once.
        queueMicrotask(() => {
          if (onStreamResult) guarded(() => onStreamResult(null, told));
          emit('error', told);
        });
      }
      throw told;
    }
    return texts.length > 0 ? texts.map(outputOf) : [outputOf('')];
  };

  return {
    listeners,
    emit,
    __window_ai_metadata__: Object.freeze({ domain: 'https://windowai.io', version }),
    generateText: generate,
    async getCompletion(input, options) {
      const outputs = await generate(input, options);
      return (options?.numOutputs ?? 1) > 1 ? outputs : (outputs[0] as ClassicOutput);
    },
    getCurrentModel: async () => (isGranted() ? model() : 'default'),
    BETA_generate3DObject: () => Promise.reject(classicStrings['not-supported']),
    BETA_updateModelProvider: async () => undefined,
  };
}

function guarded(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    reportError(error);
  }
}

const isIn = (value: unknown, minimum: number, maximum: number, whole = true) =>
  value === undefined ||
  value === null ||
  (typeof value === 'number' && value >= minimum && value <= maximum && (!whole || Number.isInteger(value)));

/** `request` is absent where a value is out of its range. @throws Error as the original for what is no input and no options at all */
function parse(input: ClassicInput, options: ClassicOptions): { request: GenerateRequest | undefined; isPrompt: boolean } {
  const { onStreamResult, signal, temperature, maxTokens, numOutputs, stopSequences } = options ?? {};
  if (typeof options !== 'object' || options === null || (onStreamResult && typeof onStreamResult !== 'function'))
    throw new Error('Invalid options');
  if (signal && !(signal instanceof AbortSignal)) throw new Error('Invalid options');
  const { messages, prompt } = { messages: undefined, prompt: undefined, ...input };
  const isPrompt = !Array.isArray(messages);
  if (isPrompt && typeof prompt !== 'string') throw new Error('Invalid input');

  const turns: unknown[] = [
    ...(Array.isArray(messages) ? messages : []),
    ...(typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : []),
  ];
  const isValid =
    turns.length > 0 &&
    turns.every(isMessage) &&
    isIn(temperature, 0, 2, false) &&
    isIn(maxTokens, 1, 1_000_000) &&
    isIn(numOutputs, 1, 8);
  const asked = options.model ?? input.model;
  const request: GenerateRequest = {
    messages: turns as Message[],
    ...(asked && { model: asked }),
    ...(temperature != null && { temperature }),
    ...(maxTokens != null && { maxOutputTokens: maxTokens }),
    ...(numOutputs != null && { outputs: numOutputs }),
    ...(stopSequences && stopSequences.length > 0 && { stop: stopSequences }),
  };
  return { request: isValid ? request : undefined, isPrompt };
}

const isMessage = (value: unknown): value is Message => {
  if (typeof value !== 'object' || value === null) return false;
  const { role, content } = value as Partial<Message>;
  return (role === 'system' || role === 'user' || role === 'assistant') && typeof content === 'string';
};
