// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));
vi.mock('webextension-polyfill', () => ({ default: {} }));

import { ActivityPage } from '../../components/options/ActivityPage';
import type { ActivityEntry, ActivityOperations, CallContent } from '../../protocol/activity';
import { AiError } from '../../protocol/errors';
import { toConnectionId, toMicroUsd } from '../../protocol/ids';
import { limits } from '../../protocol/limits';
import { chatSubject, type Overview } from '../../protocol/ui-messages';
import { type FakeBackground, fakeBackground, nothing } from './support/background';
import { local, openai, origin } from './support/samples';
import { button, click, field, fill, findButton, settle, show, text } from './support/screen';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const overview = { ...nothing, connections: [openai, local], activeConnection: openai.id };
const at = new Date(2026, 10, 3, 14, 2, 31).getTime();

const entry = (fields: Partial<ActivityEntry> = {}): ActivityEntry => ({
  id: 1,
  at,
  subject: { top: origin('https://example.com') },
  connectionId: openai.id,
  connectionName: 'OpenAI',
  place: 'cloud',
  model: 'gpt-5-mini',
  outcome: 'answered',
  milliseconds: 3240,
  usage: { inputTokens: 1200, outputTokens: 34, costMicroUsd: toMicroUsd(0.0123), estimated: false },
  ...fields,
});

type ListInput = ActivityOperations['activity-list']['input'];

/** A log of these calls, as the background serves it. */
const open = async (entries: readonly ActivityEntry[], start: Overview = overview, answers: object = {}) => {
  let shown = entries;
  let removed = entries;
  const background = fakeBackground(start, {
    'activity-list': ({ limit, before = Number.POSITIVE_INFINITY, text: words = '' }: ListInput) => {
      const found = shown.filter(({ subject }) => subject.top.includes(words));
      const rest = found.filter(({ id }) => id < before);
      const page = rest.slice(0, limit);
      return { entries: page, total: found.length, ...(rest.length > limit && { next: page.at(-1)?.id }) };
    },
    'activity-kept': () => ({
      retention: '30d',
      content: false,
      hasContent: false,
      connections: [
        { id: openai.id, name: 'Its name of before' },
        { id: toConnectionId('gone'), name: 'Removed one' },
      ],
    }),
    'activity-remove': () => {
      [removed, shown] = [shown, []];
      return { undo: 'u1' };
    },
    'activity-undo': () => {
      shown = removed;
    },
    ...answers,
  });
  await show(background, <ActivityPage overview={start} />);
  await settle();
  return background;
};
/** Each line as if the person had opened it. */
const openLines = async () => {
  for (const line of document.querySelectorAll('details')) {
    line.open = true;
    line.dispatchEvent(new Event('toggle'));
  }
  await settle();
};
const toggle = async (label: string) => {
  const box = [...document.querySelectorAll('label')].find(({ textContent }) => textContent === label);
  box?.querySelector('input')?.click();
  await settle();
};
const inputs = ({ calls }: FakeBackground, type: string) => calls.filter((call) => call.type === type).map(({ input }) => input);
const lines = () => [...document.querySelectorAll('.activity-line')].map((line) => line.textContent);
const facts = () =>
  [...document.querySelectorAll('.call-facts > div')].map((fact) =>
    [...fact.children].map((part) => part.textContent).join(': '),
  );
const many = (count: number) => Array.from({ length: count }, (_, index) => entry({ id: count - index }));

test('without a connection an empty log says to connect a model first', async () => {
  await open([], nothing);
  expect(text()).toContain('No call yet');
  await click('Add connection');
  expect(location.hash).toBe('#connections/add');
});

test('an empty log says what it will list, and offers nothing to export or clear', async () => {
  await open([]);
  expect(text()).toContain('When a web page or the chat asks a model, the call is listed here.');
  for (const name of ['Add connection', 'Export CSV', 'Clear']) expect(findButton(name)).toBeUndefined();
  expect(field('Keep calls for').value).toBe('30d');
});

