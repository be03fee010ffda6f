// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));
vi.mock('webextension-polyfill', () => ({ default: {} }));

import { UsagePage } from '../../components/options/UsagePage';
import type { DaySums, UsagePeriod } from '../../protocol/activity';
import { fakeBackground, nothing } from './support/background';
import { local, openai, origin } from './support/samples';
import { click, settle, show, text } from './support/screen';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const overview = { ...nothing, connections: [openai, local] };
const today = '2026-11-24';
const starts = { day: today, week: '2026-11-23', month: '2026-11-01', all: undefined };

const sums = (fields: Partial<DaySums> = {}): DaySums => ({
  day: today,
  subject: { top: origin('https://example.com') },
  connectionId: openai.id,
  connectionName: 'OpenAI',
  place: 'cloud',
  model: 'gpt-5-mini',
  calls: 3,
  failed: 0,
  inputTokens: 1000,
  outputTokens: 234,
  microUsd: 120_000,
  estimated: 0,
  untold: 0,
  unpriced: 0,
  ...fields,
});
const here = {
  connectionId: local.id,
  connectionName: 'Desk server',
  place: 'this-computer',
  model: 'qwen3-8b',
  microUsd: 0,
} as const;

const open = async (all: readonly DaySums[]) => {
  const background = fakeBackground(overview, {
    usage: ({ period }: { period: UsagePeriod }) => {
      const from = starts[period];
      return { ...(from !== undefined && { from }), today, sums: all.filter(({ day }) => from === undefined || day >= from) };
    },
    'activity-remove': () => ({ undo: 'u' }),
  });
  await show(background, <UsagePage overview={overview} />);
  await settle();
  return background;
};
const choose = async (name: string) => {
  const label = [...document.querySelectorAll('.choice label')].find((one) => one.textContent === name);
  label?.querySelector('input')?.click();
  await settle();
};
/** Rows of the table with this caption. */
const table = (caption: string): string[] => {
  const found = [...document.querySelectorAll('table')].find((one) => one.caption?.textContent?.startsWith(caption));
  if (!found) throw new Error(`No table "${caption}"`);
  return [...found.querySelectorAll('tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent).join(' | '));
};
const totals = () =>
  [...document.querySelectorAll('.totals > div')].map((one) => [...one.children].map((part) => part.textContent).join(' | '));
const bars = () => [...document.querySelectorAll('.chart rect')].map((rect) => Number(rect.getAttribute('height')));

test('nothing used says what will be counted', async () => {
  await open([]);
  expect(text()).toContain('Nothing was used in this period');
  await click('Show all');
  expect(text()).toContain('Nothing used yet');
});

test('sums are added up by site, by model and connection, and by place', async () => {
  await open([
    sums(),
    sums({ day: '2026-11-20', microUsd: 30_000, failed: 1 }),
    sums({ ...here, subject: { top: origin('https://other.test') } }),
    sums({ ...here, subject: undefined, calls: 1 }),
  ]);
  expect(totals()).toEqual(['Cost | $0.15', 'Tokens | 4,936 | 4,000 read, 936 written', 'Calls | 10 | 1 failed']);
  expect(table('By site')).toEqual([
    'example.com | 6 | 2,468 | $0.15',
    'other.test | 3 | 1,234 | $0.00',
    'Deleted sites | 1 | 1,234 | $0.00',
  ]);
  expect(table('By model')).toEqual(['gpt-5-mini · OpenAI | 6 | 2,468 | $0.15', 'qwen3-8b · Desk server | 4 | 2,468 | $0.00']);
  expect(table('What left')).toEqual([
    'The cloud · OpenAI | 6 | 2,468 | $0.15',
    'This computer · OpenAI-compatible server | 4 | 2,468 | $0.00',
  ]);
});

test('the unknown stays unknown, and an estimate says so', async () => {
  await open([
    sums({ microUsd: 0, unpriced: 3 }),
    sums({ estimated: 1, model: 'b' }),
    sums({ untold: 1, unpriced: 1, model: 'c', microUsd: 110_000 }),
    sums({ untold: 1, model: 'd', microUsd: 0, inputTokens: 0, outputTokens: 0 }),
  ]);
  expect(table('By model')).toEqual([
    'b · OpenAI | 3 | About 1,234 | About $0.12',
    'c · OpenAI | 3 | 1,234 and more | $0.11 and more',
    'gpt-5-mini · OpenAI | 3 | 1,234 | Unknown',
    'd · OpenAI | 3 | Unknown | $0.00',
  ]);
  expect(text()).toContain('Calls billed at a price that Oriel does not know: 4.');
  expect(text()).toContain('Oriel estimated theirs.');
});

test('the chart has a bar for each day of the period, and its table the days with any use', async () => {
  await open([sums(), sums({ day: '2026-11-20', microUsd: 30_000 })]);
  expect(bars()).toHaveLength(30);
  expect(bars()[23]).toBe(100);
  expect(bars()[19]).toBe(25);
  expect(bars().filter((height) => height === 0)).toHaveLength(28);
  expect(document.querySelector('.chart')?.getAttribute('aria-label')).toBe(
    'Cost by day. Most on Nov 24: $0.12. Each number is in the table that follows.',
  );
  expect(table('By day')).toEqual(['Nov 24 | 3 | 1,234 | $0.12', 'Nov 20 | 3 | 1,234 | $0.03']);
  await choose('Tokens');
  expect(document.querySelector('.chart')?.getAttribute('aria-label')).toContain('Tokens by day. Most on Nov 20: 1,234 tokens.');
});

test('where nothing cost anything the chart begins with tokens, and what is little is still seen', async () => {
  await open([sums({ ...here, inputTokens: 1_000_000 }), sums({ ...here, day: '2026-11-20', inputTokens: 1, outputTokens: 0 })]);
  expect(document.querySelector('figure h2')?.textContent).toBe('Tokens by day');
  expect(bars()[19]).toBe(1);
  await choose('Cost');
  expect(bars().every((height) => height === 0)).toBe(true);
});

test('each period asks for itself: a day without a chart, a week of seven days, all by months', async () => {
  await open([sums(), sums({ day: '2026-09-01', microUsd: 1_000_000 })]);
  await choose('Today');
  expect(document.querySelector('.chart')).toBeNull();
  expect(table('By site')).toEqual(['example.com | 3 | 1,234 | $0.12']);
  await choose('This week');
  expect(bars()).toHaveLength(7);
  await choose('All');
  expect(bars()).toHaveLength(3);
  expect(table('By month')).toEqual(['Nov 2026 | 3 | 1,234 | $0.12', 'Sep 2026 | 3 | 1,234 | $1.00']);
});

test('a clock that was once wrong draws three years, not fifty', async () => {
  await open([sums(), sums({ day: '1970-01-01' })]);
  await choose('All');
  expect(bars()).toHaveLength(36);
});

test('the sums of the period are saved as CSV', async () => {
  let blob: Blob | undefined;
  vi.spyOn(URL, 'createObjectURL').mockImplementation((made) => {
    blob = made as Blob;
    return 'blob:x';
  });
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
  await open([sums(), sums({ subject: undefined, unpriced: 1 }), sums({ day: '2026-01-01' })]);
  await click('Export CSV');
  expect((await blob?.text())?.split('\r\n')).toEqual([
    'day,site,frame,model,connection,provider,place,calls,failed,input_tokens,output_tokens,cost_usd,calls_estimated,calls_without_tokens,calls_without_price',
    '2026-11-24,https://example.com,,gpt-5-mini,OpenAI,OpenAI,cloud,3,0,1000,234,0.12,0,0,0',
    '2026-11-24,,,gpt-5-mini,OpenAI,OpenAI,cloud,3,0,1000,234,0.12,0,0,1',
    '',
  ]);
});

test('Clear clears sums and log, and offers Undo', async () => {
  const background = await open([sums()]);
  await click('Clear');
  expect(background.calls.find(({ type }) => type === 'activity-remove')?.input).toEqual({ type: 'log-and-usage' });
  expect(text()).toContain('Usage and the log were cleared.');
  await click('Undo');
  expect(background.calls.some(({ type }) => type === 'activity-undo')).toBe(true);
});
