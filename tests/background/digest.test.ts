import { expect, test } from 'vitest';
import { digestOf } from '../../background/digest';
import type { GenerateRequest } from '../../protocol/generate';
import type { Origin } from '../../protocol/ids';

const top = 'https://a.test' as Origin;
const frame = 'https://b.test' as Origin;
const request: GenerateRequest = { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] };

test('T19 the same request of the same site has one digest, SHA-256 in hex', async () => {
  const digest = await digestOf({ top }, request);
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect(await digestOf({ top, frame: undefined }, structuredClone(request))).toBe(digest);
});

test('T19 another site, frame, text, role or parameter is another digest', async () => {
  const digests = await Promise.all([
    digestOf({ top }, request),
    digestOf({ top: frame }, request),
    digestOf({ top, frame }, request),
    digestOf({ top: frame, frame: top }, request),
    digestOf({ top }, { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi ' }] }] }),
    digestOf({ top }, { messages: [{ role: 'system', content: [{ type: 'text', text: 'Hi' }] }] }),
    digestOf({ top }, { ...request, temperature: 1 }),
    digestOf({ top }, { ...request, outputs: 1 }),
    digestOf({ top }, { ...request, model: 'Hi' }),
  ]);
  expect(new Set(digests).size).toBe(digests.length);
});