test.each<[string, Partial<ActivityEntry>, readonly string[]]>([
  ['an answer', {}, ['example.com', 'gpt-5-mini · OpenAI', 'Answered in 3.2s', '1,234 tokens · $0.012']],
  [
    'an estimate',
    { usage: { inputTokens: 1200, outputTokens: 34, costMicroUsd: toMicroUsd(0.0123), estimated: true } },
    ['About 1,234 tokens · About $0.012'],
  ],
  ['what nobody bills', { isFree: true, usage: { inputTokens: 1, outputTokens: 2, estimated: false } }, ['3 tokens · Free']],
  ['a price that nobody told', { usage: { inputTokens: 1, outputTokens: 2, estimated: false } }, ['3 tokens · Cost unknown']],
  ['tokens that nobody told', { isFree: true, usage: { inputTokens: 1, estimated: false } }, ['3.2sFree']],
  ['a failure', { outcome: 'unavailable', usage: undefined, milliseconds: 300 }, ['Failed after 0.3s', 'Nothing used']],
  ['a refusal at once', { outcome: 'unavailable', milliseconds: 1 }, ['Failed after 0.01s']],
  ['a stop', { outcome: 'aborted', milliseconds: 180_000 }, ['Stopped after 3m']],
])('the line of %s says so', async (_name, fields, words) => {
  await open([entry(fields)]);
  for (const word of words) expect(lines()[0]).toContain(word);
});

test('a call opens to all that is known of it, and what is unknown says so', async () => {
  await open([
    entry({
      usage: { inputTokens: 1200, cachedTokens: 200, reasoningTokens: 7, estimated: false },
      warnings: [
        { type: 'parameter-dropped', parameter: 'top_k' },
        { type: 'model-replaced', asked: 'gpt-4' },
        { type: 'value-limited', parameter: 'topP', asked: 0.0001, sent: 0.001 },
      ],
    }),
  ]);
  // Nothing is made of a line that nobody opens.
  expect(facts()).toEqual([]);
  await openLines();
  expect(facts()).toEqual([
    'Site: example.com',
    'Time: Nov 3, 2026, 14:02:31',
    'Model: gpt-5-mini',
    'Connection: OpenAI',
    'Where it went: The cloud',
    'Tokens read: 1,200',
    'Of these from a cache: 200',
    'Tokens written: Unknown',
    'Of these for thinking: 7',
    'Cost: Unknown',
  ]);
  expect(text()).toContain('The model takes no “top_k”, so it was left out.');
  expect(text()).toContain('The site asked for gpt-4.');
  expect(text()).toContain('The model does not take 0.0001 for “topP”; 0.001 was sent.');
});

test('a failure says how it is mended, and leads there while the connection exists', async () => {
  const failed = {
    outcome: 'unavailable',
    usage: undefined,
    error: { code: 'unavailable', fault: 'auth', status: 401 },
  } as const;
  await open([entry(failed), entry({ ...failed, id: 2, connectionId: toConnectionId('gone'), connectionName: 'Removed one' })]);
  await openLines();
  const [first, second] = document.querySelectorAll('.activity-details');
  expect(first?.textContent).toContain('OpenAI rejected your key.Check the key, or make a new one.');
  expect(first?.querySelector('a')?.getAttribute('href')).toBe('#connections/c-openai');
  expect(second?.textContent).toContain('Removed one rejected your key.');
  expect(second?.querySelector('a')).toBeNull();
});

test('a call to a server that never named a model shows none', async () => {
  await open([entry({ model: '', outcome: 'unavailable' })]);
  expect(text()).not.toContain('· OpenAI');
  await openLines();
  expect(facts()).toContain('Connection: OpenAI');
  expect(facts().filter((fact) => fact.startsWith('Model'))).toEqual([]);
});

test('an address that is shortened in its line stands in full among the facts, a frame with the site around it', async () => {
  const long = 'https://a-rather-long-name-of-a-site.with-many-parts.example.org';
  await open([
    entry({ subject: { top: origin(long) } }),
    entry({ id: 2, subject: { top: origin(long), frame: origin('https://frame.test') } }),
  ]);
  expect(lines()[0]).toContain('…with-many-parts.example.org');
  await openLines();
  expect(facts()).toContain('Site: a-rather-long-name-of-a-site.with-many-parts.example.org');
  expect(facts()).toContain('Site: frame.test in a-rather-long-name-of-a-site.with-many-parts.example.org');
});

