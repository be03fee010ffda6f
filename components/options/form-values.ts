/** What a connection form holds, what is wrong with it before anything is sent, and what is sent. */

import { i18n } from '#i18n';
import type { PersonError } from '../../protocol/errors';
import type { ConnectionInput, ConnectionView } from '../../protocol/ui-messages';
import { uniqueName } from '../../protocol/unique-name';
import type { CatalogRow } from '../../providers/provider';
import { isFormat, providerName } from '../provider-name';
import { hostOf } from '../site-name';
import { checkOptions, type OptionsDraft, toOptions } from './settings/options-draft';

export interface FormValues {
  readonly name: string;
  readonly baseUrl: string;
  readonly key: string;
  readonly removesKey: boolean;
  readonly defaultModel: string;
  /** Undefined until something under **Advanced** is touched: what is saved stays. */
  readonly options: OptionsDraft | undefined;
}

export type FormErrors = { readonly [Field in keyof FormValues]?: string };

/** A server of a kind without a name is called by its host, which is told once its address is typed. */
export const nameOf = (row: CatalogRow, baseUrl: string): string =>
  isFormat(row.id) ? (hostOf(completeAddress(baseUrl)) ?? '') : providerName(row);

/** @param taken names of other connections: a second account of a provider is told apart from the first */
export const startValues = (row: CatalogRow, connection: ConnectionView | undefined, taken: readonly string[]): FormValues => ({
  name: connection?.name ?? uniqueName(nameOf(row, ''), taken),
  baseUrl: connection?.baseUrl ?? '',
  key: '',
  removesKey: false,
  defaultModel: connection?.defaultModel ?? '',
  options: undefined,
});

/** People type `127.0.0.1:8080`: what is meant is clear. `localhost` is shown as the address that the background makes of it, and saves. */
export function completeAddress(typed: string): string {
  const address = typed.trim().replace(/^(https?:\/\/)?localhost(?=[:/]|$)/i, (_, scheme = '') => `${scheme}127.0.0.1`);
  if (address === '' || /^[a-z][a-z\d+.-]*:\/\//i.test(address)) return address;
  const isNear = /^(127\.|10\.|192\.168\.|\[::1\])/i.test(address);
  return `${isNear ? 'http' : 'https'}://${address}`;
}

function addressError(typed: string): string | undefined {
  if (typed.trim() === '') return i18n.t('form.addressMissing');
  const address = completeAddress(typed);
  if (hostOf(address) === undefined) return i18n.t('form.addressWrong');
  const { username, password } = new URL(address);
  return username === '' && password === '' ? undefined : i18n.t('form.addressCredentials');
}

/** Empty where the form can be sent. */
export function checkForm(row: CatalogRow, values: FormValues, savedKey: string | undefined): FormErrors {
  const baseUrl = row.address.type === 'asked' ? addressError(values.baseUrl) : undefined;
  const needsKey = row.auth.type === 'header' && row.auth.required && savedKey === undefined;
  const key = needsKey && values.key.trim() === '' ? i18n.t('form.keyMissing', { provider: row.name }) : undefined;
  const isWrong = values.options !== undefined && checkOptions(values.options) !== undefined;
  return {
    ...(baseUrl !== undefined && { baseUrl }),
    ...(key !== undefined && { key }),
    ...(isWrong && { options: i18n.t('form.fieldWrong') }),
  };
}

/** The background's word on one field of the form. */
export function fieldError({ fault, field }: PersonError): FormErrors {
  if (fault !== undefined) return {};
  if (field !== undefined && /^(options|headers)\b/.test(field)) return { options: i18n.t('form.fieldWrong') };
  return field === 'name' || field === 'baseUrl' || field === 'key' || field === 'defaultModel'
    ? { [field]: i18n.t('form.fieldWrong') }
    : {};
}

export function toInput(row: CatalogRow, values: FormValues): ConnectionInput {
  const key = values.key.trim();
  return {
    name: values.name.trim() || nameOf(row, values.baseUrl) || providerName(row),
    defaultModel: values.defaultModel.trim(),
    ...(row.address.type === 'asked' && { baseUrl: completeAddress(values.baseUrl) }),
    ...(values.options && { options: toOptions(values.options) }),
    ...(row.auth.type === 'header' && (key !== '' || values.removesKey) && { key }),
  };
}
