import { expect, test } from 'vitest';
import { createBackground } from './support/background';
import { eventually } from './support/eventually';

const pause = () => new Promise((resolve) => setTimeout(resolve, 20));

test('after the installation the first run opens by itself, in a tab', async () => {
  const { browser } = createBackground();
  expect(browser.tabs).toEqual([]);
  browser.installed();
  await eventually(() => expect(browser.tabs).toEqual(['welcome.html']));
});

test('it stays away where something is connected already, and after a start of the browser', async () => {
  const background = createBackground();
  await background.connect();
  background.browser.installed();
  background.browser.started();
  await pause();
  expect(background.browser.tabs).toEqual([]);
});

test('a browser that may show no tab hears no complaint', async () => {
  const { browser } = createBackground();
  browser.failOpening = true;
  browser.installed();
  await pause();
  expect(browser.tabs).toEqual([]);
});
