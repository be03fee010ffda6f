import * as v from 'valibot';
import { expect, test } from 'vitest';
import { limits } from '../../protocol/limits';
import { type ConnectionOptions, commonSamplers, engineSamplers, mergeSettings, settingsOf } from '../../protocol/model-settings';
import { connectionOptions, siteSettings } from '../../protocol/settings-inputs';

const takes = (input: unknown) => v.safeParse(connectionOptions, input).success;

test('every sampler and every kind of setting is taken as it is', () => {
  const options: ConnectionOptions = {
    samplers: Object.fromEntries([...commonSamplers, ...engineSamplers].map((name, index) => [name, index / 2])),
    contextTokens: 8192,
    maxOutputTokens: 300,
    template: 'chatml',
    stop: ['\nUser:'],
    models: { 'a/b': { samplers: { minP: 0.1 }, template: 'alpaca' } },
    headers: { 'X-Team': 'blue team' },
    vendor: { allowLogging: false, workers: ['one'], sort: 'price', limit: 5 },
  };
  expect(v.parse(connectionOptions, options)).toEqual(options);
});

test.each([
  ['an unknown sampler', { samplers: { luck: 1 } }],
  ['a sampler that is no number', { samplers: { topP: '1' } }],
  ['an infinite sampler', { samplers: { topP: Number.POSITIVE_INFINITY } }],
  ['half a token', { contextTokens: 1.5 }],
  ['no context', { contextTokens: 0 }],
  ['an unknown template', { template: 'telepathy' }],
  ['an empty stop sequence', { stop: [''] }],
  ['too many stop sequences', { stop: Array.from({ length: limits.stopSequences + 1 }, String) }],
  ['an option name that is none', { vendor: { __proto__x: 1, 'a b': 2 } }],
  ['a vendor option that is an object', { vendor: { deep: { er: 1 } } }],
  ['settings that do not exist', { baseUrl: 'https://evil.test' }],
])('%s is refused', (_name, options) => {
  expect(takes(options)).toBe(false);
});

test('a site sets nothing of the backend’s own', () => {
  expect(v.safeParse(siteSettings, { samplers: { topK: 1 }, stop: ['x'], maxOutputTokens: 5 }).success).toBe(true);
  expect(v.safeParse(siteSettings, { template: 'plain' }).success).toBe(false);
});

test('a model’s own settings come before the connection’s, sampler by sampler; stop sequences hold together', () => {
  const options: ConnectionOptions = {
    samplers: { temperature: 1, topK: 40 },
    stop: ['a'],
    template: 'alpaca',
    models: { m: { samplers: { temperature: 0.2 }, stop: ['b', 'a'], contextTokens: 4096 } },
    headers: { 'X-Team': 'blue' },
  };
  expect(settingsOf({ options }, 'm')).toEqual({
    samplers: { temperature: 0.2, topK: 40 },
    stop: ['a', 'b'],
    contextTokens: 4096,
    template: 'alpaca',
  });
  expect(settingsOf({ options }, 'other')).toMatchObject({ samplers: { temperature: 1, topK: 40 }, stop: ['a'] });
  expect(settingsOf({ options }, 'constructor')).toEqual(settingsOf({ options }, 'other'));
  expect(settingsOf({}, 'm')).toEqual(mergeSettings({}));
});
