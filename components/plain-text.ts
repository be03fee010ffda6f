/** Makes text from outside (titles, model names, errors, requests) safe to show: nothing in it may be unseen or turn the text around it. */

/** Direction marks and overrides, zero-width characters, tags, and control characters other than tab and newline. */
const unseen =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what must not be shown.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** What a reader could be deceived by; joiners stay, because scripts and emoji need them. */
const deceiving = /[\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/gu;

/** Text of several lines without anything unseen. */
export const plainText = (text: string): string => text.replace(unseen, '');

/** The same on one line. */
export const plainLine = (text: string): string => plainText(text.replace(/\s+/g, ' ')).trim();

/** A request as it is sent, for review: what deceives is spelled out instead of removed, so that nothing is kept from the reader. */
export const revealed = (text: string): string =>
  text.replace(deceiving, (character) => `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}⟩`);
