// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));
vi.mock('webextension-polyfill', () => ({ default: {} }));

import { AboutPage } from '../../components/options/AboutPage';
import { createShortcuts } from '../../components/shortcuts';
import { fakeBackground } from './support/background';
import { click, fakeShell, findButton, show, text } from './support/screen';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const commands = {
  getAll: async () => [
    { name: '_execute_action', shortcut: 'Ctrl+B' },
    { name: 'toggle-chat', shortcut: '' },
  ],
};

test('it names the keys that are set, as the person has set them, and leads to where they are changed', async () => {
  const opened = vi.fn(async () => undefined);
  await show(fakeBackground(), <AboutPage />, { ...fakeShell(), shortcuts: createShortcuts(commands, opened, true) });
  expect(text()).toContain("Ctrl+B opens Oriel's window from any page.");
  expect(text()).not.toContain('opens and closes the chat');
  await click('Change these keys');
  expect(opened).toHaveBeenCalledExactlyOnceWith('chrome://extensions/shortcuts');
});

test('where no extension may open that page, the way there is said', async () => {
  const opened = vi.fn(async () => undefined);
  await show(fakeBackground(), <AboutPage />, { ...fakeShell(), shortcuts: createShortcuts(commands, opened, false) });
  expect(findButton('Change these keys')).toBeUndefined();
  expect(text()).toContain('Manage Extension Shortcuts');
  const openShortcutSettings = vi.fn(async () => undefined);
  await createShortcuts({ ...commands, openShortcutSettings }, opened, false).open?.();
  expect(openShortcutSettings).toHaveBeenCalledOnce();
  expect(opened).not.toHaveBeenCalled();
});
