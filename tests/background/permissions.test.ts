/** Grants, rules, edits and revocations on the way of a request, in the whole background. */
import { beforeEach, expect, test, vi } from 'vitest';
import type { StreamPart } from '../../protocol/generate';
import { type ConnectionId, toConnectionId } from '../../protocol/ids';
import { limits } from '../../protocol/limits';
import type { PageCall } from '../../protocol/page-messages';
import type { SiteRule } from '../../protocol/site-rules';
import type { Wire } from '../protocol/support/wire';
import { answering, createSlowAnswer, failing } from './support/backend';
import { type Background, createBackground } from './support/background';
import { dumpOf } from './support/database';
import { eventually } from './support/eventually';
import { senderOf } from './support/pages';

const generate = (text = 'Hi', fields: object = {}): PageCall => ({
  type: 'generate',
  request: { messages: [{ role: 'user', content: [{ type: 'text', text }] }], ...fields },
});
const subject = { top: 'https://site.test' as never };
const noRule: SiteRule = { fallback: [], onlyThisComputer: false, asksEveryTime: false, mapped: [] };
const says = (text: string) => [{ role: 'user' as const, content: [{ type: 'text' as const, text }] }];

let background: Background;
let local: ConnectionId;
let cloud: ConnectionId;

beforeEach(async () => {
  background = createBackground();
  local = (await background.connect()).id;
  background.now += 1;
  cloud = (await background.screen().call('connection-add', { providerId: 'openai', name: 'Cloud', key: 'sk-1234567890ab' })).id;
});

const ui = () => background.screen();
const setRule = (rule: Partial<SiteRule>, choosesModel = false) =>
  ui().call('site-rule-set', { subject, rule: { ...noRule, ...rule }, choosesModel });
const partsOf = (wire: Wire, id = '1'): StreamPart[] =>
  wire.frames.flatMap((frame) => (frame.type === 'parts' && frame.id === id ? frame.parts : []));
const textOf = (wire: Wire, id = '1') =>
  partsOf(wire, id)
    .map((part) => (part.type === 'text-delta' ? part.text : ''))
    .join('');
const errorOf = async (wire: Wire, id = '1') => {
  const frame = await wire.settled(id);
  return frame.type === 'error' ? frame.error : undefined;
};
const sentTo = () => background.backend.completions().map(({ url }) => new URL(url).host);
const bodyOf = (index = -1) => background.backend.completions().at(index)?.body as { model: string; messages: unknown };

/** A page of the site, allowed, with its first call answered. */
async function allowed(decision: 'allow-visit' | 'allow-always' = 'allow-always') {
  const page = background.page();
  page.request('0', generate('first'));
  await background.decide(decision);
  await page.settled('0');
  return page;
}

const ask = async (page: Wire, id: string, call: PageCall = generate()) => {
  page.request(id, call);
  return page.settled(id);
};

test('a switch to the cloud asks again, says how far it went until now, and is remembered', async () => {
  const page = await allowed();
  await ui().call('connection-use', { id: cloud });
  page.request('1', generate());
  expect(await background.card()).toMatchObject({
    notice: { type: 'further', until: 'this-computer' },
    answeredBy: { connection: { id: cloud, place: 'cloud' } },
  });
  await background.decide('allow-always');
  await page.settled('1');
  await ui().call('connection-use', { id: local });
  expect(await ask(page, '2')).toMatchObject({ type: 'end' });
  await ui().call('connection-use', { id: cloud });
  expect(await ask(page, '3')).toMatchObject({ type: 'end' });
  expect(sentTo()).toEqual(['127.0.0.1:8080', 'api.openai.com', '127.0.0.1:8080', 'api.openai.com']);
});

test('Change on the card sends this request elsewhere, and only this one where only this one is allowed', async () => {
  const page = background.page();
  page.request('1', generate());
  const { id } = await background.card();
  await ui().call('approval-change', { id, connection: cloud, model: 'gpt-x' });
  expect(await background.card()).toMatchObject({ answeredBy: { connection: { id: cloud }, model: 'gpt-x' } });
  await background.decide('allow-request');
  await page.settled('1');
  expect([sentTo(), bodyOf().model]).toEqual([['api.openai.com'], 'gpt-x']);
  page.request('2', generate());
  expect(await background.card()).toMatchObject({ answeredBy: { connection: { id: local } } });
});

