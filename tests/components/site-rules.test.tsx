// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));
vi.mock('webextension-polyfill', () => ({ default: {} }));

import { SitesPage } from '../../components/options/SitesPage';
import type { SiteRule } from '../../protocol/site-rules';
import type { Overview, SiteView } from '../../protocol/ui-messages';
import { type FakeBackground, fakeBackground, nothing } from './support/background';
import { local, openai, origin } from './support/samples';
import { button, click, field, fill, findButton, settle, show, text } from './support/screen';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const subject = { top: origin('https://example.com') };
const always: SiteView = { subject, state: { type: 'always', since: 1, lastUsedAt: 1 } };
const overview: Overview = { ...nothing, connections: [openai, local], activeConnection: openai.id };
const noRule: SiteRule = { fallback: [], onlyThisComputer: false, asksEveryTime: false, mapped: [] };

async function open(site: SiteView = always, rule?: SiteRule): Promise<FakeBackground> {
  const background = fakeBackground(overview, { sites: () => [site], 'site-rule': () => rule });
  await show(background, <SitesPage overview={overview} />);
  await settle();
  if (!site.isPrivate) await click('Rules');
  return background;
}

test.each<[SiteView['state'], string]>([
  [{ type: 'refused', at: new Date(2026, 10, 3, 14, 2).getTime() }, 'You said no at 14:02'],
  [{ type: 'muted', at: 1 }, 'Muted after many requests'],
])('a site that was told no says so under Sites, and can be let ask again: %j', async (state, said) => {
  const background = fakeBackground(overview, { sites: () => [{ subject, state }] });
  await show(background, <SitesPage overview={overview} />);
  await settle();
  expect(text()).toContain(said);
  await click('Ask again');
  expect(background.calls.filter(({ type }) => type === 'site-set').map(({ input }) => input)).toEqual([
    { subject, action: 'ask-again' },
  ]);
});

const saved = ({ calls }: FakeBackground) => calls.filter(({ type }) => type === 'site-rule-set').map(({ input }) => input);
const check = async (label: string) => {
  const found = [...document.querySelectorAll('label')].find(({ textContent }) => textContent === label);
  found?.querySelector('input')?.click();
  await settle();
};

test('a site’s row opens its rules, and Save sends them', async () => {
  const background = await open();
  expect(text()).toContain('Rules for example.com');
  await fill('Connection', local.id);
  await fill('Add a connection', openai.id);
  for (const label of ['This computer only', 'Ask every time', 'Let the site choose the model']) await check(label);
  await click('Save');
  expect(saved(background)).toEqual([
    {
      subject,
      rule: { ...noRule, connection: local.id, fallback: [openai.id], onlyThisComputer: true, asksEveryTime: true },
      choosesModel: true,
    },
  ]);
  expect(document.querySelector('dialog')).toBeNull();
});

test('shows the saved rules and changes only what is changed', async () => {
  const rule: SiteRule = { ...noRule, connection: local.id, model: 'qwen3-8b', asksEveryTime: true };
  const background = await open({ ...always, asksEveryTime: true, choosesModel: true }, rule);
  expect(text()).toContain('Ask every time');
  await check('This computer only');
  await click('Save');
  expect(saved(background)).toEqual([{ subject, rule: { ...rule, onlyThisComputer: true }, choosesModel: true }]);
});

test('a model that the site asks for is mapped, and the mapping removed', async () => {
  const background = await open();
  expect(button('Add').getAttribute('aria-disabled')).toBe('true');
  await fill('When it asks for', ' gpt-4 ');
  await fill('Answer with', local.id);
  await click('Add');
  expect(text()).toContain('gpt-4 → Desk server');
  await fill('When it asks for', 'other');
  await click('Add');
  await click('Remove other');
  await click('Save');
  expect(saved(background)).toEqual([
    { subject, rule: { ...noRule, mapped: [{ asked: 'gpt-4', connection: local.id }] }, choosesModel: false },
  ]);
});

test('the fallback is ordered and shortened', async () => {
  const third = { ...local, id: 'c-third' as never, name: 'Third' };
  const all: Overview = { ...overview, connections: [openai, local, third] };
  const background = fakeBackground(all, {
    sites: () => [always],
    'site-rule': () => ({ ...noRule, fallback: [local.id, third.id] }),
  });
  await show(background, <SitesPage overview={all} />);
  await click('Rules');
  await click('Move Third up');
  await click('Save');
  expect(saved(background)).toMatchObject([{ rule: { fallback: [third.id, local.id] } }]);
  await click('Rules');
  await click('Remove Third');
  await click('Save');
  expect(saved(background).at(-1)).toMatchObject({ rule: { fallback: [local.id] } });
});

