/** What a provider is called. Most have a name, which is the same everywhere; a few rows of the catalog only say what kind it is. */

import { i18n } from '#i18n';

const described: Record<string, () => string> = {
  'on-device': () => i18n.t('provider.onDevice'),
  browser: () => i18n.t('provider.browser'),
  'openai-compatible': () => i18n.t('provider.openAiCompatible'),
  'anthropic-compatible': () => i18n.t('provider.anthropicCompatible'),
  'text-generation-webui-legacy': () => i18n.t('provider.oldWebui'),
};

export const providerName = ({ id, name }: { readonly id: string; readonly name: string }): string =>
  Object.hasOwn(described, id) ? (described[id]?.() ?? name) : name;