test('Change holds for the visit, and leaves no rule behind', async () => {
  const page = background.page();
  page.request('1', generate());
  const { id } = await background.card();
  await ui().call('approval-change', { id, connection: cloud });
  await background.decide('allow-visit');
  await page.settled('1');
  await ask(page, '2');
  expect(sentTo()).toEqual(['api.openai.com', 'api.openai.com']);
  expect(await ui().call('site-rule', { subject })).toBeUndefined();
  background.browser.closeTab(1);
  page.request('3', generate());
  expect(await background.card()).toMatchObject({ answeredBy: { connection: { id: local } } });
});

test('Change with Always is a rule of the site', async () => {
  const page = background.page();
  page.request('1', generate());
  const { id } = await background.card();
  await ui().call('approval-change', { id, connection: cloud, model: 'gpt-x' });
  await background.decide('allow-always');
  await page.settled('1');
  expect(await ui().call('site-rule', { subject })).toEqual({ ...noRule, connection: cloud, model: 'gpt-x' });
  await ask(page, '2');
  expect([sentTo(), bodyOf().model]).toEqual([['api.openai.com', 'api.openai.com'], 'gpt-x']);
});

test('Change with Always in a private window leaves nothing in the database', async () => {
  const page = background.page(senderOf({ origin: 'https://secret.test', isPrivate: true }));
  page.request('1', generate());
  const { id } = await background.card();
  await ui().call('approval-change', { id, connection: cloud });
  await background.decide('allow-always');
  await page.settled('1');
  await ask(page, '2');
  expect(sentTo()).toEqual(['api.openai.com', 'api.openai.com']);
  expect(await dumpOf(background.database)).not.toContain('secret.test');
});

test.each(['block', 'revoke', 'ask-again', 'unblock', 'use-here', 'use-oriel', 'use-browser'] as const)(
  'T44 %s in a private window leaves nothing in the database',
  async (action) => {
    const page = background.page(senderOf({ origin: 'https://secret.test', isPrivate: true }));
    page.request('1', generate());
    await background.decide('allow-visit');
    await page.settled('1');
    const secret = { subject: { top: 'https://secret.test' as never }, action };
    await ui().call('site-set', { ...secret, isPrivate: true });
    expect(await dumpOf(background.database)).not.toContain('secret.test');
    // Done to the site itself, the first of them is written down: the search finds what is there.
    if (action !== 'block') return;
    page.request('2', generate());
    expect(await page.settled('2')).toMatchObject({ error: { code: 'not-allowed' } });
    await ui().call('site-set', secret);
    expect(await dumpOf(background.database)).toContain('secret.test');
  },
);

test('a visit with a connection of its own asks again when that one is removed', async () => {
  const page = background.page();
  page.request('1', generate());
  const { id } = await background.card();
  await ui().call('approval-change', { id, connection: cloud });
  await background.decide('allow-visit');
  await page.settled('1');
  await ui().call('connection-remove', { id: cloud });
  page.request('2', generate());
  expect(await background.card()).toMatchObject({ answeredBy: { connection: { id: local } } });
});

test('Change to a connection that is gone, and of a card that is gone, is refused', async () => {
  const gone = toConnectionId('gone');
  background.page().request('1', generate());
  const { id } = await background.card();
  await expect(ui().call('approval-change', { id, connection: gone })).rejects.toMatchObject({ code: 'invalid-request' });
  await background.decide('deny');
  await expect(ui().call('approval-change', { id, connection: cloud })).rejects.toMatchObject({ code: 'invalid-request' });
});

test('T22 a click on a card that shows another connection than would answer by now allows nothing', async () => {
  const page = background.page();
  page.request('1', generate());
  const { id, digest } = await background.card();
  await ui().call('connection-use', { id: cloud });
  await expect(ui().call('approval-decide', { id, digest, decision: 'allow-always' })).rejects.toMatchObject({
    code: 'invalid-request',
  });
  expect([page.of('1'), background.backend.completions()]).toEqual([[], []]);
  expect(await ui().call('sites', {})).toEqual([]);
});

