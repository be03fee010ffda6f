// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));
vi.mock('webextension-polyfill', () => ({ default: {} }));

import { ChatScreen } from '../../components/chat/ChatScreen';
import type { Reply } from '../../protocol/channel';
import type { KeptTurn } from '../../protocol/chat';
import { AiError } from '../../protocol/errors';
import { fakeBackground } from './support/background';
import { openai } from './support/samples';
import { button, click, fakeShell, fill, findButton, settle, show, text } from './support/screen';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** The chat with a disk behind it, and a model that says how many messages it got. */
async function panel(onDisk?: readonly KeptTurn[], isPrivate = false) {
  const disk = { kept: onDisk, isFull: false, stamp: 'found' };
  const write = async (kept: readonly KeptTurn[] | undefined, over: string | undefined) => {
    if (disk.isFull) throw new AiError('unknown', 'No room.');
    if (over !== undefined && over !== disk.stamp) return undefined;
    disk.kept = kept;
    disk.stamp += '+';
    return disk.stamp;
  };
  const background = fakeBackground(
    { connections: [openai], activeConnection: openai.id },
    {
      'chat-kept': async () => disk.kept && { turns: disk.kept, stamp: disk.stamp },
      'chat-keep': ({ turns, over }: { turns: readonly KeptTurn[]; over?: string }) => write(turns, over),
      'chat-forget': ({ over }: { over?: string }) => write(undefined, over),
      async chat({ messages }: { messages: readonly unknown[] }, reply: Reply) {
        await reply.parts([
          { type: 'start', model: 'gpt-5-mini', warnings: [] },
          { type: 'text-delta', text: `Got ${messages.length}` },
          { type: 'finish', reason: 'stop' },
        ]);
      },
    },
  );
  await show(background, <ChatScreen />, { ...fakeShell(), window: async () => ({ id: 3, isPrivate }) });
  const ask = async (words: string) => {
    await fill('Message', words);
    await click('Send');
    await settle(200);
  };
  return { disk, ask };
}

const old: readonly KeptTurn[] = [
  { type: 'question', text: 'From yesterday' },
  { type: 'answer', model: 'm', text: 'Half an answ', reasoning: '', reason: 'aborted' },
];

test('nothing is kept unless the person says so, and from then on each turn is', async () => {
  const { disk, ask } = await panel();
  expect(findButton('Keep')).toBeUndefined();
  await ask('One');
  expect(disk.kept).toBeUndefined();
  expect(button('Keep').getAttribute('aria-pressed')).toBe('false');
  await click('Keep');
  expect(text()).toContain('Kept on this computer, encrypted');
  await ask('Two');
  expect(disk.kept?.map((turn) => turn.text)).toEqual(['One', 'Got 1', 'Two', 'Got 3']);
  await click('Keep');
  await settle();
  expect(disk.kept).toBeUndefined();
  expect(text()).toContain('Got 3');
});

test('what was kept comes back with the panel and goes on; a new conversation forgets it', async () => {
  const { disk, ask } = await panel(old);
  expect(text()).toContain('From yesterday');
  expect(text()).toContain('Half an answ');
  expect(text()).toContain('Stopped.');
  expect(button('Keep').getAttribute('aria-pressed')).toBe('true');
  await ask('And now');
  expect(disk.kept).toHaveLength(4);
  await click('New conversation');
  await settle();
  expect(disk.kept).toBeUndefined();
});

test('what cannot be written, or taken from the disk, is told and not said to be done', async () => {
  const { disk, ask } = await panel(old);
  disk.isFull = true;
  await ask('And now');
  expect(disk.kept).toEqual(old);
  expect(document.querySelector('[role="alert"]')).not.toBeNull();
  expect(text()).not.toContain('Kept on this computer, encrypted');
  await click('Keep');
  await settle();
  expect(button('Keep').getAttribute('aria-pressed')).toBe('true');
  disk.isFull = false;
  await ask('Once more');
  expect(disk.kept).toHaveLength(6);
  expect(document.querySelector('[role="alert"]')).toBeNull();
});

test('where another window keeps its own since, that is told and left alone, until the person keeps this one instead', async () => {
  const { disk, ask } = await panel(old);
  await ask('And now');
  Object.assign(disk, { kept: old, stamp: 'of another window' });
  await ask('Once more');
  expect(disk.kept).toEqual(old);
  expect(button('Keep').getAttribute('aria-pressed')).toBe('false');
  expect(text()).toContain('Another window has kept');
  await click('Keep');
  await settle();
  expect(disk.kept).toHaveLength(6);
  expect(text()).not.toContain('Another window has kept');
  await ask('On');
  expect(disk.kept).toHaveLength(8);
});

test('a private window shows nothing of it and keeps nothing', async () => {
  const { ask } = await panel(old, true);
  expect(text()).not.toContain('From yesterday');
  await ask('One');
  expect(findButton('Keep')).toBeUndefined();
});
