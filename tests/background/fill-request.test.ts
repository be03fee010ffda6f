import { expect, test } from 'vitest';
import { fillRequest } from '../../background/fill-request';
import type { GenerateRequest } from '../../protocol/generate';
import { limits } from '../../protocol/limits';

const request: GenerateRequest = { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] };

test('nothing is set: the request stays as it is', () => {
  expect(fillRequest(request, {})).toEqual(request);
});

test('what the page left open is filled in, and what it said stays', () => {
  const asked = { ...request, temperature: 0, maxOutputTokens: 50 };
  const filled = fillRequest(asked, {
    samplers: { temperature: 1.5, topP: 0.9, dryMultiplier: 0.8, mirostatMode: 2 },
    maxOutputTokens: 300,
  });
  expect(filled).toEqual({ ...asked, topP: 0.9, samplers: { dryMultiplier: 0.8, mirostatMode: 2 } });
});

test('the person’s limit holds where the page set none', () => {
  expect(fillRequest(request, { maxOutputTokens: 300 }).maxOutputTokens).toBe(300);
});

test('stop sequences of page and person hold together, the page’s first, as many as a request may have', () => {
  const own = Array.from({ length: limits.stopSequences - 1 }, (_, index) => `page ${index}`);
  const { stop } = fillRequest({ ...request, stop: own }, { stop: ['page 0', 'mine', 'too many'] });
  expect(stop).toEqual([...own, 'mine']);
});