test('T19 an edited request is sent as the person left it, and nothing else of it changes', async () => {
  const page = background.page();
  page.request('1', generate('My secret plan', { temperature: 0.5 }));
  const { id, digest } = await background.card();
  await ui().call('approval-decide', { id, digest, decision: 'allow-visit', messages: says('My plan') });
  await page.settled('1');
  expect(bodyOf()).toMatchObject({ messages: [{ role: 'user', content: 'My plan' }], temperature: 0.5 });
  expect(JSON.stringify(background.backend.sent)).not.toContain('secret');
});

test.each<[string, unknown]>([
  ['nothing', []],
  ['a message of a tool', [{ role: 'tool', content: [{ type: 'text', text: 'x' }] }]],
  ['an image', [{ role: 'user', content: [{ type: 'image', mediaType: 'image/png', data: '' }] }]],
  ['too much', says('x'.repeat(limits.requestChars + 1))],
])('T19 an edit to %s is refused, and the card stays', async (_name, messages) => {
  background.page().request('1', generate());
  const { id, digest } = await background.card();
  const deciding = ui().call('approval-decide', { id, digest, decision: 'allow-visit', messages: messages as never });
  await expect(deciding).rejects.toMatchObject({ code: 'invalid-request' });
  expect((await background.card()).id).toBe(id);
});

test('an edit of a request whose page is away is refused: nobody was shown it', async () => {
  background.page().request('1', generate());
  await background.card();
  background.restart();
  const { id, digest } = await background.card();
  const deciding = ui().call('approval-decide', { id, digest, decision: 'allow-visit', messages: says('Other') });
  await expect(deciding).rejects.toMatchObject({ code: 'invalid-request' });
});

test('ask every time asks a site that is always allowed, for this request alone', async () => {
  const page = await allowed();
  await setRule({ asksEveryTime: true });
  for (const id of ['1', '2']) {
    page.request(id, generate());
    expect(await background.card()).toMatchObject({ onlyThis: true });
    await background.decide('allow-request');
    expect(await page.settled(id)).toMatchObject({ type: 'end' });
  }
  await setRule({});
  expect(await ask(page, '3')).toMatchObject({ type: 'end' });
  expect(await ui().call('site-rule', { subject })).toBeUndefined();
});

test('a site that is always allowed stops where its request seems to hold a card number, once for each', async () => {
  const page = await allowed();
  page.request('1', generate('Pay with 4242 4242 4242 4242'));
  const card = await background.card();
  expect(card).toMatchObject({ onlyThis: true, notice: { type: 'holds', what: 'card-number', masked: '•••• 4242' } });
  expect(JSON.stringify([...background.browser.session.entries])).not.toContain('4242 4242');
  expect(background.backend.completions()).toHaveLength(1);
  await background.decide('allow-request');
  await page.settled('1');
  expect(await ask(page, '2', generate('Again 4242 4242 4242 4242'))).toMatchObject({ type: 'end' });
  page.request('3', generate('And 5555 5555 5555 4444'));
  await background.decide('deny');
  expect(await errorOf(page, '3')).toEqual({ code: 'not-allowed' });
});

test('what the person cut out of a request has not been let go: it is asked for the next time', async () => {
  const page = await allowed();
  page.request('1', generate('password: hunter2!'));
  const { id, digest } = await background.card();
  await ui().call('approval-decide', { id, digest, decision: 'allow-request', messages: says('no password') });
  await page.settled('1');
  page.request('2', generate('password: hunter2!'));
  expect(await background.card()).toMatchObject({ notice: { what: 'password' } });
});

test('allowing a site lets no other waiting request through that seems to hold a secret, or that goes elsewhere', async () => {
  await setRule({ mapped: [{ asked: 'far', connection: cloud }] });
  const page = background.page();
  page.request('1', generate());
  const first = await background.card();
  page.request('2', generate('password: hunter2!'));
  page.request('3', generate('far', { model: 'far' }));
  page.request('4', generate('same'));
  await eventually(async () => expect((await ui().call('overview', {})).approvals).toHaveLength(4));
  await ui().call('approval-decide', { id: first.id, digest: first.digest, decision: 'allow-visit' });
  await Promise.all([page.settled('1'), page.settled('4')]);
  expect((await ui().call('overview', {})).approvals).toHaveLength(2);
  expect([page.of('2'), page.of('3')]).toEqual([[], []]);
});

