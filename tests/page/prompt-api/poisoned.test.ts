import { expect, test } from 'vitest';
import { openPage } from './support';

const broken = () => {
  throw new Error('poisoned');
};

/** What the session, the queue and the stream use; not what Node's own streams and events look up for themselves. */
const poisons: [object, PropertyKey][] = [
  [Array.prototype, Symbol.iterator],
  ...(['push', 'map', 'filter', 'slice', 'concat', 'forEach', 'join', 'includes'] as const).map((name): [object, string] => [
    Array.prototype,
    name,
  ]),
  [Array, 'isArray'],
  [JSON, 'parse'],
  [JSON, 'stringify'],
  [WeakMap.prototype, 'get'],
  [WeakMap.prototype, 'set'],
  [AbortController.prototype, 'abort'],
  [EventTarget.prototype, 'addEventListener'],
  [Object, 'create'],
  [Reflect, 'construct'],
];

test('T10 sessions answer, measure and remember in a page that replaced what it could', async () => {
  const page = openPage();
  page.answers(() => 'never');
  const session = await page.LanguageModel.create();
  const originals = poisons.map(([target, name]) => Object.getOwnPropertyDescriptor(target, name) as PropertyDescriptor);
  const { defineProperty } = Object;
  const sent: { readonly request: unknown; readonly id: string }[] = [];
  let streamed = '';
  // Answered at once and without a task in between, so that nothing of the test runner runs under the poison.
  page.relay.onPost(({ type, id, call }) => {
    if (type === 'request' && call?.type === 'generate') sent[sent.length] = { id, request: call.request };
  });
  const outcome: unknown[] = [];
  try {
    for (let index = 0; index < poisons.length; index += 1) {
      const [target, name] = poisons[index] as [object, PropertyKey];
      defineProperty(target, name, { value: broken, writable: true, configurable: true });
    }
    const asked = session.prompt('one', { responseConstraint: { type: 'string' } });
    for (let turn = 0; sent.length < 1 && turn < 50; turn += 1) await undefined;
    page.relay.text(sent[0]?.id ?? '', 'first');
    page.relay.end(sent[0]?.id ?? '');
    outcome[0] = await asked;
    const reader = session.promptStreaming([{ role: 'user', content: 'two' }]).getReader();
    for (let turn = 0; sent.length < 2 && turn < 50; turn += 1) await undefined;
    page.relay.text(sent[1]?.id ?? '', 'second');
    page.relay.end(sent[1]?.id ?? '');
    streamed = (await reader.read()).value as string;
    outcome[1] = await session.measureContextUsage('four');
  } finally {
    for (let index = 0; index < poisons.length; index += 1) {
      const [target, name] = poisons[index] as [object, PropertyKey];
      defineProperty(target, name, originals[index] as PropertyDescriptor);
    }
  }
  expect([...outcome, streamed]).toEqual(['first', 1, 'second']);
  expect(sent[1]?.request).toMatchObject({ messages: [{ role: 'user' }, { role: 'assistant' }, { role: 'user' }] });
});
