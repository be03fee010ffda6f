// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));
vi.mock('webextension-polyfill', () => ({ default: {} }));

import { ApprovalScreen } from '../../components/approval/ApprovalScreen';
import { toApprovalId, toDigest } from '../../protocol/ids';
import { limits } from '../../protocol/limits';
import type { ApprovalView } from '../../protocol/ui-messages';
import { type FakeBackground, fakeBackground } from './support/background';
import { approval, budget, local, openai, origin } from './support/samples';
import { button, click, fill, findButton, press, settle, show, text } from './support/screen';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const decisions = ({ calls }: FakeBackground) => calls.filter(({ type }) => type === 'approval-decide').map(({ input }) => input);
const heading = () => document.querySelector('h1')?.textContent;
const isDead = (name: string) => button(name).getAttribute('aria-disabled') === 'true';

async function open(...approvals: ApprovalView[]) {
  const background = fakeBackground({ connections: [openai], approvals });
  const shell = await show(background, <ApprovalScreen />);
  return { background, shell };
}

test('names the site, who answers, where and at what cost', async () => {
  await open(approval());
  expect(heading()).toBe('example.com wants to use your AI');
  expect(text()).toContain('Answered by gpt-5-mini · OpenAI · by OpenAI in the cloud');
  expect(text()).toContain('About $0.02');
});

test('names both sites of a frame', async () => {
  await open(approval({ subject: { top: origin('https://news.example'), frame: origin('https://widget.example') } }));
  expect(heading()).toBe('widget.example in news.example wants to use your AI');
});

test('says what is free and what stays on this computer', async () => {
  await open(approval({ answeredBy: { connection: local, model: 'qwen3-8b', cost: { type: 'free' }, budget: budget() } }));
  expect(text()).toContain('Answered by qwen3-8b · Desk server · on this computer');
  expect(text()).toContain('Free');
});

test('where the server has not told its models yet, only the connection is named', async () => {
  await open(approval({ answeredBy: { connection: local, model: '', cost: { type: 'free' }, budget: budget() } }));
  expect(text()).toContain('Answered by Desk server · on this computer');
});

test('T44 in a private window nothing is offered that lasts', async () => {
  await open(approval({ isPrivate: true }));
  expect(findButton('Allow this visit')).toBeDefined();
  expect(findButton('Always allow')).toBeUndefined();
  expect(findButton('Never ask again')).toBeUndefined();
  expect(text()).toContain('Nothing of a private window is remembered.');
});

test('warns of a page without encryption', async () => {
  await open(approval({ insecure: true, subject: { top: origin('http://192.168.1.77') } }));
  expect(heading()).toBe('http://192.168.1.77 wants to use your AI');
  expect(text()).toContain('Not encrypted');
});

test('focuses the refusal, which works at once', async () => {
  const { background } = await open(approval());
  expect(document.activeElement).toBe(button("Don't allow"));
  await click("Don't allow");
  expect(decisions(background)).toEqual([{ id: 'a1', digest: 'd1', decision: 'deny' }]);
});

test('Escape refuses', async () => {
  const { background } = await open(approval());
  await press('Escape');
  expect(decisions(background)).toEqual([{ id: 'a1', digest: 'd1', decision: 'deny' }]);
});

test.each([
  ['Allow this visit', 'allow-visit'],
  ['Always allow', 'allow-always'],
  ['Only this request', 'allow-request'],
])('%s takes no click before the card has stood still, and then one', async (name, decision) => {
  const { background } = await open(approval());
  expect(isDead(name)).toBe(true);
  expect(button(name).hasAttribute('disabled')).toBe(false);
  await click(name);
  expect(decisions(background)).toEqual([]);
  await settle(limits.inputDelay);
  expect(isDead(name)).toBe(false);
  await click(name);
  expect(decisions(background)).toEqual([{ id: 'a1', digest: 'd1', decision }]);
});

