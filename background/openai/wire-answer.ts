/** What writes an answer in one of OpenAI's shapes, and what their shapes have in common. */

import type { FinishReason, StreamPart, Usage } from '../../protocol/generate';
import type { WireErrorBody } from './wire-error';

/** Takes an answer part by part. A stream is what `take` gives, and at its end `end` or `failed`; a document is `whole`, at the end. */
export interface AnswerWriter {
  /** Server-sent events, or nothing. */
  take(part: StreamPart): string;
  /** What tells in the middle of a stream that no more comes. */
  failed(error: WireErrorBody): string;
  end(): string;
  whole(): object;
}

/** What an answer says of itself. */
export interface Identity {
  /** Unique, without a prefix. */
  readonly id: string;
  /** Seconds since the epoch. */
  readonly created: number;
}

export const event = (data: object, name?: string): string =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;

export const doneEvent = 'data: [DONE]\n\n';

export interface Call {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** One of the answers as far as it has come. */
export interface Output {
  text: string;
  reasoning: string;
  readonly calls: Call[];
  finish: FinishReason | undefined;
}

export interface Answer {
  /** Empty until the backend has named it. */
  readonly model: string;
  readonly usage: Usage | undefined;
  output(index: number): Output;
  /** In the order of their numbers. */
  outputs(): readonly Output[];
  take(part: StreamPart): void;
}

/** Adds the parts of an answer up. */
export function collectAnswer(): Answer {
  const outputs: Output[] = [];
  let model = '';
  let usage: Usage | undefined;

  const output = (index: number): Output => {
    while (outputs.length <= index) outputs.push({ text: '', reasoning: '', calls: [], finish: undefined });
    return outputs[index] as Output;
  };

  return {
    get model() {
      return model;
    },
    get usage() {
      return usage;
    },
    output,
    outputs: () => outputs,

    take(part) {
      if (part.type === 'start') model = part.model;
      if (part.type === 'usage') usage = part.usage;
      if (part.type === 'text-delta') output(part.output ?? 0).text += part.text;
      if (part.type === 'reasoning-delta') output(part.output ?? 0).reasoning += part.text;
      if (part.type === 'finish') output(part.output ?? 0).finish = part.reason;
      if (part.type === 'tool-call') {
        const { id, name, arguments: json } = part;
        output(part.output ?? 0).calls.push({ id, name, arguments: json });
      }
    },
  };
}

/** @param names what this API calls input and output; what is unknown is left out, and a sum of it too */
export function usageFields(usage: Usage | undefined, [input, output]: readonly [string, string]): object | undefined {
  if (usage?.inputTokens === undefined && usage?.outputTokens === undefined) return undefined;
  const { inputTokens, outputTokens, cachedTokens, reasoningTokens } = usage;
  return {
    [input]: inputTokens,
    [output]: outputTokens,
    total_tokens: inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens,
    ...(cachedTokens !== undefined && { [`${input}_details`]: { cached_tokens: cachedTokens } }),
    ...(reasoningTokens !== undefined && { [`${output}_details`]: { reasoning_tokens: reasoningTokens } }),
  };
}
