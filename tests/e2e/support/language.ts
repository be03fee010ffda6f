/** Oriel as a person meets it whose browser speaks another language, in a browser that has only English on board, as test machines do. */

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserName } from '../../support/browser';

export type Words = (key: string, values?: Readonly<Record<string, string>>) => string;

export interface Translated {
  /** The folder of a copy that has this language alone, which a browser therefore shows. */
  readonly extension: string;
  /** A message of the built locale, with its values set. Throws where there is none. */
  readonly words: Words;
  remove(): void;
}

/** @param locale as its folder is named: `de`, `zh_CN` */
export function translated(name: BrowserName, locale: string): Translated {
  const build = name === 'chromium' ? 'chrome-mv3' : 'firefox-mv3';
  const folder = mkdtempSync(join(tmpdir(), 'oriel-language-'));
  const extension = join(folder, build);
  cpSync(join('.output', build), extension, {
    recursive: true,
    filter: (path) => !path.includes('_locales/') || path.includes(`_locales/${locale}`),
  });
  const manifestFile = join(extension, 'manifest.json');
  const manifest = { ...JSON.parse(readFileSync(manifestFile, 'utf8')), default_locale: locale };
  writeFileSync(manifestFile, JSON.stringify(manifest));
  const messages = JSON.parse(readFileSync(join(extension, '_locales', locale, 'messages.json'), 'utf8'));
  return {
    extension,
    words(key, values = {}) {
      const message: string | undefined = messages[key.replaceAll('.', '_')]?.message;
      if (message === undefined) throw new Error(`${locale} has no message ${key}.`);
      return Object.entries(values).reduce((text, [field, value]) => text.replaceAll(`{${field}}`, value), message);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