test('a search goes to the background, and what finds nothing leads back to all', async () => {
  const background = await open([entry()]);
  await fill('Search site, model or connection', 'nowhere');
  expect(inputs(background, 'activity-list').at(-1)).toEqual({ text: 'nowhere', limit: 50 });
  expect(text()).toContain('No call matches');
  await click('Show all calls');
  expect(inputs(background, 'activity-list').at(-1)).toEqual({ limit: 50 });
  expect(lines()).toHaveLength(1);
});

test('filters name connections as they are called now, and removed ones as they were', async () => {
  const background = await open([entry()]);
  const names = [...field('Connection').querySelectorAll('option')].map((option) => option.textContent);
  expect(names).toEqual(['All connections', 'OpenAI', 'Removed one']);
  await fill('Connection', openai.id);
  await fill('How it ended', 'failed');
  expect(inputs(background, 'activity-list').at(-1)).toEqual({ connection: openai.id, ending: 'failed', limit: 50 });
  await fill('Connection', '');
  await fill('How it ended', '');
  expect(inputs(background, 'activity-list').at(-1)).toEqual({ limit: 50 });
});

test('a long log is shown 50 calls at a time', async () => {
  await open(many(120));
  expect(lines()).toHaveLength(50);
  expect(text()).toContain('1–50 of 120');
  expect(button('Newer').getAttribute('aria-disabled')).toBe('true');
  await click('Older');
  await click('Older');
  expect(text()).toContain('101–120 of 120');
  expect(lines()).toHaveLength(20);
  expect(button('Older').getAttribute('aria-disabled')).toBe('true');
  await click('Newer');
  expect(text()).toContain('51–100 of 120');
  await fill('Search site, model or connection', 'example');
  expect(text()).toContain('1–50 of 120');
});

test('a log of one page has no way to another', async () => {
  await open(many(50));
  expect(text()).toContain('1–50 of 50');
  for (const name of ['Newer', 'Older']) expect(findButton(name)).toBeUndefined();
});

test('a page whose last call is gone gives way to the one before', async () => {
  let calls = many(51);
  const background = await open(calls, overview, {
    'activity-list': ({ limit, before = Number.POSITIVE_INFINITY }: ListInput) => {
      const page = calls.filter(({ id }) => id < before).slice(0, limit);
      return {
        entries: page,
        total: calls.length,
        ...(calls.some(({ id }) => id < (page.at(-1)?.id ?? 0)) && { next: page.at(-1)?.id }),
      };
    },
    'activity-remove': ({ id }: { id: number }) => {
      calls = calls.filter((call) => call.id !== id);
      return { undo: 'u' };
    },
  });
  await click('Older');
  expect(lines()).toHaveLength(1);
  await openLines();
  await click('Delete');
  expect(inputs(background, 'activity-remove')).toEqual([{ type: 'one', id: 1 }]);
  expect(text()).toContain('1–50 of 50');
});

test.each([
  ['Delete', { type: 'one', id: 1 }, 'Deleted.'],
  [
    'Delete all of this site',
    { type: 'site', subject: { top: 'https://example.com' } },
    'All calls of example.com were deleted.',
  ],
  ['Clear', { type: 'log' }, 'The log was cleared.'],
])('%s acts at once, says so and can be undone', async (name, removal, said) => {
  const background = await open([entry()]);
  await openLines();
  await click(name);
  expect(inputs(background, 'activity-remove')).toEqual([removal]);
  expect(document.querySelector('.notice[role="status"]')?.textContent).toContain(said);
  expect(lines()).toEqual([]);
  expect(document.activeElement).toBe(button('Undo'));
  await click('Undo');
  expect(inputs(background, 'activity-undo')).toEqual([{ undo: 'u1' }]);
  expect(lines()).toHaveLength(1);
  expect(text()).toContain('It is back.');
});

test("the chat's own calls are called the chat's", async () => {
  await open([{ ...entry(), subject: chatSubject }]);
  await openLines();
  expect(text()).toContain('Chat');
  expect(findButton('Delete all of this site')).toBeUndefined();
  expect(findButton('Delete all of the chat')).toBeDefined();
});

