import { readdirSync, readFileSync } from 'node:fs';
import { parseMessagesText } from '@wxt-dev/i18n/build';
import { describe, expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const parse = (locale: string) => parseMessagesText(read(`locales/${locale}.yml`), 'YAML');

type Message = ReturnType<typeof parse>[number];

/** Named by the manifest and by background/browser.ts. */
const named = [
  ...['extName', 'extDescription', 'menuAskSelection', 'commandToggleChat', 'toolbarWaiting'],
  ...['noticeWaiting', 'noticeWaitingBody', 'noticeWaitingButton', 'noticeFailedBody'],
];
const nameOf = ({ key }: Message) => key.join('.');
const english = parse('en');
const keys = english.map(nameOf).filter((key) => !key.startsWith('@@'));
const sources = readdirSync(new URL('components', root), { recursive: true, encoding: 'utf8' }).filter((path) =>
  /\.tsx?$/.test(path),
);
const used = sources.flatMap((path) =>
  [...read(`components/${path}`).matchAll(/i18n\.t\(\s*'([^']+)'/g)].map((match) => match[1]),
);

test('every message of the locale is used', () => {
  expect(keys.filter((key) => !used.includes(key) && !named.includes(key))).toEqual([]);
});

test('every message that is used exists', () => {
  expect([...new Set(used)].filter((key) => key === undefined || !keys.includes(key))).toEqual([]);
});

test('keys are named in the code literally, so that both tests can see them', () => {
  expect(sources.filter((path) => /i18n\.t\(\s*[^'\s]/.test(read(`components/${path}`)))).toEqual([]);
});

/** All forms of a message: one, or one for each number. */
const forms = (message: Message): string[] => {
  switch (message.type) {
    case 'simple':
    case 'chrome':
      return [message.message];
    case 'plural':
      return Object.values(message.plurals);
  }
};
const placeholders = (message: Message) =>
  [
    ...new Set(
      forms(message)
        .join()
        .match(/\{\w+\}|\$\d/g),
    ),
  ].sort();

/** What is the same in English: names of products, techniques and formats, and signs. Under each locale what only it shares. */
const everywhere = [
  ...['extName', 'popup.runningModel', 'popup.failedFor', 'welcome.volunteers', 'preset.minP', 'sampler.topP', 'sampler.topK'],
  ...['sampler.minP', 'sampler.topA', 'sampler.topNSigma', 'sampler.typicalP', 'sampler.dry', 'sampler.xtc', 'sampler.mirostat'],
];
const shared: Record<string, readonly string[]> = {
  de: [
    ...['common.details', 'site.frameIn', 'request.system', 'request.audio', 'welcome.facts', 'chat.title', 'chat.code'],
    ...['chat.codeIn', 'form.name', 'about.version', 'security.passphrase', 'settings.sampling', 'preset.neutral'],
  ],
  zh_CN: ['sampler.mirostatTau', 'sampler.mirostatEta'],
};

test('the languages are these', () => {
  expect(readdirSync(new URL('locales', root)).sort()).toEqual(['de.yml', 'en.yml', 'zh_CN.yml']);
});

describe.each(Object.keys(shared))('locales/%s.yml', (locale) => {
  const messages = parse(locale);
  const translated = new Map(messages.map((message) => [nameOf(message), message]));
  const differing = (differs: (own: Message, english: Message) => boolean): string[] =>
    english.filter((message) => differs(translated.get(nameOf(message)) ?? message, message)).map(nameOf);

  test('has the messages of en.yml and no others, in their order', () => {
    expect(messages.map(nameOf)).toEqual(english.map(nameOf));
  });

  test('has the placeholders of each, and the same kinds of number', () => {
    expect(differing((own, one) => placeholders(own).join() !== placeholders(one).join() || own.type !== one.type)).toEqual([]);
  });

  test('leaves none empty', () => {
    expect(messages.filter((message) => forms(message).some((form) => form.trim() === '')).map(nameOf)).toEqual([]);
  });

  test('has nothing left in English but names', () => {
    const same = differing((own, one) => forms(own).join() === forms(one).join()).filter((key) => !key.startsWith('@@'));
    expect(same.sort()).toEqual([...everywhere, ...(shared[locale] ?? [])].sort());
  });

  test('names its language as browsers do, and shouts no more than English', () => {
    const tag = forms(messages.find((message) => nameOf(message) === 'language') as Message)[0] ?? '';
    expect(Intl.getCanonicalLocales(tag)).toEqual([locale.replace('_', '-')]);
    expect(messages.filter((message) => /[!！]/.test(forms(message).join())).map(nameOf)).toEqual([]);
  });

  test('keeps to what the stores take: 75 letters for the name, 132 for the description', () => {
    const length = (key: string) => forms(translated.get(key) as Message).join().length;
    expect(length('extName')).toBeLessThanOrEqual(75);
    expect(length('extDescription')).toBeLessThanOrEqual(132);
  });
});
