// @vitest-environment happy-dom
import { render } from 'preact';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));
vi.mock('webextension-polyfill', () => ({ default: {} }));

import { ChatScreen } from '../../components/chat/ChatScreen';
import type { Reply } from '../../protocol/channel';
import { AiError } from '../../protocol/errors';
import type { StreamPart } from '../../protocol/generate';
import type { Overview, UiOperations } from '../../protocol/ui-messages';
import { type FakeBackground, fakeBackground } from './support/background';
import { local, openai } from './support/samples';
import { button, click, field, fill, findButton, press, settle, show, text } from './support/screen';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type Input = UiOperations['chat']['input'];
interface Asked {
  readonly input: Input;
  readonly reply: Reply;
  readonly finish: (text?: string) => Promise<void>;
  readonly fail: (error: AiError) => Promise<void>;
  readonly send: (...parts: StreamPart[]) => Promise<void>;
}

const start: StreamPart = { type: 'start', model: 'gpt-5-mini', warnings: [] };
const said = (words: string): StreamPart => ({ type: 'text-delta', text: words });
const connected: Partial<Overview> = { connections: [openai, local], activeConnection: openai.id };

/** A chat whose answers are in the test's hands. */
async function chat(overview: Partial<Overview> = connected) {
  const asked: Asked[] = [];
  const background = fakeBackground(overview, {
    chat: (input: Input, reply: Reply) =>
      new Promise<void>((resolve, reject) => {
        reply.signal.addEventListener('abort', () => reject(reply.signal.reason));
        const send = async (...parts: StreamPart[]) => {
          void reply.parts(parts);
          await settle(200);
        };
        asked.push({
          input,
          reply,
          send,
          async finish(words) {
            await send(...(words === undefined ? [] : [start, said(words)]), { type: 'finish', reason: 'stop' });
            resolve();
            await settle();
          },
          async fail(error) {
            reject(error);
            await settle();
          },
        });
      }),
  });
  const shell = await show(background, <ChatScreen />);
  return { asked, background, shell };
}

async function ask(words: string): Promise<void> {
  await fill('Message', words);
  await click('Send');
}

const lastOf = (asked: readonly Asked[]): Asked => {
  const last = asked.at(-1);
  if (!last) throw new Error('Nothing was asked.');
  return last;
};
const wordsOf = ({ messages }: Input) =>
  messages.map(({ role, content }) => `${role}: ${content.map((part) => ('text' in part ? part.text : '')).join()}`);
const turns = () =>
  [...document.querySelectorAll('.turn')].map((turn) => turn.querySelector('.question-text, .markdown')?.textContent ?? '');
const status = () => document.querySelector('[role="status"].unseen')?.textContent;
const calls = ({ calls: all }: FakeBackground, type: string) =>
  all.filter((call) => call.type === type).map(({ input }) => input);

test('with nothing connected it says what to do', async () => {
  const { shell } = await chat({});
  expect(text()).toContain('Connect a model once, and you can chat with it here.');
  expect(findButton('Send')).toBeUndefined();
  await click('Set up a model');
  expect(shell.opened).toEqual(['welcome']);
});

test('at the start it says who will read what is written, and that it does not stay', async () => {
  await chat();
  expect(text()).toContain('Ask gpt-5-mini');
  expect(text()).toContain(
    'What you write goes to OpenAI, by OpenAI in the cloud. The conversation is gone when this panel closes, unless you keep it.',
  );
});

test('a connection without a model can be asked all the same', async () => {
  const { defaultModel: _, ...nameless } = local;
  const { asked } = await chat({ connections: [nameless], activeConnection: nameless.id });
  expect(text()).toContain('Ask your model');
  await ask('Hi');
  expect(lastOf(asked).input).not.toHaveProperty('model');
  expect(text()).toContain('Answer of the model');
  await lastOf(asked).send(start);
  expect(text()).toContain('Answer of gpt-5-mini');
});