test('Undo says when it is too late, and is no longer offered then', async () => {
  const late = () => {
    throw new AiError('invalid-state', '');
  };
  await open([entry()], overview, { 'activity-undo': late });
  await click('Clear');
  await click('Undo');
  expect(text()).toContain('It is too late to bring it back.');
  await open([entry()]);
  await click('Clear');
  await settle(limits.undoTime);
  expect(findButton('Undo')).toBeUndefined();
});

test('a removal that fails says so', async () => {
  const fail = () => {
    throw new Error('disk');
  };
  await open([entry()], overview, { 'activity-remove': fail });
  await click('Clear');
  expect(document.querySelector('[role="alert"]')?.textContent).toContain('Something went wrong');
});

test('how long calls are kept is chosen, and the bound of “as long as I like” is said', async () => {
  const background = await open([entry()], overview, { 'activity-kept': () => ({ retention: 'forever', connections: [] }) });
  expect(text()).toContain('The newest 100,000 calls stay.');
  await fill('Keep calls for', '7d');
  expect(inputs(background, 'activity-keep')).toEqual([{ retention: '7d' }]);
});

/** What the page offers as a file. */
const saved = () => {
  const files: { name: string; blob: Blob }[] = [];
  let blob: Blob;
  vi.spyOn(URL, 'createObjectURL').mockImplementation((made) => {
    blob = made as Blob;
    return 'blob:x';
  });
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function click(this: HTMLAnchorElement) {
    files.push({ name: this.download, blob });
  });
  return files;
};

test('the export holds every call that matches, page after page, as CSV', async () => {
  const files = saved();
  const background = await open(many(2500));
  await fill('Search site, model or connection', 'example');
  await click('Export CSV');
  await settle();
  expect(inputs(background, 'activity-list').slice(-3)).toEqual([
    { text: 'example', limit: 1000 },
    { text: 'example', limit: 1000, before: 1501 },
    { text: 'example', limit: 1000, before: 501 },
  ]);
  expect(files[0]?.name).toMatch(/^oriel-activity-\d{4}-\d\d-\d\d\.csv$/);
  const rows = (await files[0]?.blob.text())?.trim().split('\r\n') ?? [];
  expect(rows).toHaveLength(2501);
  expect(rows.slice(0, 2)).toEqual([
    'time,site,frame,model,connection,place,ended,milliseconds,input_tokens,output_tokens,tokens_estimated,cost_usd,fault,status',
    `${new Date(at).toISOString()},https://example.com,,gpt-5-mini,OpenAI,cloud,answered,3240,1200,34,false,0.0123,,`,
  ]);
});

test('the export as JSON is the calls as they are kept', async () => {
  const files = saved();
  await open([entry()]);
  await click('Export JSON');
  await settle();
  expect(JSON.parse((await files[0]?.blob.text()) ?? '')).toEqual([entry()]);
});

test('an export that fails says so', async () => {
  const fail = ({ limit }: ListInput) => {
    if (limit > 50) throw new Error('disk');
    return { entries: [entry()], total: 1 };
  };
  await open([entry()], overview, { 'activity-list': fail });
  await click('Export CSV');
  await settle();
  expect(document.querySelector('[role="alert"]')?.textContent).toContain('Something went wrong');
  expect(text()).not.toContain('Exporting');
});

test('the page asks again when something happened', async () => {
  const background = await open([entry()]);
  const before = inputs(background, 'activity-list').length;
  await show(background, <ActivityPage overview={{ ...overview }} />);
  expect(inputs(background, 'activity-list').length).toBeGreaterThan(before);
});

const content: CallContent = {
  asked: [
    { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is <b>an oriel</b>?' },
        { type: 'image', mediaType: 'image/png', bytes: 3000 },
      ],
    },
  ],
  parameters: { temperature: 0.5 },
  sent: [JSON.stringify({ prompt: '### Instruction:\nWhat is an oriel?', max_length: 9 })],
  answers: [{ text: 'A window.', reasoning: 'Easy.', toolCalls: [{ name: 'look', arguments: '{"at":1}' }] }],
  isCut: true,
};
const keeping = (fields: object = {}) => ({
  'activity-kept': () => ({ retention: '30d', content: true, hasContent: true, connections: [], ...fields }),
  'activity-content': () => ({ type: 'kept', content }),
});

