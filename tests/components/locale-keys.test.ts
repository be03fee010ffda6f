import { readdirSync, readFileSync } from 'node:fs';
import { parseMessagesText } from '@wxt-dev/i18n/build';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

/** Named by the manifest and by background/browser.ts. */
const named = [
  ...['extName', 'extDescription', 'menuAskSelection', 'commandToggleChat', 'toolbarWaiting'],
  ...['noticeWaiting', 'noticeWaitingBody', 'noticeWaitingButton', 'noticeFailedBody'],
];
const keys = parseMessagesText(read('locales/en.yml'), 'YAML')
  .map(({ key }) => key.join('.'))
  .filter((key) => !key.startsWith('@@'));
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