test('a card that changes under the pointer takes no click', async () => {
  const { background } = await open(approval());
  await settle(limits.inputDelay);
  expect(isDead('Allow this visit')).toBe(false);
  background.push({ approvals: [approval({ digest: toDigest('d2') })] });
  await settle();
  await click('Allow this visit');
  expect(decisions(background)).toEqual([]);
  await settle(limits.inputDelay);
  await click('Allow this visit');
  expect(decisions(background)).toEqual([{ id: 'a1', digest: 'd2', decision: 'allow-visit' }]);
});

test('a withdrawn card is followed by the next one, dead and with the refusal focused', async () => {
  const next = approval({
    id: toApprovalId('a2'),
    digest: toDigest('d2'),
    createdAt: 2,
    subject: { top: origin('https://b.example') },
  });
  const { background } = await open(approval(), next);
  expect(text()).toContain('1 of 2');
  await settle(limits.inputDelay);
  background.push({ approvals: [next] });
  await settle();
  expect(heading()).toBe('b.example wants to use your AI');
  expect(text()).not.toContain('1 of');
  expect(document.activeElement).toBe(button("Don't allow"));
  await click('Allow this visit');
  expect(decisions(background)).toEqual([]);
});

test('a window that gains focus takes no click at first', async () => {
  await open(approval());
  await settle(limits.inputDelay);
  window.dispatchEvent(new Event('focus'));
  await settle();
  expect(isDead('Allow this visit')).toBe(true);
});

test('a new request does not push away the card that is shown', async () => {
  const { background } = await open(approval({ createdAt: 5 }));
  const earlier = approval({ id: toApprovalId('a0'), createdAt: 1, subject: { top: origin('https://b.example') } });
  background.push({ approvals: [earlier, approval({ createdAt: 5 })] });
  await settle();
  expect(heading()).toBe('example.com wants to use your AI');
});

test('tells which card it shows, also to a background that was restarted', async () => {
  const { background } = await open(approval());
  const shown = () => background.calls.filter(({ type }) => type === 'approval-shown').length;
  expect(shown()).toBe(1);
  background.die();
  await settle(1_000);
  expect(shown()).toBe(2);
});

test('closes when nothing waits any more', async () => {
  const { background, shell } = await open(approval());
  expect(shell.closed()).toBe(0);
  background.push({ approvals: [] });
  await settle();
  expect(shell.closed()).toBe(1);
});

test('a card that comes while the window closes is left to the next one: this one never says that it showed it', async () => {
  const { background, shell } = await open(approval());
  background.push({ approvals: [] });
  await settle();
  background.push({ approvals: [approval({ id: toApprovalId('a2') })] });
  await settle();
  expect(heading()).toBeUndefined();
  const shown = background.calls.filter(({ type }) => type === 'approval-shown').map(({ input }) => input);
  expect(shown).toEqual([{ id: 'a1' }]);
  expect(shell.closed()).toBe(1);
});

test('with nothing connected it offers to set one up, and becomes the normal card by itself', async () => {
  const { background, shell } = await open(approval({ answeredBy: undefined }));
  expect(heading()).toBe('example.com wants to use your AI. Set one up.');
  expect(findButton('Allow this visit')).toBeUndefined();
  expect(findButton('Only this request')).toBeUndefined();
  await click('Set one up');
  expect(shell.opened).toEqual(['welcome']);
  background.push({ connections: [openai], approvals: [approval()] });
  await settle();
  expect(heading()).toBe('example.com wants to use your AI');
  expect(isDead('Allow this visit')).toBe(true);
});

test('says so when the request is gone', async () => {
  const background = fakeBackground(
    { connections: [openai], approvals: [approval()] },
    {
      'approval-decide': () => {
        throw new Error('gone');
      },
    },
  );
  await show(background, <ApprovalScreen />);
  await click("Don't allow");
  expect(document.querySelector('[role="alert"]')?.textContent).toContain('Something went wrong inside Oriel.');
});

