/**
 * Holds an answer to the form that the page asked for: by the backend where it can, in words and by a check where it cannot. What was not checked is
 * held back, except for JSON of a backend that enforces it, which comes as it is written and is checked at its end.
 */

import { AiError, toAiError } from '../protocol/errors';
import type { GenerateRequest, StreamPart, Usage } from '../protocol/generate';
import { addUsage } from './add-usage';
import { type AnswerForm, answerFormOf, inWords } from './answer-form';

export type Generate = (request: GenerateRequest) => AsyncIterable<StreamPart>;

interface Attempt {
  readonly isEnforced: boolean;
  readonly isRepeated: boolean;
}

/**
 * @param mayRepeat the backend may be asked a second time where the first answer is not in the form and nothing of it was delivered
 * @throws AiError `not-supported` before anything is asked, `invalid-answer` where the model does not keep to the form
 */
export async function* formed(request: GenerateRequest, generate: Generate, mayRepeat: boolean): AsyncIterable<StreamPart> {
  const form = answerFormOf(request);
  if (!form) return yield* generate(request);
  const told: Usage[] = [];
  let answers = 0;
  let hasStarted = false;

  /** What all answers used. Of one that was left before its end nobody told. */
  const usage = (): readonly StreamPart[] => {
    if (told.length === 0) return [];
    const all = told.reduce(addUsage);
    return [{ type: 'usage', usage: { ...all, estimated: all.estimated || told.length < answers } }];
  };

  let { isEnforced, isRepeated }: Attempt = { isEnforced: form.enforced !== undefined, isRepeated: false };
  while (true) {
    answers += 1;
    const answer = createHeld(form, isEnforced, request);
    try {
      for await (const part of generate(asked(request, form, { isEnforced, isRepeated }))) {
        if (part.type === 'usage') told.push(part.usage);
        else if (part.type !== 'start' || !hasStarted) yield* answer.take(part);
        if (part.type === 'start') hasStarted = true;
        // No answer in the form goes on like that: the rest of it would cost for nothing.
        if (answer.isLost()) break;
      }
    } catch (error) {
      const { fault, code } = toAiError(error);
      if (!isEnforced || hasStarted || (fault ?? code) !== 'not-supported') throw error;
      isEnforced = false;
      answers -= 1;
      continue;
    }
    const rest = answer.end();
    if (rest) return yield* [...usage(), ...rest];
    if (answer.isDelivered() || isRepeated || !mayRepeat) {
      yield* usage();
      throw new AiError('invalid-answer', 'The model did not keep to the form that was asked for.');
    }
    [isEnforced, isRepeated] = [false, true];
  }
}

function asked(request: GenerateRequest, form: AnswerForm, { isEnforced, isRepeated }: Attempt): GenerateRequest {
  if (isEnforced) return { ...request, responseFormat: form.enforced?.format };
  return form.isUntold ? { ...request, responseFormat: undefined } : inWords(request, form, isRepeated);
}

interface Held {
  text: string;
  readonly follow: (text: string) => boolean;
  /** It is no text in a form: a call of a tool, or a refusal. */
  isOther: boolean;
}

/** One answer, or several beside one another, as far as it came. */
function createHeld(form: AnswerForm, isEnforced: boolean, { outputs = 1, tools = [] }: GenerateRequest) {
  const held = Array.from({ length: outputs }, (): Held => ({ text: '', follow: form.follow(), isOther: false }));
  const finishes: StreamPart[] = [];
  const streams = isEnforced && form.enforced?.isWrapped === false && outputs === 1;
  let sent = 0;
  let isLost = false;

  const takeText = (answer: Held, text: string): readonly StreamPart[] => {
    answer.text += text;
    if (answer.isOther || isLost) return [];
    if (sent === 0 && !answer.follow(text)) {
      // Before it calls a tool a model may say so; and marks can be taken off at the end.
      isLost = outputs === 1 && tools.length === 0 && !isMarked(answer.text);
      return [];
    }
    if (!streams || isMarked(answer.text) || answer.text.trim() === '') return [];
    const rest = answer.text.slice(sent);
    sent = answer.text.length;
    return [{ type: 'text-delta', text: rest }];
  };

  return {
    isLost: () => isLost,
    isDelivered: () => sent > 0,

    take(part: StreamPart): readonly StreamPart[] {
      const { output = 0 } = part as { readonly output?: number };
      const answer = held[output];
      if (part.type === 'text-delta') return answer ? takeText(answer, part.text) : [];
      if (part.type === 'finish') finishes.push(part);
      const isOther = part.type === 'tool-call' || (part.type === 'finish' && otherEndings.has(part.reason));
      if (answer && isOther) answer.isOther = true;
      return part.type === 'finish' ? [] : [part];
    },

    /** What is left to deliver; undefined where the answer is not in the form. */
    end(): readonly StreamPart[] | undefined {
      const parts: StreamPart[] = [];
      for (const [output, { text, isOther }] of held.entries()) {
        const read = isOther ? text : form.read(text, isEnforced);
        if (read === undefined) return undefined;
        if (read.length > sent) parts.push({ type: 'text-delta', text: read.slice(sent), ...(output > 0 && { output }) });
      }
      return [...parts, ...finishes];
    },
  };
}

const otherEndings = new Set(['content-filter', 'tool-calls']);

/** As Markdown, or as thoughts. */
const isMarked = (text: string) => /^\s*[`<]/.test(text);
