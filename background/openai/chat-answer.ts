/** Owns the answers of Chat Completions and of the older Completions: chunks ending with `[DONE]`, or one document. */

import type { FinishReason, StreamPart } from '../../protocol/generate';
import {
  type AnswerWriter,
  type Call,
  collectAnswer,
  doneEvent,
  event,
  type Identity,
  type Output,
  usageFields,
} from './wire-answer';

interface ChatOptions extends Identity {
  readonly includesUsage: boolean;
  readonly isLegacy: boolean;
}

const reasons: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  aborted: 'stop',
  other: 'stop',
};

const tokenNames = ['prompt_tokens', 'completion_tokens'] as const;

/** `chat.completion`, or `chat.completion.chunk` (OpenAI API reference). Thought is told as `reasoning_content`, the name that clients read. */
export function createChatAnswer({ id, created, includesUsage, isLegacy }: ChatOptions): AnswerWriter {
  const answer = collectAnswer();
  const reasonOf = (finish: FinishReason | undefined) =>
    isLegacy && finish === 'tool-calls' ? 'function_call' : reasons[finish ?? 'other'];
  const head = (object: string) => ({ id: `chatcmpl-${id}`, object, created, model: answer.model });
  const begun = new Set<number>();

  const chunk = (index: number, delta: object, finish: string | null = null) => {
    // The first of each says who speaks.
    const role = begun.has(index) ? {} : { role: 'assistant', content: '' };
    begun.add(index);
    return event({
      ...head('chat.completion.chunk'),
      choices: [{ index, delta: { ...role, ...delta }, logprobs: null, finish_reason: finish }],
      ...(includesUsage && { usage: null }),
    });
  };

  const callDelta = ({ name, arguments: json, id: callId }: Call, index: number) =>
    isLegacy
      ? { function_call: { name, arguments: json } }
      : { tool_calls: [{ index, id: callId, type: 'function', function: { name, arguments: json } }] };

  const takeDelta = (part: StreamPart): string => {
    const index = 'output' in part ? (part.output ?? 0) : 0;
    switch (part.type) {
      case 'start':
        return chunk(0, {});
      case 'text-delta':
        return chunk(index, { content: part.text });
      case 'reasoning-delta':
        return chunk(index, { reasoning_content: part.text });
      case 'tool-call':
        return chunk(index, callDelta(part, answer.output(index).calls.length - 1));
      case 'finish':
        return chunk(index, {}, reasonOf(part.reason));
      default:
        return '';
    }
  };

  const usage = () => usageFields(answer.usage, tokenNames);

  const messageOf = ({ text, reasoning, calls }: Output) => ({
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    refusal: null,
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(calls.length > 0 &&
      (isLegacy
        ? { function_call: { name: calls[0]?.name, arguments: calls[0]?.arguments } }
        : {
            tool_calls: calls.map((call) => ({
              id: call.id,
              type: 'function',
              function: { name: call.name, arguments: call.arguments },
            })),
          })),
  });

  return {
    take(part) {
      answer.take(part);
      return takeDelta(part);
    },
    failed: (error) => event({ error }),
    end() {
      const told = includesUsage ? usage() : undefined;
      return (told ? event({ ...head('chat.completion.chunk'), choices: [], usage: told }) : '') + doneEvent;
    },
    whole: () => ({
      ...head('chat.completion'),
      choices: answer.outputs().map((output, index) => ({
        index,
        message: messageOf(output),
        logprobs: null,
        finish_reason: reasonOf(output.finish),
      })),
      usage: usage(),
    }),
  };
}

/** `text_completion`, whole and in chunks alike (OpenAI API reference, Completions). */
export function createCompletionAnswer({ id, created, includesUsage }: ChatOptions): AnswerWriter {
  const answer = collectAnswer();
  const head = () => ({ id: `cmpl-${id}`, object: 'text_completion', created, model: answer.model });
  const choice = (index: number, text: string, finish: FinishReason | undefined) => ({
    index,
    text,
    logprobs: null,
    finish_reason: finish === undefined ? null : reasons[finish],
  });
  const usage = () => usageFields(answer.usage, tokenNames);

  return {
    take(part) {
      answer.take(part);
      if (part.type === 'text-delta') return event({ ...head(), choices: [choice(part.output ?? 0, part.text, undefined)] });
      return part.type === 'finish' ? event({ ...head(), choices: [choice(part.output ?? 0, '', part.reason)] }) : '';
    },
    failed: (error) => event({ error }),
    end() {
      const told = includesUsage ? usage() : undefined;
      return (told ? event({ ...head(), choices: [], usage: told }) : '') + doneEvent;
    },
    whole: () => ({
      ...head(),
      choices: answer.outputs().map(({ text, finish }, index) => choice(index, text, finish ?? 'stop')),
      usage: usage(),
    }),
  };
}
