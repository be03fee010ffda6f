import fc from 'fast-check';
import { expect, test } from 'vitest';
import { onlyText } from '../../providers/dialects/openai-chat-answer';
import { createRepeats } from '../../providers/dialects/openai-chat-repeats';

const chunk = (content: string, fields: object = {}) =>
  JSON.stringify({ id: 'chatcmpl-1', ...fields, choices: [{ index: 0, delta: { content }, finish_reason: null }] });

test('a chunk that differs in its text alone is known again', () => {
  const repeats = createRepeats(onlyText);
  expect(repeats.textOf(chunk(' Hello'))).toBeUndefined();
  repeats.learn(chunk(' Hello'));
  expect(repeats.textOf(chunk(' there'))).toBe(' there');
  expect(repeats.textOf(chunk(''))).toBe('');
  for (const text of ['a\n', '"', '\\', 'a\u0001', 'x'.repeat(2000)]) expect(repeats.textOf(chunk(text))).toBe(text);
});

test('whatever is not is left to the reading of its JSON', () => {
  const repeats = createRepeats(onlyText);
  repeats.learn(chunk('Hello'));
  const last = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
  for (const data of [
    // Longer than one event may be without a look at it.
    chunk('x'.repeat(70_000)),
    // The text ends, and more follows.
    chunk('Hi').replace('Hi', 'Hi","role":"assistant'),
    chunk('Hi', { created: 2 }),
    JSON.stringify(last),
    '[DONE]',
    '',
  ])
    expect(repeats.textOf(data)).toBeUndefined();
});

test('nothing is learnt of a chunk whose text stands in another place first, or that brings more than text', () => {
  const repeats = createRepeats(onlyText);
  repeats.learn(chunk('Hi', { model: 'Hi' }));
  expect(repeats.textOf(chunk('there', { model: 'Hi' }))).toBeUndefined();
  expect(repeats.textOf(chunk('Hi', { model: 'there' }))).toBeUndefined();
  repeats.learn(chunk(':'));
  expect(repeats.textOf(chunk('there'))).toBeUndefined();
  repeats.learn(chunk('Hi', { usage: { prompt_tokens: 1 } }));
  expect(repeats.textOf(chunk('there', { usage: { prompt_tokens: 1 } }))).toBeUndefined();
  // The last of two fields of one name counts.
  const twice = (text: string) => `{"choices":[{"index":0,"delta":{"content":"${text}","content":"Hi \\n"}}]}`;
  repeats.learn(twice('Hi'));
  expect(repeats.textOf(twice('there'))).toBeUndefined();
});

const stream = (...chunks: readonly string[]) => chunks.map((data) => `data: ${data}\n\n`).join('');

test('of a stream the whole chunks at its beginning are taken that are known again, and nothing else', () => {
  const repeats = createRepeats(onlyText);
  expect(repeats.skim(stream(chunk('a')))).toEqual({ text: '', length: 0 });
  repeats.learn(chunk('Hello'));
  const known = stream(chunk(' there'), chunk('"\n'), chunk(''), chunk('!'));
  const text = ' there"\n!';
  expect(repeats.skim(known)).toEqual({ text, length: known.length });
  expect(repeats.skim(`${known}data: ${chunk('half').slice(0, -4)}`)).toEqual({ text, length: known.length });
  const last = JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  for (const other of [last, '[DONE]', chunk('Hi').replace('Hi', 'Hi","role":"assistant'), chunk('x'.repeat(70_000))]) {
    expect(repeats.skim(stream(other))).toEqual({ text: '', length: 0 });
    expect(repeats.skim(known + stream(other))).toEqual({ text, length: known.length });
  }
  // The one before another is looked at with it.
  expect(repeats.skim(stream(chunk('a'), chunk('b'), last, chunk('c'))).text).toBe('a');
  // Not as most servers write it: left to the reader of events.
  expect(repeats.skim(known.replaceAll('data: ', 'data:'))).toEqual({ text: '', length: 0 });
  expect(repeats.skim(`data: ${chunk('Hello')}`)).toEqual({ text: '', length: 0 });
});

test('a server that writes something new into every chunk is soon left alone, one that seldom does is not', () => {
  const restless = createRepeats(onlyText);
  for (let created = 0; created < 3; created += 1) restless.learn(chunk('Hi', { created }));
  restless.learn(chunk('Hi', { created: 3 }));
  expect(restless.textOf(chunk('there', { created: 3 }))).toBeUndefined();
  const steady = createRepeats(onlyText);
  for (let created = 0; created < 9; created += 1) {
    steady.learn(chunk('Hi', { created }));
    for (let count = 0; count < 8; count += 1) expect(steady.textOf(chunk('there', { created }))).toBe('there');
  }
});

test('it never says anything but what the JSON says', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: 'binary' }), fc.json(), (first, second, extra) => {
      const data = (text: string) => `{"x":${extra},"choices":[{"delta":{"content":${JSON.stringify(text)}},"y":${extra}}]}`;
      const repeats = createRepeats(onlyText);
      repeats.learn(data(first));
      const said = onlyText(JSON.parse(data(second)));
      expect([undefined, said]).toContain(repeats.textOf(data(second)));
      expect(['', said]).toContain(repeats.skim(stream(data(second))).text);
    }),
  );
});