test('shows the whole request as text', async () => {
  const hostile = '<img src=x onerror="alert(1)"> \u202egnp';
  const background = fakeBackground(
    { connections: [openai], approvals: [approval()] },
    {
      'approval-content': () => ({
        messages: [
          { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
          {
            role: 'user',
            content: [
              { type: 'text', text: hostile },
              { type: 'image', mediaType: 'image/png', data: 'A'.repeat(4000) },
            ],
          },
          { role: 'assistant', content: [{ type: 'tool-call', id: '1', name: 'find', arguments: '{"of":"<b>"}' }] },
          { role: 'tool', content: [{ type: 'tool-result', id: '1', result: '<i>found</i>' }] },
        ],
        tools: [{ name: 'find', description: '<u>Finds</u>', parameters: { type: 'object' } }],
        responseFormat: { type: 'json-schema', schema: { title: '<h1>' } },
      }),
    },
  );
  await show(background, <ApprovalScreen />);
  await click('Show request');
  expect(document.querySelectorAll('img')).toHaveLength(0);
  expect(text()).toContain('SystemBe brief.');
  expect(text()).toContain('<img src=x onerror="alert(1)"> ⟨U+202E⟩gnp');
  expect(text()).toContain('Image (image/png, 3 kB)');
  expect(text()).toContain('AssistantCalls find\n{"of":"<b>"}');
  expect(text()).toContain('Tool<i>found</i>');
  expect(text()).toContain('Tool find<u>Finds</u>\n{\n  "type": "object"\n}');
  expect(text()).toContain('Form of the answer{\n  "title": "<h1>"\n}');
  expect(document.querySelectorAll('b, i, u')).toHaveLength(0);
});

test('shows a form of the answer that is an expression, and a tool that is not described', async () => {
  const background = fakeBackground(
    { connections: [openai], approvals: [approval()] },
    {
      'approval-content': () => ({
        messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
        tools: [{ name: 'find', parameters: {} }],
        responseFormat: { type: 'regexp', source: '^(a+)+$', flags: '' },
      }),
    },
  );
  await show(background, <ApprovalScreen />);
  await click('Show request');
  expect(text()).toContain('Tool find{}');
  expect(text()).toContain('Form of the answer^(a+)+$');
});

test('says what a site asks for beside text, and that a session is allowed as one', async () => {
  const wishes = ['models.choose', 'tools', 'image.in', 'audio.in', 'embed'] as const;
  const background = fakeBackground({ connections: [openai], approvals: [approval({ wishes, isSession: true })] });
  await show(background, <ApprovalScreen />);
  expect([...document.querySelectorAll('.wishes li')].map(({ textContent }) => textContent)).toEqual([
    'pick among the models of this connection',
    'let the model call functions of the page',
    'send images',
    'send sound',
    'turn texts into numbers, for search',
  ]);
  expect(text()).toContain('“Only this request” holds for one conversation of this page.');
});

test('a site that only asks for permission sends nothing yet', async () => {
  const background = fakeBackground(
    { connections: [openai], approvals: [approval()] },
    { 'approval-content': () => ({ messages: [] }) },
  );
  await show(background, <ApprovalScreen />);
  await click('Show request');
  expect(text()).toContain('Nothing is sent yet.');
  expect(findButton('Edit')).toBeUndefined();
});

test('asks again for the text while the page is being reached', async () => {
  let answer: unknown;
  const background = fakeBackground({ connections: [openai], approvals: [approval()] }, { 'approval-content': () => answer });
  await show(background, <ApprovalScreen />);
  await click('Show request');
  expect(text()).toContain('Reaching the page…');
  answer = { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }] };
  await settle(1_500);
  expect(text()).toContain('UserHello');
});

test('names who answers where the first is down, and warns of a request that goes further', async () => {
  await open(approval({ otherwise: [local], notice: { type: 'further', until: 'this-computer' } }));
  expect(text()).toContain('If it is down: Desk server (on this computer)');
  expect(text()).toContain('Until now this site was answered on this computer.');
});