test('an answer is shown as it comes, and said once when it is there', async () => {
  const { asked } = await chat();
  await ask('Hello');
  expect(lastOf(asked).input).toEqual({
    connection: openai.id,
    model: 'gpt-5-mini',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
    isPrivate: false,
  });
  expect(field('Message').value).toBe('');
  expect([status(), turns()]).toEqual(['Answering…', ['Hello', '']]);
  await lastOf(asked).send(start, said('**Hel'));
  expect(turns()).toEqual(['Hello', '**Hel']);
  await lastOf(asked).send(said('lo**'));
  expect(document.querySelector('.markdown strong')?.textContent).toBe('Hello');
  await lastOf(asked).finish();
  expect(status()).toBe('The answer is complete.');
  expect(findButton('Stop')).toBeUndefined();
});

test('the next question takes the conversation along', async () => {
  const { asked } = await chat();
  await ask('One');
  await lastOf(asked).finish('Two');
  await ask('Three');
  expect(wordsOf(lastOf(asked).input)).toEqual(['user: One', 'assistant: Two', 'user: Three']);
});

test('Enter sends, Shift and Enter does not, nor Enter in the middle of a word that is composed', async () => {
  const { asked } = await chat();
  await fill('Message', 'Hello');
  const key = (init: KeyboardEventInit) =>
    field('Message').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...init }));
  key({ shiftKey: true });
  key({ isComposing: true });
  await settle();
  expect(asked).toHaveLength(0);
  await press('Enter', field('Message'));
  expect(asked).toHaveLength(1);
});

test('nothing is sent of an empty box, nor while an answer comes', async () => {
  const { asked } = await chat();
  await fill('Message', '  \n');
  await click('Send');
  expect(asked).toHaveLength(0);
  await ask('Hello');
  await fill('Message', 'More');
  await press('Enter', field('Message'));
  expect(asked).toHaveLength(1);
  expect(field('Message').value).toBe('More');
});

test('Stop ends the answer at the background and keeps what has come', async () => {
  const { asked } = await chat();
  await ask('Hello');
  await lastOf(asked).send(start, said('Well'));
  await click('Stop');
  expect(lastOf(asked).reply.signal.aborted).toBe(true);
  expect(turns()).toEqual(['Hello', 'Well']);
  expect(text()).toContain('Stopped.');
  await ask('Go on');
  expect(wordsOf(lastOf(asked).input)).toEqual(['user: Hello', 'assistant: Well', 'user: Go on']);
});

test('Retry asks the same once more, with the model that is in use now', async () => {
  const { asked, background } = await chat();
  await ask('Hello');
  await lastOf(asked).finish('Bad');
  background.push({ activeConnection: local.id });
  await settle();
  await click('Retry');
  expect(lastOf(asked).input).toMatchObject({ connection: local.id, model: 'qwen3-8b' });
  expect(wordsOf(lastOf(asked).input)).toEqual(['user: Hello']);
  await lastOf(asked).finish('Good');
  expect(turns()).toEqual(['Hello', 'Good']);
});

test('an edited question takes its place, and what came after it goes', async () => {
  const { asked } = await chat();
  await ask('One');
  await lastOf(asked).finish('Two');
  await ask('Three');
  await lastOf(asked).finish('Four');
  button('Edit').click();
  await settle();
  expect(text()).toContain('What came after it is taken away.');
  await fill('Your message', ' ');
  await click('Send again');
  expect(asked).toHaveLength(2);
  await fill('Your message', 'Other');
  await click('Send again');
  expect(wordsOf(lastOf(asked).input)).toEqual(['user: Other']);
  await lastOf(asked).finish('Five');
  expect(turns()).toEqual(['Other', 'Five']);
});

test('an edit can be given up', async () => {
  const { asked } = await chat();
  await ask('One');
  await lastOf(asked).finish('Two');
  await click('Edit');
  await fill('Your message', 'Other');
  await click('Cancel');
  expect(turns()).toEqual(['One', 'Two']);
});

test('an edit in the middle of an answer ends that answer, and nothing of it comes after', async () => {
  const { asked } = await chat();
  await ask('One');
  const [first] = asked;
  await first?.send(start, said('Old'));
  await click('Edit');
  await fill('Your message', 'Other');
  await click('Send again');
  expect(first?.reply.signal.aborted).toBe(true);
  await lastOf(asked).finish('New');
  expect(turns()).toEqual(['Other', 'New']);
});

