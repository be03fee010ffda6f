/** The language of the interface: the one of `locales/` that the browser took, which need not be the browser's own. */

import { i18n } from '#i18n';

/** As BCP 47 has it: `en`, `de`, `zh-CN`. Each locale names itself, because browsers tell only what they would have liked. */
export const language: string = i18n.t('language');

const primary = (tag: string): string => tag.split('-')[0] ?? tag;

/**
 * How numbers, money and dates are written: as the browser does where it speaks the language of the texts (Swiss German beside German
 * texts), else as that language does. An English sentence with a French date in it is neither.
 * @param browsers the locale of the browser's interface
 */
export const formatsOf = (browsers: string): string => (primary(browsers) === primary(language) ? browsers : language);

export const formats: string = formatsOf(new Intl.NumberFormat().resolvedOptions().locale);

const comma = new Intl.ListFormat(formats).formatToParts(['1', '2', '3']).find(({ type }) => type === 'literal')?.value ?? ', ';

/** "a, b, c" and "a、b、c". Without an "and": such lists are often cut, or in an order that counts. */
export const list = (items: readonly string[]): string => items.join(comma);