test('a rule names who answers a site, and the page is told the name of that model', async () => {
  const page = await allowed();
  await setRule({ connection: local, model: 'm-2' });
  await ask(page, '1');
  expect(bodyOf().model).toBe('m-2');
  await eventually(() => expect(page.frames.findLast(({ type }) => type === 'event')).toMatchObject({ event: { model: 'm-2' } }));
  page.request('2', { type: 'current-model' });
  expect(await page.settled('2')).toMatchObject({ value: 'm-2' });
});

test('a rule with a model alone names the model of the active connection', async () => {
  const page = await allowed();
  await setRule({ model: 'm-2' });
  await ask(page, '1');
  expect(bodyOf().model).toBe('m-2');
});

test('a rule whose connection is gone leaves the site to the active one', async () => {
  const page = await allowed();
  await setRule({ connection: cloud, model: 'gpt-x' });
  await ui().call('connection-remove', { id: cloud });
  await ask(page, '1');
  expect([sentTo().at(-1), bodyOf().model]).toEqual(['127.0.0.1:8080', 'm-1']);
});

test('a model that a page asks for is answered by what the person set for it', async () => {
  const page = await allowed();
  await setRule({ mapped: [{ asked: 'gpt-4', connection: local, model: 'm-2' }] });
  await ask(page, '1', generate('Hi', { model: 'gpt-4' }));
  await ask(page, '2', generate('Hi', { model: 'gpt-5' }));
  expect([bodyOf(-2).model, bodyOf().model]).toEqual(['m-2', 'm-1']);
  expect(partsOf(page, '1')[0]).toMatchObject({ warnings: [{ type: 'model-replaced', asked: 'gpt-4' }] });
});

test('a model cannot be set twice', async () => {
  const entry = { asked: 'gpt-4', connection: local };
  await expect(setRule({ mapped: [entry, entry] })).rejects.toMatchObject({ code: 'invalid-request', field: 'mapped' });
});

test('T35 a page picks a model only where the person lets it, and only one that its connection lists', async () => {
  const page = await allowed();
  await ask(page, '1', generate('Hi', { model: 'm-2' }));
  await setRule({}, true);
  await ask(page, '2', generate('Hi', { model: 'm-2' }));
  await ask(page, '3', generate('Hi', { model: 'm-9' }));
  await ask(page, '4');
  expect(background.backend.completions().map(({ body }) => (body as { model: string }).model)).toEqual([
    'm-1',
    'm-1',
    'm-2',
    'm-1',
    'm-1',
  ]);
  await setRule({}, false);
  await ask(page, '5', generate('Hi', { model: 'm-2' }));
  expect(bodyOf().model).toBe('m-1');
});

test('a page’s wish is looked up where the list is not known, and is no wish where it cannot be', async () => {
  const page = await allowed();
  await setRule({}, true);
  background.restart();
  const again = background.page();
  expect(await ask(again, '1', generate('Hi', { model: 'm-2' }))).toMatchObject({ type: 'end' });
  expect(bodyOf().model).toBe('m-2');
  background.restart();
  background.backend.list = () => Promise.reject(new TypeError('fetch failed'));
  expect(await ask(background.page(), '2', generate('Hi', { model: 'm-2' }))).toMatchObject({ type: 'end' });
  expect(bodyOf().model).toBe('m-1');
  expect(page.frames.length).toBeGreaterThan(0);
});

test('this computer only: nothing goes elsewhere, whatever is active or asked for', async () => {
  const page = await allowed();
  await setRule({ onlyThisComputer: true, connection: local, fallback: [cloud] });
  expect(await ask(page, '1')).toMatchObject({ type: 'end' });
  await setRule({ onlyThisComputer: true });
  await ui().call('connection-use', { id: cloud });
  expect(await ask(page, '2')).toMatchObject({ error: { code: 'not-allowed' } });
  expect((await ui().call('overview', {})).approvals).toEqual([]);
  expect(sentTo()).not.toContain('api.openai.com');
});

