import { beforeEach, expect, test, vi } from 'vitest';
import { createNotices } from '../../background/notices';
import { createSurface, type Surface } from '../../background/surface';
import { toApprovalId } from '../../protocol/ids';
import { createFakeBrowser, type FakeBrowser } from './support/browser';

let browser: FakeBrowser;
let surface: Surface;
let closed: ReturnType<typeof vi.fn<(shown: unknown) => void>>;

beforeEach(() => {
  browser = createFakeBrowser();
  start();
});

function start(): void {
  surface = createSurface(browser, createNotices({ browser, now: () => 1 }));
  closed = vi.fn();
  surface.onClosed(closed);
}

const card = toApprovalId('a1');
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('the badge counts what waits, and is empty where nothing does', () => {
  surface.setWaiting(2);
  surface.setWaiting(0);
  expect(browser.badges).toEqual(['2', '']);
  expect(browser.titles).toEqual(['toolbarWaiting 2', 'extName']);
});

test('a browser that refuses the badge harms nothing', async () => {
  browser.setBadge = () => Promise.reject(new Error('shutting down'));
  expect(() => surface.setWaiting(1)).not.toThrow();
  await new Promise((resolve) => setImmediate(resolve));
});

test('behind other windows the system tells of one more that waits, until nothing does', async () => {
  browser.inFront = false;
  surface.setWaiting(1, 'unlock');
  await settled();
  expect([...browser.notices.keys()]).toEqual(['waiting']);
  surface.setWaiting(0, 'unlock');
  expect(browser.notices.size).toBe(0);
});

test('fewer that wait are nothing to tell of', async () => {
  surface.setWaiting(2);
  await settled();
  browser.inFront = false;
  surface.setWaiting(1);
  await settled();
  expect(browser.notices.size).toBe(0);
});

test('there is one approval window, however often it is opened', async () => {
  await Promise.all([surface.open(), surface.open()]);
  await surface.open();
  expect(browser.opened).toEqual(['approval.html']);
});

test('the window of a background before this one is known', async () => {
  await surface.open();
  start();
  await surface.open();
  expect(browser.opened).toHaveLength(1);
});

test('a window that is gone is opened anew', async () => {
  await surface.open();
  await browser.closeWindow(1);
  await surface.open();
  expect(browser.opened).toHaveLength(2);
});

test('a window that vanished unnoticed is opened anew', async () => {
  await surface.open();
  browser.windows.clear();
  await surface.open();
  expect(browser.opened).toHaveLength(2);
});

test('a window that could not be opened may be tried again', async () => {
  browser.failOpening = true;
  await expect(surface.open()).rejects.toThrow();
  browser.failOpening = false;
  await surface.open();
  expect(browser.opened).toHaveLength(1);
});

test('closing the window tells which card it showed', async () => {
  await surface.open();
  await surface.shows(card);
  await browser.closeWindow(1);
  expect(closed).toHaveBeenCalledExactlyOnceWith(card);
});

test('closing a window that showed nothing yet tells no card', async () => {
  await surface.open();
  await browser.closeWindow(1);
  expect(closed).toHaveBeenCalledExactlyOnceWith(undefined);
});

test('a card that was shown before the browser said that the window is open counts', async () => {
  browser.onOpen = () => surface.shows(card);
  await surface.open();
  await browser.closeWindow(1);
  expect(closed).toHaveBeenCalledExactlyOnceWith(card);
});

test('the card of an earlier window is not taken for that of the next', async () => {
  await surface.open();
  await surface.shows(card);
  await browser.closeWindow(1);
  await surface.open();
  await browser.closeWindow(2);
  expect(closed).toHaveBeenLastCalledWith(undefined);
});

test('another window that closes is none of ours', async () => {
  await surface.open();
  await browser.closeWindow(99);
  expect(closed).not.toHaveBeenCalled();
});
