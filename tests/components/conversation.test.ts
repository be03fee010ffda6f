import { expect, test, vi } from 'vitest';

vi.mock('webextension-polyfill', () => ({ default: {} }));

import { ended, isComing, joined, messagesOf, newAnswer, quoted, type Turn } from '../../components/chat/conversation';
import { AiError } from '../../protocol/errors';
import type { StreamPart } from '../../protocol/generate';
import { openai } from './support/samples';

const parts: readonly StreamPart[] = [
  { type: 'start', model: 'gpt-5-mini-2026', warnings: [] },
  { type: 'reasoning-delta', text: 'hm' },
  { type: 'text-delta', text: 'Hel' },
  { type: 'text-delta', text: 'lo' },
  { type: 'tool-call', id: '1', name: 'x', arguments: '{}' },
  { type: 'usage', usage: { estimated: false } },
  { type: 'finish', reason: 'stop' },
];

test('an answer grows by what comes and ends as the model says', () => {
  expect(newAnswer(openai)).toMatchObject({ model: 'gpt-5-mini', text: '', state: { type: 'asked' } });
  const answer = parts.reduce(joined, newAnswer(openai));
  expect(answer).toMatchObject({ model: 'gpt-5-mini-2026', reasoning: 'hm', text: 'Hello' });
  expect(ended(answer).state).toEqual({ type: 'finished', reason: 'stop' });
});

test('an answer that ends without a word on why is over all the same', () => {
  expect(ended(newAnswer(openai)).state).toEqual({ type: 'finished', reason: 'other' });
});

test('a stop is no failure, and a failure keeps what has come', () => {
  const answer = joined(newAnswer(openai), { type: 'text-delta', text: 'Hel' });
  expect(ended(answer, new AiError('aborted', 'x'))).toMatchObject({ text: 'Hel', state: { type: 'stopped' } });
  const failed = ended(answer, new AiError('unavailable', 'x', { fault: 'network' }));
  expect(failed).toMatchObject({ text: 'Hel', state: { type: 'failed', error: { fault: 'network' } } });
  expect(joined(answer, { type: 'error', error: { code: 'interrupted' } }).state).toMatchObject({ type: 'failed' });
  expect([isComing(answer), isComing(failed), isComing(undefined), isComing({ type: 'question', text: 'x' })]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test('a model is sent questions and answers, no reasoning, and no answer that said nothing', () => {
  const turns: readonly Turn[] = [
    { type: 'question', text: 'a' },
    ended(newAnswer(openai), new AiError('unavailable', 'x')),
    { type: 'question', text: 'b' },
    { ...newAnswer(openai), reasoning: 'hm', text: 'c' },
  ];
  expect(messagesOf(turns)).toEqual([
    { role: 'user', content: [{ type: 'text', text: 'a' }] },
    { role: 'user', content: [{ type: 'text', text: 'b' }] },
    { role: 'assistant', content: [{ type: 'text', text: 'c' }] },
  ]);
});

test('a selection is quoted line by line', () => {
  expect(quoted(' one\n\ntwo ')).toBe('> one\n>\n> two\n\n');
});