test('a new conversation forgets the old one, and ends what comes', async () => {
  const { asked } = await chat();
  expect(findButton('New conversation')).toBeUndefined();
  await ask('One');
  await lastOf(asked).send(start, said('Two'));
  await click('New conversation');
  expect(lastOf(asked).reply.signal.aborted).toBe(true);
  expect(turns()).toEqual([]);
  await ask('Three');
  expect(wordsOf(lastOf(asked).input)).toEqual(['user: Three']);
});

test('closing the panel ends the answer', async () => {
  const { asked } = await chat();
  await ask('One');
  render(null, document.body.firstElementChild as Element);
  await settle();
  expect(lastOf(asked).reply.signal.aborted).toBe(true);
});

test('an answer is copied as the model wrote it, a question as it was asked, code alone', async () => {
  const { asked, shell } = await chat();
  await ask('# Not *read*');
  await lastOf(asked).finish('Try:\n```sh\nls -l\n```');
  const copies = () => [...document.querySelectorAll<HTMLElement>('[aria-label="Copy"]')];
  for (const copy of copies()) copy.click();
  await click('Copy code');
  expect(shell.copied).toEqual(['# Not *read*', 'Try:\n```sh\nls -l\n```', 'ls -l']);
  expect(document.querySelectorAll('[aria-label="Copied"]')).toHaveLength(3);
  await settle(2_000);
  expect(copies()).toHaveLength(2);
  shell.copy = () => Promise.reject(new Error('not allowed'));
  copies()[0]?.click();
  await settle();
  expect(document.querySelectorAll('[aria-label="Copied"]')).toHaveLength(0);
});

test('reasoning is there to be opened, and is not sent along', async () => {
  const { asked } = await chat();
  await ask('One');
  await lastOf(asked).send(start, { type: 'reasoning-delta', text: 'First **I**…' });
  const reasoning = document.querySelector('details');
  expect(reasoning?.open).toBe(false);
  expect(reasoning?.textContent).toBe('ReasoningFirst **I**…');
  await lastOf(asked).finish('Two');
  await ask('Three');
  expect(wordsOf(lastOf(asked).input)).toEqual(['user: One', 'assistant: Two', 'user: Three']);
});

test.each<[StreamPart & { type: 'finish' }, string]>([
  [{ type: 'finish', reason: 'length' }, 'The model stopped at its limit of length.'],
  [{ type: 'finish', reason: 'content-filter' }, 'The provider cut this answer off by its rules.'],
  [{ type: 'finish', reason: 'stop' }, 'The model answered with nothing.'],
])('an answer that ends by %j says "%s"', async (part, words) => {
  const { asked } = await chat();
  await ask('One');
  await lastOf(asked).send(start, part);
  expect(text()).toContain(words);
});

test('what fails is said in words, with the way to mend it, and can be tried again', async () => {
  const { asked } = await chat();
  await ask('One');
  await lastOf(asked).fail(new AiError('unavailable', 'x', { fault: 'auth', status: 401 }));
  expect(text()).toContain('OpenAI rejected your key.');
  const fix = [...document.querySelectorAll('.turn a')].find((link) => link.textContent === 'Fix');
  expect(fix?.getAttribute('href')).toBe(`options.html#connections/${openai.id}`);
  await click('Retry');
  expect(wordsOf(lastOf(asked).input)).toEqual(['user: One']);
});

test('where another connection works, one press has it answer the question that failed', async () => {
  const { asked, background } = await chat();
  await ask('One');
  await lastOf(asked).fail(new AiError('unavailable', 'x', { fault: 'auth', status: 401 }));
  await click('Use Desk server instead');
  expect(calls(background, 'connection-use')).toEqual([{ id: local.id }]);
  expect(lastOf(asked).input).toMatchObject({ connection: local.id });
  expect(wordsOf(lastOf(asked).input)).toEqual(['user: One']);
  await lastOf(asked).finish('Two');
  expect(turns()).toEqual(['One', 'Two']);
});

