/** The edge for what a person sets under **Advanced**: schemas of model settings and connection options. */

import * as v from 'valibot';
import { isOwnHeaderName, isOwnHeaderValue } from './header-rules';
import { limits } from './limits';
import { commonSamplers, engineSamplers, templateIds } from './model-settings';

const number = v.pipe(v.number(), v.finite(), v.minValue(-limits.settingMax), v.maxValue(limits.settingMax));
const tokens = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(limits.contextTokens));
const text = v.pipe(v.string(), v.maxLength(limits.vendorChars));
const record = <Key extends v.GenericSchema<string, string>, Value extends v.GenericSchema>(
  key: Key,
  value: Value,
  most: number,
) =>
  v.pipe(
    v.record(key, value),
    v.check((entries) => Object.keys(entries).length <= most),
  );

/** A partial record of known names; `v.record` of a picklist would want all of them. */
const samplers = v.partial(
  v.strictObject(Object.fromEntries([...commonSamplers, ...engineSamplers].map((name) => [name, number]))),
);
const stops = v.pipe(
  v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(limits.stopSequenceChars))),
  v.maxLength(limits.stopSequences),
  v.readonly(),
);

export const modelSettings = v.strictObject({
  samplers: v.optional(samplers),
  contextTokens: v.optional(tokens),
  maxOutputTokens: v.optional(v.pipe(tokens, v.maxValue(limits.maxOutputTokens))),
  template: v.optional(v.picklist(templateIds)),
  stop: v.optional(stops),
});

/** What a site's rule may set: nothing of the backend's own, such as its template. */
export const siteSettings = v.strictObject({
  samplers: modelSettings.entries.samplers,
  maxOutputTokens: modelSettings.entries.maxOutputTokens,
  stop: modelSettings.entries.stop,
});

const headerName = v.pipe(v.string(), v.check(isOwnHeaderName));
const headerValue = v.pipe(v.string(), v.check(isOwnHeaderValue));

const vendorOption = v.union([text, number, v.boolean(), v.pipe(v.array(text), v.maxLength(limits.vendorEntries), v.readonly())]);
const optionName = v.pipe(v.string(), v.regex(/^[a-z][A-Za-z]{0,39}$/));

export const connectionOptions = v.strictObject({
  ...modelSettings.entries,
  models: v.optional(record(v.pipe(v.string(), v.maxLength(limits.modelChars)), modelSettings, limits.vendorEntries)),
  headers: v.optional(record(headerName, headerValue, limits.vendorEntries)),
  vendor: v.optional(record(optionName, vendorOption, limits.vendorEntries)),
});
