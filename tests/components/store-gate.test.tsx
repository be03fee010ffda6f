// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));
vi.mock('webextension-polyfill', () => ({ default: {} }));

import { ConnectionsPage } from '../../components/options/ConnectionsPage';
import { PopupScreen } from '../../components/popup/PopupScreen';
import { StoreGate } from '../../components/StoreGate';
import { SecurityPage } from '../../components/security/SecurityPage';
import { AiError } from '../../protocol/errors';
import { fakeBackground, nothing, vault } from './support/background';
import { click, findButton, settle, show, text } from './support/screen';

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-27T12:00:00') });
});
afterEach(() => {
  vi.useRealTimers();
});

const screen = (
  <StoreGate>
    <p>The screen</p>
  </StoreGate>
);

test('where everything can be read the screen is there', async () => {
  await show(fakeBackground(), screen);
  expect(text()).toBe('The screen');
});

test.each([
  ['unreadable', 'Oriel cannot read what it saved'],
  ['newer', 'A newer Oriel saved this'],
  ['full', 'There is no room left to save anything'],
] as const)(
  'a store that is %s takes the place of the screen, says that nothing was deleted, and can be tried again',
  async (type, title) => {
    const background = fakeBackground({ store: { type } });
    await show(background, screen);
    expect(text()).toContain(title);
    expect(text()).toContain('Nothing was deleted.');
    expect(text()).not.toContain('The screen');
    await click('Try again');
    expect(background.calls.map((call) => call.type)).toContain('store-retry');
    background.push({ store: undefined });
    await settle();
    expect(text()).toBe('The screen');
  },
);

test('nothing is begun anew without being asked for twice, and of a full disk not at all', async () => {
  const background = fakeBackground({ store: { type: 'unreadable' } });
  const renewals = () => background.calls.filter(({ type }) => type === 'store-renew').length;
  await show(background, screen);
  await click('Start anew');
  expect(text()).toContain('What it cannot take over is set aside');
  expect(renewals()).toBe(0);
  await click('Cancel');
  expect(renewals()).toBe(0);
  await click('Start anew');
  const confirm = [...document.querySelectorAll('dialog button')].find((button) => button.textContent === 'Start anew');
  (confirm as HTMLElement).click();
  await settle();
  expect(renewals()).toBe(1);
  await show(fakeBackground({ store: { type: 'full' } }), screen);
  expect(findButton('Start anew')).toBeUndefined();
});

test('a renewal that fails says so and can be left', async () => {
  const fail = () => {
    throw new AiError('unknown', 'no');
  };
  await show(fakeBackground({ store: { type: 'newer' } }, { 'store-renew': fail, 'store-retry': fail }), screen);
  await click('Try again');
  expect(document.querySelectorAll('[role=alert]')).toHaveLength(1);
  await click('Start anew');
  (document.querySelector('dialog .dialog-actions button:last-child') as HTMLElement).click();
  await settle();
  expect(document.querySelectorAll('dialog [role=alert]')).toHaveLength(1);
});

test('what the browser threw away is said where models are chosen and where connections are, until it is dismissed', async () => {
  const background = fakeBackground({ isLost: true });
  await show(background, <ConnectionsPage overview={{ ...nothing, isLost: true }} dialog={undefined} />);
  expect(text()).toContain('What Oriel had saved is gone');
  await click('Dismiss');
  expect(background.calls.map(({ type }) => type)).toContain('store-lost-dismiss');
  await show(background, <PopupScreen />);
  expect(text()).toContain('What Oriel had saved is gone');
});

test('what was set aside is said where connections and keys are, given as a file, and deleted when the person says so', async () => {
  const setAside = { count: 3, at: Date.parse('2026-11-03T12:00:00') };
  const background = fakeBackground({ setAside }, { 'store-aside-file': () => '[]' });
  await show(background, <ConnectionsPage overview={{ ...nothing, setAside }} dialog={undefined} />);
  expect(text()).toContain('Entries: 3, last set aside: Nov 3, 2026.');
  await show(background, <SecurityPage vault={vault} setAside={setAside} />);
  expect(text()).toContain('Some of what was saved cannot be read');
  const made = vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:x');
  await click('Save file');
  expect(made).toHaveBeenCalledOnce();
  await click('Delete them');
  expect(background.calls.map(({ type }) => type)).toEqual(expect.arrayContaining(['store-aside-file', 'store-aside-remove']));
});