test('a death of the background ends the answer with words, and the next question is answered', async () => {
  const { asked, background } = await chat();
  await ask('One');
  await lastOf(asked).send(start, said('Tw'));
  background.die();
  await settle();
  expect(turns()).toEqual(['One', 'Tw']);
  expect(document.querySelector('.turn [role="alert"]')?.textContent).not.toBe('');
  await settle(1_000);
  await ask('Three');
  await lastOf(asked).finish('Four');
  expect(turns().at(-1)).toBe('Four');
});

test('a used budget is not called the account of the provider', async () => {
  const { asked } = await chat();
  await ask('One');
  await lastOf(asked).fail(new AiError('payment-required', 'x'));
  expect(text()).toContain('All sites and this chat together have used their budget.');
  const link = [...document.querySelectorAll('.turn a')].find((one) => one.textContent === 'Change budget');
  expect(link?.getAttribute('href')).toBe('options.html#sites');
});

test('T32 the locked vault hides the conversation, and the unlocked one shows it again', async () => {
  const { asked, background } = await chat();
  await ask('One');
  await lastOf(asked).finish('Two');
  await fill('Message', 'draft');
  background.push({ connections: [], vault: { type: 'locked' } as never });
  await settle();
  expect(text()).toContain('Unlock');
  expect(document.body.innerHTML).not.toMatch(/One|Two|draft/);
  background.push({ ...connected, vault: { type: 'open', autoLock: '60m', isRestored: false, isAdviceDismissed: false } });
  await settle();
  expect(turns()).toEqual(['One', 'Two']);
  expect(field('Message').value).toBe('draft');
});

test('a selection comes into the box of its window, quoted, and is not sent by itself', async () => {
  const { asked, background } = await chat();
  background.push({ selection: { windowId: 9, text: 'elsewhere' } });
  await settle();
  expect(field('Message').value).toBe('');
  background.push({ selection: { windowId: 3, text: 'two\nlines\u202e' } });
  await settle();
  expect(field('Message').value).toBe('> two\n> lines⟨U+202E⟩\n\n');
  expect(calls(background, 'selection-taken')).toEqual([{ windowId: 3 }]);
  expect(document.activeElement).toBe(field('Message'));
  background.push({ selection: undefined });
  await fill('Message', 'Why?');
  background.push({ selection: { windowId: 3, text: 'again' } });
  await settle();
  expect(field('Message').value).toBe('Why?\n\n> again\n\n');
  expect(asked).toEqual([]);
});

test('T61 whatever a model writes becomes text, and a link shows where it leads', async () => {
  const { asked } = await chat();
  await ask('One');
  await lastOf(asked).finish(
    [
      '<img src="https://collector.test/1" onerror="alert(1)"> <script>alert(1)</script> <svg/onload=alert(1)>',
      '![cat](https://collector.test/cat.png) ![](https://collector.test/x) [ok](https://bank.test@collector.test/?q=1) [no](javascript:alert(1))',
      '# Head\n> quote\n1. a\n\n---\n| a | b |\n|--|--|\n| `c` | ~~d~~ |\n\n```html\n<b>x</b>\n```\n*e*',
    ].join('\n\n'),
  );
  const answer = document.querySelector('.markdown');
  const tags = new Set([...(answer?.querySelectorAll('*') ?? [])].map(({ tagName }) => tagName));
  for (const tag of ['IMG', 'SCRIPT', 'IFRAME', 'VIDEO', 'OBJECT', 'STYLE', 'LINK', 'B']) expect(tags, tag).not.toContain(tag);
  const links = [...(answer?.querySelectorAll('a') ?? [])];
  expect(links.map((link) => [link.getAttribute('href'), link.textContent])).toEqual([
    ['https://collector.test/1', 'https://collector.test/1'],
    ['https://collector.test/cat.png', 'Image: cat (collector.test)'],
    ['https://collector.test/x', 'Image (collector.test)'],
    ['https://bank.test@collector.test/?q=1', 'ok (collector.test)'],
  ]);
  for (const link of links) expect([link.target, link.rel]).toEqual(['_blank', 'noopener noreferrer']);
  const attributes = [...(answer?.querySelectorAll('*') ?? [])].flatMap((element) => element.getAttributeNames());
  expect(attributes.filter((name) => name.startsWith('on') || name === 'src' || name === 'style')).toEqual([]);
});
