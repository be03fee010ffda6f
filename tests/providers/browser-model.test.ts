import { expect, test } from 'vitest';
import type { BrowserModel } from '../../providers/provider';
import { ask, knownRow, providerOf, run } from './replay';

const row = knownRow('browser');

type Created = Parameters<BrowserModel['create']>[0];

/** Speaks the Prompt API: deltas, abort by signal, a session that can be destroyed once. */
function createModel({
  chunks = ['The', ' Danube.'],
  availability = 'available' as Awaited<ReturnType<BrowserModel['availability']>>,
  error = undefined as Error | undefined,
} = {}) {
  const created: Created[] = [];
  const prompted: unknown[] = [];
  let destroyed = 0;
  let cancelled = 0;
  const model: BrowserModel = {
    availability: async () => availability,
    async create(options) {
      options.signal.throwIfAborted();
      created.push(options);
      return {
        promptStreaming(prompt, { signal, ...rest }) {
          prompted.push({ prompt, ...rest });
          const left = [...chunks];
          return new ReadableStream({
            pull(controller) {
              if (signal.aborted) return controller.error(signal.reason);
              const next = left.shift();
              if (next !== undefined) controller.enqueue(next);
              else if (error) controller.error(error);
              else controller.close();
            },
            cancel() {
              cancelled += 1;
            },
          });
        },
        destroy: () => {
          destroyed += 1;
        },
      };
    },
  };
  const provider = providerOf(row, { browserModel: () => model });
  return { provider, created, prompted, destroyed: () => destroyed, cancelled: () => cancelled };
}

test('the last message is the question, those before it the session, which is destroyed after the answer', async () => {
  const { provider, created, prompted, destroyed } = createModel();
  const { parts } = await run(
    provider,
    ask('', {
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        { role: 'user', content: [{ type: 'text', text: 'Name a river.' }] },
      ],
    }),
  );
  expect(parts.map((part) => (part.type === 'text-delta' ? part.text : part.type))).toEqual([
    'start',
    'The',
    ' Danube.',
    'usage',
    'finish',
  ]);
  expect(created[0]?.initialPrompts).toEqual([{ role: 'system', content: 'Be brief.' }]);
  expect(prompted).toEqual([{ prompt: [{ role: 'user', content: 'Name a river.' }] }]);
  expect(destroyed()).toBe(1);
});

test('a schema is passed on; temperature and top-k go only together, anything else is left out with a warning', async () => {
  const schema = { type: 'object' };
  const { provider, created, prompted } = createModel();
  await run(provider, ask('Hi', { temperature: 0.5, topK: 3, responseFormat: { type: 'json-schema', schema } }));
  expect(created[0]).toMatchObject({ temperature: 0.5, topK: 3 });
  expect(prompted[0]).toMatchObject({ responseConstraint: schema });
  const { parts } = await run(provider, ask('Hi', { temperature: 0.5, seed: 1 }));
  expect(created[1]).not.toHaveProperty('temperature');
  expect(parts[0]).toMatchObject({ warnings: [{ parameter: 'temperature' }, { parameter: 'seed' }] });
});

test('a stop sequence and a limit end the answer here, and the model is told', async () => {
  const { provider, cancelled } = createModel({ chunks: ['One ', 'END two', ' three'] });
  const stopped = await run(provider, ask('Hi', { stop: ['END'] }));
  expect(stopped.parts.at(-1)).toEqual({ type: 'finish', reason: 'stop' });
  const { parts } = await run(provider, ask('Hi', { maxOutputTokens: 1 }));
  expect(parts.at(-1)).toEqual({ type: 'finish', reason: 'length' });
  expect(cancelled()).toBe(2);
});

test.each([
  ['unavailable', 'no-model'],
  ['downloadable', 'no-model'],
  ['downloading', 'no-model'],
] as const)('where it is %s the test says so', async (availability, fault) => {
  const { provider } = createModel({ availability });
  await expect(provider.models(new AbortController().signal)).rejects.toMatchObject({ fault, detail: availability });
});

test('a browser without one has no model', async () => {
  await expect(providerOf(row, {}).models(new AbortController().signal)).rejects.toMatchObject({ fault: 'no-model' });
});

test.each([
  ['QuotaExceededError', 'context-length'],
  ['NotSupportedError', 'not-supported'],
  ['UnknownError', 'engine'],
])('its %s is told as %s, and what came before stays', async (name, fault) => {
  const { provider, destroyed } = createModel({ error: new DOMException('words of the browser', name) });
  const outcome = await run(provider, ask('Hi'));
  expect(outcome.parts).toHaveLength(3);
  expect(outcome.error).toMatchObject({ fault, detail: `${name}: words of the browser` });
  expect(destroyed()).toBe(1);
});

test('an abort ends it as one', async () => {
  const abort = new AbortController();
  const { provider, created } = createModel();
  abort.abort();
  expect((await run(provider, ask('Hi'), abort.signal)).error).toMatchObject({ code: 'aborted' });
  expect(created).toEqual([]);
});

test('tools, images and an empty chat are refused before a session is made', async () => {
  const { provider, created } = createModel();
  const image = { type: 'image', mediaType: 'image/png', data: 'AA==' } as const;
  const outcomes = [
    await run(provider, ask('Hi', { tools: [{ name: 'f', parameters: {} }] })),
    await run(provider, ask('Hi', { messages: [{ role: 'user', content: [image] }] })),
    await run(provider, ask('Hi', { messages: [] })),
  ];
  expect(outcomes.map(({ error }) => error?.code)).toEqual(['not-supported', 'not-supported', 'invalid-request']);
  expect(created).toEqual([]);
});

test('several answers are several sessions, numbered', async () => {
  const { provider, created } = createModel();
  const { parts } = await run(provider, ask('Hi', { outputs: 2 }));
  expect(created).toHaveLength(2);
  expect(parts.filter(({ type }) => type === 'finish')).toHaveLength(2);
});
