/** The words of locales/en.yml in tests, by the library that the extension uses. For `vi.mock('#i18n', () => import('./support/messages'))`. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateChromeMessages, parseMessagesText } from '@wxt-dev/i18n/build';

/** By path: happy-dom's URL is none that node reads from. */
const localeFile = join(import.meta.dirname, '../../../locales/en.yml');

const messages = generateChromeMessages(parseMessagesText(readFileSync(localeFile, 'utf8'), 'YAML')) as Record<
  string,
  { message: string }
>;

// The library takes the browser when it is loaded: the stand-in must be there first.
Object.assign(globalThis, {
  chrome: { runtime: { id: 'test' }, i18n: { getMessage: (key: string) => messages[key]?.message.replaceAll('$$', '$') ?? '' } },
});
const { createI18n } = await import('@wxt-dev/i18n');

export const i18n = createI18n();
