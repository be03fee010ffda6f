import { expect, test } from 'vitest';
import { createPageClient } from '../../page/client';
import { createWindowAi, type WindowAi } from '../../page/window-ai';
import { createRelayEnd } from './support/relay-end';

const broken = () => {
  throw new Error('poisoned');
};

interface Poison {
  readonly target: object;
  readonly name: PropertyKey;
  readonly descriptor: PropertyDescriptor;
}

/** Without a prototype: a poisoned `Object.prototype.value` would make it a wrong descriptor. */
const bare = (descriptor: PropertyDescriptor): PropertyDescriptor => Object.assign(Object.create(null), descriptor);
const replaced = (target: object, ...names: PropertyKey[]): Poison[] =>
  names.map((name) => ({ target, name, descriptor: bare({ value: broken, writable: true, configurable: true }) }));
const trapped = (...names: string[]): Poison[] =>
  names.map((name) => ({
    target: Object.prototype,
    name,
    descriptor: bare({ get: () => undefined, set: broken, configurable: true }),
  }));

const poisons: [string, Poison[]][] = [
  ['array iteration', replaced(Array.prototype, Symbol.iterator)],
  ['array methods', replaced(Array.prototype, 'push', 'map', 'filter', 'join', 'slice', 'concat', 'forEach')],
  ['Array.isArray', replaced(Array, 'isArray')],
  ['promise methods', replaced(Promise.prototype, 'then', 'catch', 'finally')],
  ['the constructor of promises', replaced(Promise.prototype, 'constructor')],
  ['static promise methods', replaced(Promise, 'resolve', 'reject', 'all')],
  [
    'setters on every object',
    trapped('origin', 'id', 'type', 'then', 'value', 'call', 'v', 'text', 'message', 'messages', 'onPart'),
  ],
  ['JSON', replaced(JSON, 'parse', 'stringify')],
  ['crypto', replaced(Crypto.prototype, 'randomUUID', 'getRandomValues')],
  // `dispatchEvent` stays: Node's own AbortController looks it up, a browser's does not.
  ['event targets', replaced(EventTarget.prototype, 'addEventListener', 'removeEventListener')],
  ['message ports', replaced(MessagePort.prototype, 'postMessage', 'start', 'close')],
  ['message events', replaced(MessageEvent.prototype, 'data', 'ports')],
  ['functions', replaced(Function.prototype, 'call', 'apply', 'bind')],
  ['Reflect', replaced(Reflect, 'apply', 'get', 'set', 'construct', 'ownKeys')],
  ['Object', replaced(Object, 'keys', 'entries', 'assign', 'create', 'freeze', 'defineProperty')],
  ['strings', replaced(String.prototype, 'toString', 'slice', 'indexOf')],
  ['structuredClone', replaced(globalThis, 'structuredClone')],
];

/**
 * Runs under the poison and takes it away again. `await` of a native promise needs no `then`; nothing of the test runner runs meanwhile,
 * since only microtasks go on.
 */
async function poisoned<Result>(all: readonly Poison[], run: () => Promise<Result>): Promise<Result> {
  // The runner looks up `then` of the test's promise once; that is over after a task.
  await new Promise((resolve) => setImmediate(resolve));
  const { defineProperty, getOwnPropertyDescriptor } = Object;
  const { deleteProperty } = Reflect;
  const originals: (PropertyDescriptor | undefined)[] = [];
  let applied = 0;
  for (let index = 0; index < all.length; index += 1) {
    const poison = all[index] as Poison;
    const original = getOwnPropertyDescriptor(poison.target, poison.name);
    originals[index] = original && bare(original);
  }
  try {
    for (; applied < all.length; applied += 1) {
      const { target, name, descriptor } = all[applied] as Poison;
      defineProperty(target, name, descriptor);
    }
    return await run();
  } finally {
    for (let index = applied - 1; index >= 0; index -= 1) {
      const { target, name } = all[index] as Poison;
      const original = originals[index];
      if (original) defineProperty(target, name, original);
      else deleteProperty(target, name);
    }
  }
}

type Outcome = { value: unknown } | { error: unknown };

