/**
 * What a page may rely on, whoever plays the wallet: tests/client/testing.test.ts runs these scripts against the fake one, tests/e2e/client.e2e.ts
 * runs the very same in real pages against Oriel. Both answer every request with `You said: ` and the last message.
 */
import type { Oriel } from '../../../client/types';

export interface WalletSentence {
  readonly says: string;
  /** What the person says to each card that comes, in order. A person whose list is over is never asked. */
  readonly person: readonly ('allows' | 'refuses')[];
  /** The site is allowed already. */
  readonly granted?: boolean;
  /** Runs in the page: self-contained, JSON out. */
  readonly script: (ai: Oriel) => Promise<unknown>;
  readonly expected: unknown;
}

export const walletSentences: readonly WalletSentence[] = [
  {
    says: 'generateText streams deltas that add up to what it resolves to',
    person: ['allows'],
    script: async (ai) => {
      const seen: { text: string; partial: unknown; error: unknown }[] = [];
      const outputs = await ai.generateText(
        { messages: [{ role: 'user', content: 'one two three' }] },
        {
          onStreamResult: (result, error) => {
            const { message, isPartial } = result as { message: { content: string }; isPartial?: boolean };
            seen.push({ text: message.content, partial: isPartial, error });
          },
        },
      );
      return {
        outputs,
        added: seen.map(({ text }) => text).join(''),
        allPartial: seen.every(({ partial, error }) => partial === true && error === null),
      };
    },
    expected: {
      outputs: [{ message: { role: 'assistant', content: 'You said: one two three' } }],
      added: 'You said: one two three',
      allPartial: true,
    },
  },
  {
    says: 'getCompletion of a prompt resolves to one bare text',
    person: [],
    granted: true,
    script: (ai) => ai.getCompletion({ prompt: 'Hi' }),
    expected: { text: 'You said: Hi' },
  },
  {
    says: 'several outputs come as an array of their own',
    person: [],
    granted: true,
    script: (ai) => ai.getCompletion({ prompt: 'Hi' }, { numOutputs: 2 }),
    expected: [{ text: 'You said: Hi' }, { text: 'You said: Hi' }],
  },
  {
    says: 'a refusal is a plain string, told to the handler and to the listeners once',
    person: ['refuses'],
    script: async (ai) => {
      const handler: unknown[] = [];
      const events: unknown[] = [];
      const id = ai.addEventListener((event, data) => events.push([event, data]));
      const error = await ai
        .generateText({ prompt: 'Hi' }, { onStreamResult: (...told) => handler.push(told) })
        .catch((reason) => reason);
      await new Promise((resolve) => setTimeout(resolve, 50));
      ai.removeEventListener(id);
      return { error, handler, events };
    },
    expected: { error: 'PERMISSION_DENIED', handler: [[null, 'PERMISSION_DENIED']], events: [['error', 'PERMISSION_DENIED']] },
  },
  {
    says: 'what is no input, no options and out of range is refused as the original does',
    person: [],
    script: async (ai) => {
      const outcome = (promise: Promise<unknown>) =>
        promise.then(
          () => 'resolved',
          (error) => (error instanceof Error ? error.message : error),
        );
      const loose = ai as unknown as { generateText(...all: unknown[]): Promise<unknown> };
      return Promise.all([
        outcome(loose.generateText({})),
        outcome(loose.generateText({ prompt: 'Hi' }, 'no')),
        outcome(loose.generateText({ prompt: 'Hi' }, { onStreamResult: 'no' })),
        outcome(loose.generateText({ prompt: 'Hi' }, { temperature: 3 })),
        outcome(loose.generateText({ messages: [] })),
        outcome(loose.generateText({ messages: [{ role: 'nobody', content: 'Hi' }] })),
      ]);
    },
    expected: ['Invalid input', 'Invalid options', 'Invalid options', 'INVALID_REQUEST', 'INVALID_REQUEST', 'INVALID_REQUEST'],
  },
  {
    says: 'without a permission the model is called default, and nobody is asked',
    person: [],
    script: async (ai) => [await ai.getCurrentModel(), await ai.permission(), (await ai.models()).map(({ id }) => id)],
    expected: ['default', { state: 'prompt' }, ['default']],
  },
  {
    says: 'connect asks ahead of any request, and what is asked then is answered without asking',
    person: ['allows'],
    script: async (ai) => {
      const { state } = await ai.connect();
      const [answer] = await ai.generateText({ prompt: 'Hi' });
      return { state, answer, again: (await ai.connect()).state };
    },
    expected: { state: 'granted', answer: { text: 'You said: Hi' }, again: 'granted' },
  },
  {
    says: 'a refused connect is a NotAllowedError, and the permission says prompt as before',
    person: ['refuses'],
    script: async (ai) => {
      const error = await ai.connect().catch((reason: unknown) => reason);
      return { name: (error as Error).name, isError: error instanceof DOMException, after: await ai.permission() };
    },
    expected: { name: 'NotAllowedError', isError: true, after: { state: 'prompt' } },
  },
  {
    says: 'permissionchange tells of the permission that was given',
    person: ['allows'],
    script: async (ai) => {
      const told = new Promise((resolve) => ai.addEventListener('permissionchange', ({ state }) => resolve(state)));
      await ai.generateText({ prompt: 'Hi' });
      return told;
    },
    expected: 'granted',
  },
  {
    says: 'a permission holds the scopes that were asked for, and the name of the model',
    person: ['allows'],
    script: async (ai) => {
      const permission = await ai.connect({ scopes: ['tools'] });
      return {
        scopes: 'scopes' in permission && permission.scopes,
        named: 'model' in permission && permission.model.id !== 'default',
      };
    },
    expected: { scopes: ['generate', 'models.read', 'tools'], named: true },
  },
  {
    says: 'generate hands out an answer piece by piece, from its start to its finish',
    person: [],
    granted: true,
    script: async (ai) => {
      const reader = ai.generate({ messages: [{ role: 'user', content: 'one two three' }] }).getReader();
      const types: string[] = [];
      let [text, reason] = ['', ''];
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        const part = next.value;
        if (types.at(-1) !== part.type) types.push(part.type);
        if (part.type === 'text-delta') text += part.text;
        if (part.type === 'finish') reason = part.reason;
      }
      return { text, reason, first: types[0], hasText: types.includes('text-delta') };
    },
    expected: { text: 'You said: one two three', reason: 'stop', first: 'start', hasText: true },
  },
  {
    says: 'generate tells that it waits, and goes on when the person says yes',
    person: ['allows'],
    script: async (ai) => {
      const stages: string[] = [];
      const stream = ai.generate(
        { messages: [{ role: 'user', content: 'Hi' }] },
        { onProgress: ({ stage }) => stages.push(stage) },
      );
      const reader = stream.getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read());
      return stages.includes('waiting');
    },
    expected: true,
  },
  {
    says: 'a request that makes no sense is a TypeError, whatever the site may',
    person: [],
    script: async (ai) => {
      const error = await ai
        .generate({ messages: [] })
        .getReader()
        .read()
        .catch((reason: unknown) => reason);
      return (error as Error).name;
    },
    expected: 'TypeError',
  },
  {
    says: 'an abort rejects with the signal’s own reason, in both halves',
    person: [],
    granted: true,
    script: async (ai) => {
      const reasons: unknown[] = [];
      for (const begin of [
        (signal: AbortSignal) => ai.generateText({ prompt: 'Hi' }, { signal }),
        (signal: AbortSignal) =>
          ai
            .generate({ messages: [{ role: 'user', content: 'Hi' }] }, { signal })
            .getReader()
            .read(),
        (signal: AbortSignal) => ai.connect({ signal, scopes: ['audio.in'] }),
      ]) {
        const abort = new AbortController();
        const begun = begin(abort.signal);
        abort.abort('enough');
        reasons.push(await begun.then(() => 'resolved').catch((reason: unknown) => reason));
      }
      return reasons;
    },
    expected: ['enough', 'enough', 'enough'],
  },
  {
    says: 'nothing of it can be changed by one script of the page for another',
    person: [],
    script: async (ai) => [Object.isFrozen(ai), Object.isFrozen(ai.__window_ai_metadata__), ai.__window_ai_metadata__.domain],
    expected: [true, true, 'https://windowai.io'],
  },
];