test('what was said in a call is fetched when its line is opened, and stands there as plain text', async () => {
  const background = await open([entry({ content: 'kept' })], overview, keeping());
  expect(text()).toContain('What was said is kept too');
  expect(inputs(background, 'activity-content')).toEqual([]);
  await openLines();
  expect(inputs(background, 'activity-content')).toEqual([{ id: 1 }]);
  const said = [...document.querySelectorAll('.said')].map((part) => part.textContent);
  expect(said).toEqual([
    'Be brief.',
    'What is <b>an oriel</b>?\nImage (image/png, 3 kB)',
    '{\n  "temperature": 0.5\n}',
    '### Instruction:\nWhat is an oriel?',
    JSON.stringify(JSON.parse(content.sent[0] ?? ''), undefined, 2),
    'Easy.',
    expect.stringContaining('A window.\n'),
  ]);
  expect(said.at(-1)).toContain('{"at":1}');
  expect(text()).toContain('It was too long to be kept whole.');
});

test.each<[string, Partial<ActivityEntry>, object, string]>([
  ['was asked while Oriel was locked', { content: 'locked' }, {}, 'was not kept, because Oriel was locked'],
  ['lapsed', { content: 'kept' }, { 'activity-content': () => ({ type: 'gone' }) }, 'is deleted by now'],
  ['does not open', { content: 'kept' }, { 'activity-content': () => ({ type: 'unreadable' }) }, 'can no longer be read'],
])('a call whose content %s says so', async (_name, fields, answers, words) => {
  await open([entry(fields)], overview, { ...keeping(), ...answers });
  await openLines();
  expect(text()).toContain(words);
});

test('a model in this browser has no body to show, and an answer that never came says so', async () => {
  await open([entry({ content: 'kept' })], overview, {
    ...keeping(),
    'activity-content': () => ({ type: 'kept', content: { ...content, sent: [], answers: [] } }),
  });
  await openLines();
  expect(text()).toContain('takes the messages as they are');
  expect(text()).toContain('Nothing came.');
});

test('what could not be kept whole is shown as it is', async () => {
  await open([entry({ content: 'kept' })], overview, {
    ...keeping(),
    'activity-content': () => ({ type: 'kept', content: { ...content, sent: ['{"prompt":"cut of'] } }),
  });
  await openLines();
  expect(text()).toContain('{"prompt":"cut of');
});

test('keeping what was said is turned on by the person, and off with all that was kept', async () => {
  const background = await open([entry()]);
  await toggle('Keep what was asked and answered');
  expect(inputs(background, 'activity-keep-content')).toEqual([{ on: true }]);
  expect(inputs(background, 'activity-remove')).toEqual([]);
  const other = await open([entry()], overview, keeping());
  await toggle('Keep what was asked and answered');
  expect(inputs(other, 'activity-keep-content')).toEqual([{ on: false }]);
  expect(inputs(other, 'activity-remove')).toEqual([{ type: 'contents' }]);
  expect(text()).toContain('What was asked and answered was deleted.');
});

test.each([
  ['Leave it out', false],
  ['Include it', true],
])('an export asks whether the file holds what was said: %s', async (answer, isIncluded) => {
  const files = saved();
  const background = await open([entry({ content: 'kept' }), entry({ id: 2 })], overview, keeping());
  await click('Export JSON');
  expect(files).toEqual([]);
  await click(answer);
  await settle();
  const [first, second] = JSON.parse((await files[0]?.blob.text()) ?? '');
  expect(first).toEqual({ ...entry(), ...(isIncluded && { said: content }) });
  expect(second).toEqual(entry({ id: 2 }));
  expect(inputs(background, 'activity-content')).toEqual(isIncluded ? [{ id: 1 }] : []);
});

test('as CSV what was said has columns of its own', async () => {
  const files = saved();
  await open([entry({ content: 'kept' })], overview, keeping());
  await click('Export CSV');
  await click('Include it');
  await settle();
  const csv = (await files[0]?.blob.text()) ?? '';
  expect(csv.split('\r\n')[0]).toMatch(/,status,asked,received,answer$/);
  expect(csv).toContain('"Be brief.\nWhat is <b>an oriel</b>?');
});