test.each([
  ['key', 'This request seems to hold a key.'],
  ['password', 'This request seems to hold a password.'],
  ['card-number', 'This request seems to hold a card number.'],
] as const)('says that a request seems to hold a %s, and shows no more than a little of it', async (what, sentence) => {
  await open(approval({ notice: { type: 'holds', what, masked: '•••• 4242' }, onlyThis: true }));
  expect(text()).toContain(sentence);
  expect(text()).toContain('It shows •••• 4242. Read the request below');
});

test('a request that seems to hold something is open to be read, also where the site asks for the first time', async () => {
  await open(approval());
  expect(document.querySelector('.approval details')?.hasAttribute('open')).toBe(false);
  await open(approval({ notice: { type: 'holds', what: 'key', masked: 'sk-p••••' } }));
  expect(document.querySelector('.approval details')?.hasAttribute('open')).toBe(true);
  expect(button('Show request').getAttribute('aria-expanded')).toBe('true');
});

test('Change sends the picked connection and model to the background, which shows the card anew', async () => {
  const background = fakeBackground({ connections: [openai, local], approvals: [approval()] });
  await show(background, <ApprovalScreen />);
  await settle(limits.inputDelay);
  await click('Change who answers');
  await fill('Connection', local.id);
  expect(background.calls.filter(({ type }) => type === 'approval-change')).toEqual([
    { type: 'approval-change', input: { id: 'a1', connection: local.id } },
  ]);
  background.push({
    approvals: [
      approval({
        digest: toDigest('d2'),
        answeredBy: { connection: local, model: 'qwen3-8b', cost: { type: 'free' }, budget: budget() },
      }),
    ],
  });
  await settle();
  expect(text()).toContain('Answered by qwen3-8b · Desk server · on this computer');
  expect(isDead('Allow this visit')).toBe(true);
});

const twoMessages = {
  'approval-content': () => ({
    messages: [
      { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', content: [{ type: 'text', text: 'My secret' }] },
    ],
  }),
};

test('asked each time, the request is open, only this one can be allowed, and it is sent as edited and cut', async () => {
  const background = fakeBackground({ connections: [openai], approvals: [approval({ onlyThis: true })] }, twoMessages);
  await show(background, <ApprovalScreen />);
  await settle(limits.inputDelay);
  expect(text()).toContain('My secret');
  for (const name of ['Allow this visit', 'Always allow']) expect(findButton(name)).toBeUndefined();
  await click('Edit');
  await click('Leave out');
  expect(findButton('Leave out')).toBeUndefined();
  await fill('User', 'Nothing');
  await click('Only this request');
  expect(decisions(background)).toEqual([
    {
      id: 'a1',
      digest: 'd1',
      decision: 'allow-request',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Nothing' }] }],
    },
  ]);
});

test('Undo edits sends the request as the page sent it', async () => {
  const background = fakeBackground({ connections: [openai], approvals: [approval()] }, twoMessages);
  await show(background, <ApprovalScreen />);
  await settle(limits.inputDelay);
  await click('Show request');
  await click('Edit');
  await fill('User', 'Nothing');
  await click('Undo edits');
  await click('Allow this visit');
  expect(decisions(background)).toEqual([{ id: 'a1', digest: 'd1', decision: 'allow-visit' }]);
});

test('a request that is more than text is shown and cannot be edited', async () => {
  const background = fakeBackground(
    { connections: [openai], approvals: [approval({ onlyThis: true })] },
    {
      'approval-content': () => ({
        messages: [{ role: 'user', content: [{ type: 'image', mediaType: 'image/png', data: 'AAAA' }] }],
      }),
    },
  );
  await show(background, <ApprovalScreen />);
  expect(text()).toContain('Image (image/png');
  expect(findButton('Edit')).toBeUndefined();
});
