/** A conversation as data: what was asked, what was answered, and what of it is sent along with the next question. */

import type { KeptTurn } from '../../protocol/chat';
import { type PersonError, toPersonError } from '../../protocol/errors';
import type { FinishReason, Message, StreamPart } from '../../protocol/generate';
import type { ConnectionView } from '../../protocol/ui-messages';

export interface Question {
  readonly type: 'question';
  readonly text: string;
}

export interface Answer {
  readonly type: 'answer';
  /** Undefined for one that was kept: what it failed with is not. */
  readonly connection: ConnectionView | undefined;
  /** Undefined until the backend has named it, where the connection names none. */
  readonly model: string | undefined;
  readonly text: string;
  readonly reasoning: string;
  readonly state:
    | { readonly type: 'asked' }
    | { readonly type: 'coming' }
    | { readonly type: 'finished'; readonly reason: FinishReason }
    | { readonly type: 'stopped' }
    | { readonly type: 'failed'; readonly error: PersonError };
}

/** Question and answer take turns; after a stop or a failure too. */
export type Turn = Question | Answer;

export const newAnswer = (connection: ConnectionView): Answer => ({
  type: 'answer',
  connection,
  model: connection.defaultModel,
  text: '',
  reasoning: '',
  state: { type: 'asked' },
});

export const isComing = (turn: Turn | undefined): boolean =>
  turn?.type === 'answer' && (turn.state.type === 'asked' || turn.state.type === 'coming');

/** The answer with what has just come. */
export function joined(answer: Answer, part: StreamPart): Answer {
  switch (part.type) {
    case 'start':
      return { ...answer, model: part.model, state: { type: 'coming' } };
    case 'text-delta':
      return { ...answer, text: answer.text + part.text };
    case 'reasoning-delta':
      return { ...answer, reasoning: answer.reasoning + part.text };
    case 'finish':
      return { ...answer, state: { type: 'finished', reason: part.reason } };
    case 'error':
      return { ...answer, state: { type: 'failed', error: part.error } };
    default:
      return answer;
  }
}

/** The answer after its end, however it came to it. */
export function ended(answer: Answer, error?: unknown): Answer {
  if (error === undefined) return isComing(answer) ? { ...answer, state: { type: 'finished', reason: 'other' } } : answer;
  const told = toPersonError(error);
  return { ...answer, state: told.code === 'aborted' ? { type: 'stopped' } : { type: 'failed', error: told } };
}

/** What is written down of a turn: nothing of an answer that said nothing. */
export function keptOf(turn: Turn): readonly KeptTurn[] {
  if (turn.type === 'question') return [turn];
  const { model, text, reasoning, state } = turn;
  if (text === '') return [];
  const reason = state.type === 'finished' ? state.reason : 'aborted';
  return [{ type: 'answer', ...(model !== undefined && { model }), text, reasoning, reason }];
}

export function restored(turn: KeptTurn): Turn {
  if (turn.type === 'question') return turn;
  const { model, text, reasoning, reason } = turn;
  const state = reason === 'aborted' ? ({ type: 'stopped' } as const) : ({ type: 'finished', reason } as const);
  return { type: 'answer', connection: undefined, model, text, reasoning, state };
}

/** What a model is told of it: without reasoning, and without answers that said nothing. */
export const messagesOf = (turns: readonly Turn[]): readonly Message[] =>
  turns
    .filter(({ text }) => text !== '')
    .map(({ type, text }) => ({ role: type === 'question' ? 'user' : 'assistant', content: [{ type: 'text', text }] }));

/** A selection of a page as it stands in the box: each line marked as somebody else's. */
export const quoted = (text: string): string =>
  `${text
    .trim()
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n')}\n\n`;