const unreachable = () => Promise.reject(new TypeError('fetch failed'));
const busy = () => failing(503, { message: 'overloaded' });

test.each<[string, () => Response | Promise<Response>]>([
  ['cannot be reached', unreachable],
  ['has a problem on its side', () => failing(500, { message: 'x' })],
  ['is too busy', busy],
  ['takes no more requests for now', () => failing(429, { message: 'slow down' })],
])('the next connection answers where the first %s', async (_name, broken) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true, advanceTimeDelta: 500 });
  try {
    const page = await allowed();
    await setRule({ fallback: [cloud] });
    background.backend.answer = broken;
    const first = background.backend.completions().length;
    page.request('1', generate());
    const card = await background.card();
    expect(card).toMatchObject({ otherwise: [{ id: cloud }], notice: { type: 'further' } });
    const original = background.backend.answer;
    background.backend.answer = () => (sentTo().at(-1) === 'api.openai.com' ? answering('From the cloud') : original(undefined));
    await background.decide('allow-always');
    await page.settled('1');
    expect(textOf(page)).toBe('From the cloud');
    expect(new Set(sentTo().slice(first))).toEqual(new Set(['127.0.0.1:8080', 'api.openai.com']));
    expect(partsOf(page).filter(({ type }) => type === 'start')).toHaveLength(1);
  } finally {
    vi.useRealTimers();
  }
});

test('no other connection is tried after the first delivered byte, nor for what another could not mend', async () => {
  await setRule({ fallback: [cloud] });
  const page = await allowed();
  background.backend.answer = () =>
    new Response('data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n', {
      headers: { 'content-type': 'text/event-stream' },
    });
  expect(await ask(page, '1')).toMatchObject({ error: { code: 'interrupted' } });
  background.backend.answer = () => failing(401, { message: 'no' });
  expect(await ask(page, '2')).toMatchObject({ error: { code: 'unavailable' } });
  expect(sentTo()).not.toContain('api.openai.com');
});

test('an overload in the middle of an answer is told as one, and no other answer begins behind the first words', async () => {
  await setRule({ fallback: [cloud] });
  const page = await allowed();
  background.backend.answer = () =>
    new Response(
      'data: {"choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\ndata: {"error":{"code":503,"message":"overloaded"}}\n\n',
      {
        headers: { 'content-type': 'text/event-stream' },
      },
    );
  page.request('1', generate());
  expect(await page.settled('1')).toMatchObject({ error: { code: 'unavailable' } });
  expect(textOf(page)).toBe('Hel');
  expect(sentTo()).not.toContain('api.openai.com');
});

test('a fallback that is the first one, or is gone, is left out', async () => {
  await setRule({ fallback: [local, cloud] });
  await ui().call('connection-remove', { id: cloud });
  background.page().request('1', generate());
  expect((await background.card()).otherwise).toBeUndefined();
});

const running = async (page: Wire) => {
  const slow = createSlowAnswer();
  background.backend.answer = slow.answer;
  page.request('1', generate());
  await eventually(() => expect(background.backend.completions()).toHaveLength(2));
  slow.send('one ');
  await page.until((frame) => frame.type === 'parts' && frame.id === '1');
  return slow;
};

test.each(['revoke', 'block'] as const)('T42 to %s ends a running stream as a refusal, and nothing follows', async (action) => {
  const page = await allowed();
  const slow = await running(page);
  // Read together with the revocation: held back, and not delivered after it.
  slow.send('two ');
  await ui().call('site-set', { subject, action });
  expect(await errorOf(page)).toEqual({ code: 'not-allowed' });
  expect(background.backend.completions().at(-1)?.signal?.aborted).toBe(true);
  const count = page.frames.length;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(page.frames).toHaveLength(count);
});

