/** What must compile against the package's types, and what must not. Checked by tsc, never run. */
import type { LanguageModelV3 } from '@ai-sdk/provider';
import type { LanguageModel } from 'ai';
import type { OrielProvider } from '../../client/ai-sdk';
import type { FakeErrorCode } from '../../client/fake-errors';
import type { createFakeOriel } from '../../client/testing';
import type * as published from '../../client/types';
import type { AnswerPart, FamilyRequest, PageProgress } from '../../page/family';
import type { Permission } from '../../page/permission';
import type { WindowAi } from '../../page/window-ai';
import type { AiErrorCode } from '../../protocol/errors';
import type { PageModel } from '../../protocol/page-messages';
import type { Scope, Wish } from '../../protocol/scopes';

type Expect<Holds extends true> = Holds;
type Fits<From, To> = [From] extends [To] ? true : false;
type Same<One, Other> = Fits<One, Other> extends true ? Fits<Other, One> : false;

/** The package says of `window.ai` what the page script does. */
export type Agreements = [
  Expect<Fits<Required<WindowAi>, published.Oriel>>,
  Expect<Same<Permission, published.Permission>>,
  Expect<Same<PageModel, published.Model>>,
  Expect<Same<PageProgress, published.Progress>>,
  Expect<Same<Scope, published.Scope>>,
  Expect<Same<Wish, published.Wish>>,
  Expect<Same<FamilyRequest, published.GenerateRequest>>,
  // The page script's parts may say more, as a raw reason; never less.
  Expect<Fits<AnswerPart, published.AnswerPart>>,
  Expect<Same<published.AnswerPart['type'], AnswerPart['type']>>,
  Expect<Same<FakeErrorCode, AiErrorCode>>,
  // And of AI SDK's models what AI SDK does, under the strictest settings.
  Expect<Fits<ReturnType<OrielProvider>, LanguageModel>>,
  Expect<Fits<ReturnType<OrielProvider>, LanguageModelV3>>,
];

export async function use(ai: published.Oriel, fake: ReturnType<typeof createFakeOriel>): Promise<void> {
  const permission = await ai.connect({ scopes: ['tools', 'image.in'] });
  if (permission.state === 'granted') permission.scopes.includes('embed');
  // @ts-expect-error without a permission there is nothing else to know
  permission.model;
  // @ts-expect-error text is part of every permission, and no wish
  await ai.connect({ scopes: ['generate'] });
  // @ts-expect-error no such scope
  await ai.connect({ scopes: ['camera'] });

  for await (const part of ai.generate({ messages: [{ role: 'user', content: 'Hi' }] })) {
    if (part.type === 'text-delta') part.text.trim();
    // @ts-expect-error only a delta has a text
    part.text;
    // @ts-expect-error progress is told by onProgress, never in the stream
    part.type === 'progress';
  }
  // @ts-expect-error a request has messages
  ai.generate({ prompt: 'Hi' });
  // @ts-expect-error no such role
  ai.generate({ messages: [{ role: 'developer', content: 'Hi' }] });
  // @ts-expect-error an image is bytes, never an address
  ai.generate({ messages: [{ role: 'user', content: [{ type: 'image', url: 'https://site.test/x.png' }] }] });
  // @ts-expect-error a page names no server
  ai.generate({ messages: [], baseUrl: 'http://127.0.0.1' });
  // @ts-expect-error a tool has a schema
  ai.generate({ messages: [], tools: [{ name: 'clock' }] });
  // @ts-expect-error nothing can be awaited of a stream
  const text: string = await ai.generate({ messages: [] });
  void text;

  (await ai.embed({ input: ['Hi'] })).vectors[0]?.[0]?.toFixed();
  // @ts-expect-error texts come as a list
  await ai.embed({ input: 'Hi' });

  ai.addEventListener('permissionchange', ({ state }) => state);
  ai.addEventListener((event, data) => [event, data]);
  // @ts-expect-error no such event
  ai.addEventListener('modelchange', () => undefined);
  // @ts-expect-error a string and a function are two different ways to listen
  ai.addEventListener('permissionchange');

  await ai.generateText({ prompt: 'Hi' }, { temperature: null, model: null });
  // @ts-expect-error the original's errors are strings, and so is its second argument
  await ai.generateText({ prompt: 'Hi' }, { onStreamResult: (_result, error: Error) => error });
  // @ts-expect-error neither a prompt nor messages
  await ai.generateText({});
  // @ts-expect-error classic messages are text
  await ai.generateText({ messages: [{ role: 'user', content: [] }] });

  fake.answerWith('Hello', { error: 'rate-limited' });
  // @ts-expect-error no such error
  fake.answerWith({ error: 'teapot' });
  // @ts-expect-error a person says yes, no, or nothing yet
  fake.personWill('maybe');
}
