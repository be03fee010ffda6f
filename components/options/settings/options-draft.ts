/** What **Advanced** holds while it is typed, what is wrong with it, and the options of the connection that it says. */

import { i18n } from '#i18n';
import { isOwnHeaderName, isOwnHeaderValue } from '../../../protocol/header-rules';
import { limits } from '../../../protocol/limits';
import type { ConnectionOptions, VendorOption } from '../../../protocol/model-settings';
import { plainLine } from '../../plain-text';
import { checkSettings, type SettingsDraft, type SettingsErrors, saysNothing, toDraft, toSettings } from './settings-draft';

export interface OptionsDraft {
  readonly settings: SettingsDraft;
  readonly models: readonly (readonly [model: string, settings: SettingsDraft])[];
  /** One a line, `Name: value`. */
  readonly headers: string;
  readonly vendor: Readonly<Record<string, VendorOption>>;
}

export interface OptionsErrors {
  readonly settings?: SettingsErrors | undefined;
  readonly models: Readonly<Record<string, SettingsErrors>>;
  readonly headers?: string | undefined;
}

export const toOptionsDraft = ({
  models = {},
  headers = {},
  vendor = {},
  ...settings
}: ConnectionOptions = {}): OptionsDraft => ({
  settings: toDraft(settings),
  models: Object.entries(models).map(([model, own]) => [model, toDraft(own)] as const),
  headers: Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n'),
  vendor,
});

const headerLines = (typed: string): readonly (readonly [name: string, value: string])[] =>
  typed
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [name = '', ...value] = line.split(':');
      return [name.trim(), value.join(':').trim()] as const;
    });

function headersError(typed: string): string | undefined {
  const lines = headerLines(typed);
  const wrong = lines.find(([name, value]) => !isOwnHeaderName(name) || !isOwnHeaderValue(value));
  if (wrong) return i18n.t('settings.headerWrong', { name: plainLine(wrong[0]).slice(0, limits.nameChars) });
  const names = lines.map(([name]) => name.toLowerCase());
  return new Set(names).size < names.length ? i18n.t('settings.headerTwice') : undefined;
}

/** Undefined where nothing is wrong. */
export function checkOptions({ settings, models, headers }: OptionsDraft): OptionsErrors | undefined {
  const found = models.flatMap(([model, draft]) => {
    const errors = checkSettings(draft);
    return errors ? [[model, errors] as const] : [];
  });
  const errors = { settings: checkSettings(settings), models: Object.fromEntries(found), headers: headersError(headers) };
  return errors.settings || found.length > 0 || errors.headers !== undefined ? errors : undefined;
}

/** What is chosen: a switch that is off and a list of nothing are none. */
function toVendor(vendor: OptionsDraft['vendor']): OptionsDraft['vendor'] {
  const tidy = Object.entries(vendor).map(([name, value]) =>
    typeof value === 'object'
      ? ([name, value.map((line) => line.trim()).filter((line) => line !== '')] as const)
      : ([name, value] as const),
  );
  return Object.fromEntries(
    tidy.filter(([, value]) => value !== false && value !== '' && !(typeof value === 'object' && value.length === 0)),
  );
}

/** Of a draft that `checkOptions` finds nothing wrong with. */
export function toOptions(draft: OptionsDraft): ConnectionOptions {
  const models = draft.models.map(([model, own]) => [model, toSettings(own)] as const).filter(([, own]) => !saysNothing(own));
  const headers = headerLines(draft.headers);
  const vendor = toVendor(draft.vendor);
  return {
    ...toSettings(draft.settings),
    ...(models.length > 0 && { models: Object.fromEntries(models) }),
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    ...(Object.keys(vendor).length > 0 && { vendor }),
  };
}
