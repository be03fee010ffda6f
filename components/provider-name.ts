/** What a provider is called. Most have a name, which is the same everywhere; a few rows of the catalog only say what kind it is. */

import { i18n } from '#i18n';
import { rowOf } from '../providers/catalog';
import { hostOf } from './site-name';

const described: Record<string, () => string> = {
  'on-device': () => i18n.t('provider.onDevice'),
  browser: () => i18n.t('provider.browser'),
  'openai-compatible': () => i18n.t('provider.openAiCompatible'),
  'anthropic-compatible': () => i18n.t('provider.anthropicCompatible'),
  'text-generation-webui-legacy': () => i18n.t('provider.oldWebui'),
};

export const providerName = ({ id, name }: { readonly id: string; readonly name: string }): string =>
  Object.hasOwn(described, id) ? (described[id]?.() ?? name) : name;

/** Rows that name a format, not a product: servers of these kinds are told apart by their hosts. */
const formats: ReadonlySet<string> = new Set(['openai-compatible', 'anthropic-compatible']);
export const isFormat = (providerId: string): boolean => formats.has(providerId);

/** What a server is called: by its kind, where that is a name. */
export function serverName({ providerId, baseUrl }: { readonly providerId: string; readonly baseUrl: string }): string {
  const row = isFormat(providerId) ? undefined : rowOf(providerId);
  return row?.name ?? hostOf(baseUrl) ?? baseUrl;
}
