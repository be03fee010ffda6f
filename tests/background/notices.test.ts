import { readFileSync } from 'node:fs';
import { parseMessagesText } from '@wxt-dev/i18n/build';
import { beforeEach, expect, test } from 'vitest';
import type { ConnectionRecord } from '../../background/database';
import { createNotices, faultKey } from '../../background/notices';
import { AiError, backendError, faultCodes } from '../../protocol/errors';
import { toConnectionId } from '../../protocol/ids';
import { limits } from '../../protocol/limits';
import { createFakeBrowser, type FakeBrowser } from './support/browser';

const connection: ConnectionRecord = {
  id: toConnectionId('c1'),
  providerId: 'openai',
  name: 'OpenAI',
  createdAt: 1,
  keyEnding: 'x9Qf',
};
const faults = Object.keys(faultCodes) as (keyof typeof faultCodes)[];

let browser: FakeBrowser;
let now: number;
let notices: ReturnType<typeof createNotices>;
const start = () => {
  notices = createNotices({ browser, now: () => now });
};
const settled = () => new Promise((resolve) => setImmediate(resolve));
const fail = async (fault: (typeof faults)[number] = 'auth', of = connection) => {
  notices.failed(backendError(fault, 'no'), of);
  await settled();
};
/** What was told since this was asked last. */
const told = () => {
  const found = [...browser.notices];
  browser.notices.clear();
  return found.map(([id, { title }]) => [id, title]);
};

beforeEach(() => {
  browser = createFakeBrowser();
  browser.inFront = false;
  now = 1_700_000_000_000;
  start();
});

test('behind other windows the person is told whose fault it was, and pressing it leads to where it is mended', async () => {
  await fail();
  expect([...browser.notices]).toEqual([
    ['fix c1', { title: 'fault_auth_what OpenAI OpenAI', message: 'noticeFailedBody', button: 'popup_fix' }],
  ]);
  browser.pressNotice('fix c1');
  expect(browser.tabs).toEqual(['options.html#connections/c1']);
  expect(browser.notices.size).toBe(0);
});

test('in front of the browser nothing is told, and it is told the next time', async () => {
  browser.inFront = true;
  await fail();
  expect(told()).toEqual([]);
  browser.inFront = false;
  await fail();
  expect(told()).toHaveLength(1);
});

test('without the permission nothing is told, and with it the next one is', async () => {
  browser.mayNotify = false;
  await fail();
  browser.mayNotify = true;
  await fail();
  expect(told()).toHaveLength(1);
});

test('the same is told once an hour, also by a background that was started since; another trouble is told of its own', async () => {
  await fail();
  expect(told()).toHaveLength(1);
  start();
  now += limits.noticeAgain - 1;
  await fail();
  expect(told()).toEqual([]);
  await fail('payment');
  await fail('auth', { ...connection, id: toConnectionId('c2') });
  expect(told().map(([id]) => id)).toEqual(['fix c1', 'fix c2']);
  now += 1;
  await fail();
  expect(told()).toHaveLength(1);
});

test('a clock that went back silences nothing', async () => {
  await fail();
  told();
  now -= 10_000_000;
  await fail();
  expect(told()).toHaveLength(1);
});

test('what waits is told of, in no words of a page, and pressing it leads there', async () => {
  let pressed = 0;
  notices.onWaitingPressed(() => {
    pressed += 1;
  });
  notices.waiting();
  await settled();
  expect(told()).toEqual([['waiting', 'noticeWaiting']]);
  browser.pressNotice('waiting');
  expect(pressed).toBe(1);
  browser.pressNotice('of another time');
  expect([pressed, browser.tabs]).toEqual([1, []]);
});

test('a call that failed by no fault of a backend is none of this', async () => {
  notices.failed(new AiError('aborted', 'gone'), connection);
  await settled();
  expect(told()).toEqual([]);
});

test.each(faults)('%s has its sentence in the locale, for each kind of connection', (fault) => {
  const keys = parseMessagesText(readFileSync(new URL('../../locales/en.yml', import.meta.url), 'utf8'), 'YAML').map(({ key }) =>
    key.join('_'),
  );
  const kinds = [
    connection,
    { ...connection, keyEnding: undefined },
    { ...connection, providerId: 'on-device' },
    { ...connection, providerId: 'ollama', baseUrl: 'http://127.0.0.1:11434' },
    { ...connection, providerId: 'of-a-later-version' },
  ];
  for (const kind of kinds) expect(keys).toContain(faultKey(fault, kind));
});
