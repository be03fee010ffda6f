import { expect, test } from 'vitest';
import { createCallRecorder } from '../../background/call-recorder';
import { watched } from '../../background/sent-bodies';
import type { GenerateRequest, StreamPart } from '../../protocol/generate';
import { limits } from '../../protocol/limits';
import type { ProviderContext } from '../../providers/provider';

const request: GenerateRequest = { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] };

async function recorded(parts: readonly StreamPart[], asked: GenerateRequest = request) {
  const recorder = createCallRecorder(asked);
  const passed: StreamPart[] = [];
  const stream = (async function* () {
    yield* parts;
  })();
  for await (const part of recorder.watch(stream)) passed.push(part);
  expect(passed).toEqual(parts);
  return recorder.content();
}

test('answers are put together from their pieces, each output apart, in their order', async () => {
  const { answers } = await recorded([
    { type: 'start', model: 'm', warnings: [] },
    { type: 'text-delta', text: 'b', output: 1 },
    { type: 'reasoning-delta', text: 'why' },
    { type: 'text-delta', text: 'a' },
    { type: 'text-delta', text: 'b', output: 1 },
    { type: 'tool-call', id: 't', name: 'look', arguments: '{}', output: 2 },
    { type: 'finish', reason: 'stop' },
  ]);
  expect(answers).toEqual([
    { text: 'a', reasoning: 'why', toolCalls: [] },
    { text: 'bb', reasoning: '', toolCalls: [] },
    { text: '', reasoning: '', toolCalls: [{ name: 'look', arguments: '{}' }] },
  ]);
});

test('of files only what they were is kept, in the request and in its body', async () => {
  const data = 'A'.repeat(8000);
  const recorder = createCallRecorder({
    messages: [{ role: 'user', content: [{ type: 'image', mediaType: 'image/png', data }] }],
  });
  recorder.sent(JSON.stringify({ image: `data:image/png;base64,${data}` }));
  const { asked, sent } = recorder.content();
  expect(asked[0]?.content).toEqual([{ type: 'image', mediaType: 'image/png', bytes: 6000 }]);
  expect(sent).toEqual(['{"image":"data:image/png;base64,…"}']);
});

test('a body that is sent again is told once, another one beside it', () => {
  const recorder = createCallRecorder(request);
  for (const body of ['a', 'a', 'b', 'a']) recorder.sent(body);
  expect(recorder.content()).toMatchObject({ sent: ['a', 'b', 'a'], isCut: false });
});

test('what is too long is cut, and that it was is said', async () => {
  const words = 'word '.repeat(limits.contentChars / 5 + 1);
  const long = await recorded([
    { type: 'text-delta', text: words },
    { type: 'text-delta', text: words },
  ]);
  expect(long.isCut).toBe(true);
  expect(long.answers[0]?.text).toHaveLength(limits.contentChars);
  const recorder = createCallRecorder(request);
  recorder.sent(words);
  recorder.sent('more');
  expect(recorder.content().sent.map(({ length }) => length)).toEqual([limits.contentChars]);
  expect(recorder.content().isCut).toBe(true);
});

test('what asks for an answer is told as it is sent, on both ways; errands beside it are not', async () => {
  const sent: string[] = [];
  const out: string[] = [];
  const context = {
    fetch: async (_url: string, init?: { body?: string }) => {
      out.push(init?.body ?? '');
      return new Response();
    },
    socket: async () => ({ send: (text: string) => void out.push(text), receive: async () => undefined, close: () => undefined }),
  } as unknown as ProviderContext;
  const { fetch, socket } = watched(context, (body) => sent.push(body));
  await fetch('http://a', { method: 'POST', body: 'question', asksFor: 'answer' });
  await fetch('http://a', { method: 'POST', body: 'errand' });
  await fetch('http://a');
  (await socket('ws://a', new AbortController().signal)).send('frame');
  expect(sent).toEqual(['question', 'frame']);
  expect(out).toEqual(['question', 'errand', '', 'frame']);
});
