// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('../support/messages'));

import * as v from 'valibot';
import { builtInPresets } from '../../../components/options/settings/built-in-presets';
import { checkOptions, toOptions, toOptionsDraft } from '../../../components/options/settings/options-draft';
import { samplerGroups, samplerRanges } from '../../../components/options/settings/samplers';
import { checkSettings, readNumber, toDraft, toSettings } from '../../../components/options/settings/settings-draft';
import { readLines, toLines } from '../../../components/options/settings/stop-lines';
import { vendorText } from '../../../components/vendor-text';
import { limits } from '../../../protocol/limits';
import { type ConnectionOptions, engineSamplers } from '../../../protocol/model-settings';
import { connectionOptions } from '../../../protocol/settings-inputs';
import { catalog } from '../../../providers/catalog';

const options: ConnectionOptions = {
  samplers: { temperature: 0.7, dryRange: -1, epsilonCutoff: 1e-7 },
  contextTokens: 8192,
  maxOutputTokens: 300,
  template: 'chatml',
  stop: ['\nUser:', '###', 'a\\nb', ' x\t'],
  models: { 'org/model': { samplers: { minP: 0.1 }, template: 'alpaca' }, __proto__x: { contextTokens: 4096 } },
  headers: { 'X-Team': 'blue: and red' },
  vendor: { trustedWorkers: true, sort: 'price', workers: ['one', 'two'] },
};

test('what is saved is typed, and what is typed is saved, the same', () => {
  const draft = toOptionsDraft(options);
  expect(checkOptions(draft)).toBeUndefined();
  expect(toOptions(draft)).toEqual(options);
  expect(v.parse(connectionOptions, toOptions(draft))).toEqual(options);
});

test('nothing typed is nothing set', () => {
  expect(toOptions(toOptionsDraft())).toEqual({});
  const emptied = { ...toOptionsDraft(), models: [['m', toDraft()] as const], vendor: { a: false, b: '', c: [' ', ''] } };
  expect(toOptions(emptied)).toEqual({});
});

test.each([
  ['0.7', 0.7],
  ['0,7', 0.7],
  [' .5 ', 0.5],
  ['1.', 1],
  ['−1', -1],
  ['1e-7', 1e-7],
  ['', undefined],
  ['-', undefined],
  ['0x10', undefined],
  ['1.2.3', undefined],
  ['Infinity', undefined],
  ['much', undefined],
])('%j is read as %s', (typed, value) => {
  expect(readNumber(typed)).toBe(value);
});

test.each([
  ['topP', '1.5', 'A number from 0 to 1.'],
  ['topK', '1.5', 'A whole number from 0 to 1,000,000.'],
  ['frequencyPenalty', 'little', 'A number from -2 to 2.'],
])('%s %s is wrong: %s', (name, typed, said) => {
  expect(checkSettings({ ...toDraft(), samplers: { [name]: typed } })?.samplers).toEqual({ [name]: said });
});

test.each([
  ['8,192', 8192],
  ['8 192', 8192],
])('a context of %s is understood', (typed, tokens) => {
  const draft = { ...toDraft(), contextTokens: typed };
  expect(checkSettings(draft)).toBeUndefined();
  expect(toSettings(draft)).toEqual({ contextTokens: tokens });
});

test.each(['0', '-5', 'all', '1e9', '999999999999'])('an answer of %s tokens is wrong', (typed) => {
  expect(checkSettings({ ...toDraft(), maxOutputTokens: typed })?.maxOutputTokens).toMatch(/^A whole number from 1 to/);
});

test('stop strings are one a line, with escapes that mean what is not seen', () => {
  expect(readLines('\\nUser:\n\n  \r\n### \na\\\\nb\n\\d')).toEqual(['\nUser:', '### ', 'a\\nb', '\\d']);
  const stops = ['\r\n', '\t', '\\', '\\n', 'plain'];
  expect(readLines(toLines(stops))).toEqual(stops);
});

test('too many and too long stop strings are said', () => {
  const many = Array.from({ length: limits.stopSequences + 1 }, String).join('\n');
  expect(checkSettings({ ...toDraft(), stop: many })?.stop).toBe('At most 16 stop strings.');
  expect(checkSettings({ ...toDraft(), stop: 'x'.repeat(limits.stopSequenceChars + 1) })?.stop).toBe('One of these is too long.');
});

test.each([
  'Host: example.com',
  'Authorization: Bearer x',
  'X-Forwarded-For: 1',
  'no colon',
  'X-Empty:',
  'X Y: 1',
  'X-Ä: 1',
  'X-A: ä',
])('T52 the header %j is not sent', (headers) => {
  expect(checkOptions({ ...toOptionsDraft(), headers })?.headers).toMatch(/cannot be sent/);
});

test('a header that stands there twice is said', () => {
  expect(checkOptions({ ...toOptionsDraft(), headers: 'X-A: 1\nx-a: 2' })?.headers).toBe('Each header only once.');
});

test('each engine sampler stands in one group', () => {
  expect(Object.values(samplerGroups).flat().sort()).toEqual([...engineSamplers].sort());
});

test('the built-in presets are values that the fields take', () => {
  for (const { samplers } of builtInPresets) expect(checkSettings(toDraft({ samplers }))).toBeUndefined();
});

test('no range is wider than what the background takes', () => {
  for (const { least, most } of Object.values(samplerRanges)) {
    expect(Math.max(Math.abs(least), Math.abs(most))).toBeLessThanOrEqual(limits.settingMax);
  }
});

test('every choice that a row declares has its words', () => {
  expect(vendorText('toString')).toBeUndefined();
  const fields = catalog.flatMap(({ options: declared = [] }) => declared);
  for (const field of fields) {
    const text = vendorText(field.name);
    expect(text?.label, field.name).toBeTruthy();
    if (field.type === 'choice') expect(Object.keys(text?.values ?? {})).toEqual(field.values);
  }
});