test.each([
  ['Revoke', always, 'revoke'],
  ['Block', always, 'block'],
  ['Unblock', { subject, state: { type: 'blocked', since: 1 } } as SiteView, 'unblock'],
])('%s is in the rules too', async (label, site, action) => {
  const background = await open(site);
  const dialog = document.querySelector('dialog');
  [...(dialog?.querySelectorAll('button') ?? [])].find(({ textContent }) => textContent === label)?.click();
  await settle();
  expect(background.calls.filter(({ type }) => type === 'site-set')).toEqual([{ type: 'site-set', input: { subject, action } }]);
});

test('a site of a private window has no rules to keep', async () => {
  await open({ subject, state: { type: 'visit', since: 1 }, isPrivate: true });
  expect(findButton('Rules')).toBeUndefined();
  expect(findButton('Revoke')).toBeDefined();
});

test('a muted site says until when', async () => {
  await open({ subject, state: { type: 'muted', at: 1 }, isPrivate: true });
  expect(text()).toContain('Muted after many requests');
});

test('what is set for the answers of a site is saved with its rules, without what is the backend’s own', async () => {
  const background = await open();
  expect(text()).not.toContain('Context size');
  expect(text()).not.toContain('Chat template');
  await fill('Longest answer', '200');
  await fill('Stop strings', '###');
  await fill('Temperature', '0.2');
  await click('Save');
  expect(saved(background)).toEqual([
    {
      subject,
      rule: { ...noRule, settings: { maxOutputTokens: 200, stop: ['###'], samplers: { temperature: 0.2 } } },
      choosesModel: false,
    },
  ]);
});

test('a site’s setting that is wrong is shown, and the rules are not saved', async () => {
  const background = await open(always, { ...noRule, settings: { samplers: { topP: 0.9 } } });
  expect(field('Top P').value).toBe('0.9');
  await fill('Top P', '9');
  await click('Save');
  expect(saved(background)).toEqual([]);
  expect(document.activeElement).toBe(field('Top P'));
  expect(field('Top P').getAttribute('aria-invalid')).toBe('true');
  await fill('Top P', '');
  expect(field('Top P').hasAttribute('aria-invalid')).toBe(false);
  await click('Save');
  expect(saved(background)).toEqual([{ subject, rule: noRule, choosesModel: false }]);
});

test('a preset that is imported for a site leaves its context aside', async () => {
  await open();
  const input = document.querySelector<HTMLInputElement>('input[type="file"]');
  const file = { size: 10, text: async () => '{"temp":0.5,"num_ctx":4096}' };
  Object.defineProperty(input, 'files', { configurable: true, value: [file] });
  input?.dispatchEvent(new Event('change', { bubbles: true }));
  await settle();
  expect(text()).toContain('Taken: Temperature.Not taken: 1num_ctx');
  expect(field('Temperature').value).toBe('0.5');
});

test('many sites are searched by parts of their names; few are not', async () => {
  const many = Array.from(
    { length: 8 },
    (_, index): SiteView => ({ ...always, subject: { top: origin(`https://site${index}.example.com`) } }),
  );
  const framed = { ...always, subject: { top: origin('https://other.test'), frame: origin('https://widget.test') } };
  const rows = () => document.querySelectorAll('.site-row').length;
  await show(fakeBackground(overview, { sites: () => [always] }), <SitesPage overview={overview} />);
  await settle();
  expect(document.querySelector('search')).toBeNull();
  const all: Overview = { ...overview };
  await show(fakeBackground(all, { sites: () => [...many, framed] }), <SitesPage overview={all} />);
  await settle();
  expect(rows()).toBe(9);
  await fill('Search sites', 'example SITE3');
  expect(rows()).toBe(1);
  expect(text()).toContain('1 of 9');
  await fill('Search sites', 'widget');
  expect(rows()).toBe(1);
  await fill('Search sites', 'nowhere');
  expect(text()).toContain('No site matches');
  await click('Show all sites');
  expect(rows()).toBe(9);
});