async function outcomeOf(promise: Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}

/** Node's own `structuredClone` is part of the fake port, not of the page. */
const eventOf = (data: unknown) => new MessageEvent('message', { data });

// Without the constructor: `await` itself, of page and test, then looks up `then`.
const together = poisons.filter(([name]) => name !== 'the constructor of promises').flatMap(([, all]) => all);

test.each<[string, Poison[]]>([...poisons, ['all of these', together]])(
  'T10 calls settle rightly where a page poisoned %s',
  async (_name, poison) => {
    const posted: unknown[] = [];
    let count = 0;
    const port = {
      onmessage: null as ((event: MessageEvent) => void) | null,
      postMessage: (message: unknown) => {
        posted[count++] = message;
      },
    };
    const ai = createWindowAi(createPageClient(port as unknown as MessagePort), '1') as Required<WindowAi>;
    const events = [
      eventOf({
        v: 1,
        type: 'parts',
        id: '1',
        parts: [
          { type: 'text-delta', text: 'Hel' },
          { type: 'text-delta', text: 'lo' },
        ],
      }),
      eventOf({ v: 1, type: 'end', id: '1' }),
      eventOf({ v: 1, type: 'error', id: '2', error: { code: 'not-allowed' } }),
      eventOf({ v: 1, type: 'end', id: '3', value: 'a/b' }),
      eventOf({ v: 1, type: 'end', id: '5', value: { state: 'allowed', scopes: ['generate'], model: { id: 'm' } } }),
      eventOf({ v: 1, type: 'event', event: { type: 'model-changed', model: 'x' } }),
      eventOf({ type: 'disconnected' }),
    ];
    const abort = new AbortController();
    const signal = abort.signal;
    let streamed = '';
    let listened = '';

    const outcomes = await poisoned(poison, async () => {
      ai.addEventListener((event) => {
        listened += `${event};`;
      });
      const onStreamResult = (result: unknown) => {
        streamed += (result as { text: string } | null)?.text ?? '';
      };
      const answered = outcomeOf(ai.generateText({ prompt: 'Hi' }, { onStreamResult, stopSequences: ['x'] }));
      const refused = outcomeOf(ai.getCompletion({ messages: [{ role: 'user', content: 'Hi' }] }));
      const model = outcomeOf(ai.getCurrentModel());
      const aborted = outcomeOf(ai.generateText({ prompt: 'Hi' }, { signal }));
      const wrong = outcomeOf(ai.generateText({} as never));
      const object = outcomeOf(ai.BETA_generate3DObject({}));
      const update = outcomeOf(ai.BETA_updateModelProvider());
      const permission = outcomeOf(ai.permission());
      const connected = outcomeOf(ai.connect({ signal }));
      for (let index = 0; index < events.length; index += 1) port.onmessage?.(events[index] as MessageEvent);
      abort.abort('enough');
      const result: Outcome[] = [];
      result[0] = await answered;
      result[1] = await refused;
      result[2] = await model;
      result[3] = await aborted;
      result[4] = await wrong;
      result[5] = await object;
      result[6] = await update;
      result[7] = await permission;
      result[8] = await connected;
      return { result };
    });

    expect(outcomes.result).toEqual([
      { value: [{ text: 'Hello' }] },
      { error: 'PERMISSION_DENIED' },
      { value: 'a/b' },
      { error: 'enough' },
      { error: expect.objectContaining({ message: 'Invalid input' }) },
      { error: expect.stringMatching(/^MODEL_REJECTED_REQUEST: 501/) },
      { value: undefined },
      { value: { state: 'granted', scopes: ['generate'], model: { id: 'm' } } },
      { error: 'enough' },
    ]);
    expect([streamed, listened]).toEqual(['Hello', 'error;model_changed;']);
    expect(count).toBe(8);
  },
);

test('the poison works: without our copies of the intrinsics a call would fail', async () => {
  const failed = await poisoned(replaced(Array.prototype, 'push'), async () => {
    try {
      [].push();
      return false;
    } catch {
      return true;
    }
  });
  expect(failed).toBe(true);
  expect(createRelayEnd().ids()).toEqual([]);
});