test('a call that was let through just before the revocation is not sent', async () => {
  await allowed();
  const list = vi.fn();
  background.backend.models = [];
  // The connection has no model yet: the request waits for the list while the person revokes.
  await background.database.connections.update(local, { defaultModel: undefined as never });
  // What was written from outside, a background sees that was not there before.
  background.restart();
  const page = background.page();
  let release: (() => void) | undefined;
  background.backend.list = () =>
    new Promise((resolve) => {
      list();
      release = () => resolve(Response.json({ data: [{ id: 'm-1' }] }));
    });
  page.request('1', generate());
  await eventually(() => expect(list).toHaveBeenCalled());
  await ui().call('site-set', { subject, action: 'revoke' });
  release?.();
  expect(await errorOf(page)).toEqual({ code: 'not-allowed' });
  expect(background.backend.completions()).toHaveLength(1);
});

test('blocking a site takes its waiting cards along, and nobody else’s', async () => {
  const page = background.page();
  page.request('1', generate());
  await background.card();
  const other = background.page(senderOf({ origin: 'https://other.test', documentId: 'document-2', tabId: 2 }));
  other.request('1', generate());
  await eventually(async () => expect((await ui().call('overview', {})).approvals).toHaveLength(2));
  await ui().call('site-set', { subject, action: 'block' });
  expect(await errorOf(page)).toEqual({ code: 'not-allowed' });
  expect((await ui().call('overview', {})).approvals).toMatchObject([{ subject: { top: 'https://other.test' } }]);
});

test('T5 a frame of the site inside another site does not use the site’s grant, and is asked for as a guest', async () => {
  await allowed();
  const guest = background.page(senderOf({ top: 'https://site.test', documentId: 'document-3' }));
  guest.request('1', generate());
  expect((await background.card()).subject).toEqual({ top: 'https://site.test', frame: 'https://site.test' });
});

test('T26 a muted site is refused without a window or a change of the badge, and another is not', async () => {
  const page = background.page();
  for (const id of ['1', '2', '3']) page.request(id, generate(id));
  await eventually(async () => expect((await ui().call('overview', {})).approvals).toHaveLength(3));
  for (let count = 0; count < 3; count += 1) await background.decide('deny');
  const badges = background.browser.badges.length;
  const begun = performance.now();
  expect(await ask(page, '4')).toMatchObject({ error: { code: 'not-allowed' } });
  expect(performance.now() - begun).toBeLessThan(20);
  expect(background.browser.badges).toHaveLength(badges);
  expect(await ui().call('tab-sites', { tabId: 1 })).toMatchObject([{ state: { type: 'muted' } }]);
  background.page(senderOf({ origin: 'https://other.test', documentId: 'd2', tabId: 2 })).request('1', generate());
  await background.card();
});

test('T18 of a thousand calls in one task 8 wait and the rest are turned away', async () => {
  const page = background.page();
  for (let index = 0; index < 1000; index += 1) page.request(String(index), generate());
  await eventually(() =>
    expect(page.frames.filter((frame) => frame.type === 'error')).toHaveLength(1000 - limits.queuePerSubject),
  );
  expect((await ui().call('overview', {})).approvals).toHaveLength(limits.queuePerSubject);
  expect(new Set(page.frames.flatMap((frame) => (frame.type === 'error' ? frame.error.code : [])))).toEqual(
    new Set(['rate-limited']),
  );
});

test('a connection that is removed between the click and the call is not replaced by another', async () => {
  const page = background.page();
  page.request('1', generate());
  const { id, digest } = await background.card();
  background.restart();
  await ui().call('approval-decide', { id, digest, decision: 'allow-request' });
  await ui().call('connection-remove', { id: local });
  const again = background.page();
  again.request('1', generate());
  expect(await errorOf(again)).toEqual({ code: 'not-allowed' });
  expect(background.backend.completions()).toEqual([]);
});

test('in one visit another site’s visit stays as long as it has left', async () => {
  await allowed('allow-visit');
  background.now += 60 * 60_000;
  const other = background.page(senderOf({ origin: 'https://other.test', documentId: 'd2', tabId: 2 }));
  other.request('1', generate());
  await background.decide('allow-visit');
  await other.settled('1');
  background.now += limits.visitTtl - 60 * 60_000;
  expect(await ask(other, '2')).toMatchObject({ type: 'end' });
  expect((await ui().call('sites', {})).map((site) => site.subject.top)).toEqual(['https://other.test']);
});
