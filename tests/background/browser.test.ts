import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { createBrowser } from '../../background/browser';

/** The part of the browser's API that the seam touches, in memory. */
const api = vi.hoisted(() => ({
  runtime: {
    id: 'oriel-id',
    getURL: (path: string) => `chrome-extension://oriel-id${path.startsWith('/') ? path : `/${path}`}`,
    getPlatformInfo: vi.fn(async () => ({})),
    onConnect: { addListener: vi.fn() },
    onStartup: { addListener: vi.fn() },
    onInstalled: { addListener: vi.fn() },
  },
  identity: {
    getRedirectURL: (path: string) => `https://oriel-id.chromiumapp.org/${path}`,
    launchWebAuthFlow: vi.fn(async () => 'https://oriel-id.chromiumapp.org/p/nonce?code=1'),
  },
  alarms: { create: vi.fn(), clear: vi.fn(), onAlarm: { addListener: vi.fn() } },
  contextMenus: { create: vi.fn(), onClicked: { addListener: vi.fn() } },
  i18n: { getMessage: (key: string) => `the words of ${key}` },
  sidebarAction: { open: vi.fn(async () => undefined) },
  permissions: {
    onAdded: { addListener: vi.fn() },
    contains: vi.fn(async () => false),
    getAll: vi.fn(async () => ({ origins: ['http://localhost/*'] })),
  },
  tabs: {
    get: vi.fn(),
    query: vi.fn(),
    create: vi.fn(async (): Promise<{ windowId?: number }> => ({})),
    reload: vi.fn(async () => undefined),
    onRemoved: { addListener: vi.fn() },
  },
  windows: { get: vi.fn(), create: vi.fn(), getLastFocused: vi.fn(), update: vi.fn(), onRemoved: { addListener: vi.fn() } },
  notifications: undefined as unknown,
  commands: { onCommand: { addListener: vi.fn() } },
  action: {
    setTitle: vi.fn(async () => undefined),
    setBadgeText: vi.fn(async () => undefined),
    setBadgeBackgroundColor: vi.fn(async () => undefined),
  },
  storage: {
    session: {
      get: vi.fn(async (keys: string[]): Promise<object> => Object.fromEntries(keys.map((key) => [key, 'value']))),
      set: vi.fn(),
      remove: vi.fn(),
    },
  },
  declarativeNetRequest: {
    getSessionRules: vi.fn(async () => [{ id: 3 }, { id: 9 }]),
    updateSessionRules: vi.fn(async () => undefined),
  },
}));
// The polyfill throws outside of an extension; everything else of the seam is the real thing.
vi.mock('webextension-polyfill', () => ({ default: api }));

beforeEach(() => {
  vi.clearAllMocks();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test('the extension knows its own id and origin', () => {
  expect(createBrowser()).toMatchObject({ extensionId: 'oriel-id', extensionOrigin: 'chrome-extension://oriel-id' });
});

test('T53 the Origin rule is about our own requests to these servers, and replaces the rules before it', async () => {
  await createBrowser().setOriginRules?.([{ origin: 'http://127.0.0.1:11434' }, { origin: 'http://127.0.0.1:1234' }]);
  const rule = (id: number, origin: string) => ({
    id,
    priority: 1,
    action: { type: 'modifyHeaders', requestHeaders: [{ header: 'origin', operation: 'remove' }] },
    condition: { urlFilter: `|${origin}/`, resourceTypes: ['xmlhttprequest'], initiatorDomains: ['oriel-id'] },
  });
  expect(api.declarativeNetRequest.updateSessionRules).toHaveBeenCalledExactlyOnceWith({
    removeRuleIds: [3, 9],
    addRules: [rule(1, 'http://127.0.0.1:11434'), rule(2, 'http://127.0.0.1:1234')],
  });
});

test('without the permission for rules there is nothing that sets them', () => {
  const { declarativeNetRequest } = api;
  try {
    Object.assign(api, { declarativeNetRequest: undefined });
    expect(createBrowser().setOriginRules).toBeUndefined();
  } finally {
    Object.assign(api, { declarativeNetRequest });
  }
});

test('without local servers no rule is left', async () => {
  await createBrowser().setOriginRules?.([]);
  expect(api.declarativeNetRequest.updateSessionRules).toHaveBeenCalledExactlyOnceWith({ removeRuleIds: [3, 9], addRules: [] });
});

test('T53 rules that are there already, from before a death of the background, are left as they are', async () => {
  const rules = [{ origin: 'http://127.0.0.1:1' }];
  await createBrowser().setOriginRules?.(rules);
  expect(api.storage.session.set).toHaveBeenCalledExactlyOnceWith({ 'origin-rules': '|http://127.0.0.1:1/' });
  api.storage.session.get.mockImplementationOnce(async () => ({ 'origin-rules': '|http://127.0.0.1:1/' }));
  const later = createBrowser();
  await later.setOriginRules?.(rules);
  expect(api.declarativeNetRequest.updateSessionRules).toHaveBeenCalledTimes(1);
  await later.setOriginRules?.([]);
  expect(api.declarativeNetRequest.updateSessionRules).toHaveBeenCalledTimes(2);
});

test('values that are asked for in one task are fetched together', async () => {
  const { session } = createBrowser();
  api.storage.session.get.mockImplementationOnce(async (keys) => Object.fromEntries(keys.map((key) => [key, `value of ${key}`])));
  expect(await Promise.all([session.get('one'), session.get('two')])).toEqual(['value of one', 'value of two']);
  expect(api.storage.session.get).toHaveBeenCalledExactlyOnceWith(['origin-rules', 'one', 'two']);
});

test('session values are read, written and removed by their key', async () => {
  const { session } = createBrowser();
  expect(await session.get('key')).toBe('value');
  await session.set('key', 5);
  expect(api.storage.session.set).toHaveBeenCalledExactlyOnceWith({ key: 5 });
  await session.set('key', undefined);
  expect(api.storage.session.remove).toHaveBeenCalledExactlyOnceWith('key');
});

test('a tab is active where the browser says so, and not where it is gone', async () => {
  api.tabs.get
    .mockResolvedValueOnce({ active: true })
    .mockResolvedValueOnce({ active: false })
    .mockRejectedValueOnce(new Error('No tab'));
  const { isTabActive } = createBrowser();
  expect([await isTabActive(1), await isTabActive(2), await isTabActive(3)]).toEqual([true, false, false]);
});

test('a window is opened in its size, and in any size where the window manager refuses', async () => {
  const { openWindow } = createBrowser();
  const url = 'chrome-extension://oriel-id/approval.html';
  api.windows.create.mockResolvedValueOnce({ id: 7 });
  expect(await openWindow('approval.html', 420, 600)).toBe(7);
  expect(api.windows.create).toHaveBeenLastCalledWith({ url, type: 'popup', width: 420, height: 600 });
  api.windows.create.mockRejectedValueOnce(new Error('Invalid bounds')).mockResolvedValueOnce({ id: 8 });
  expect(await openWindow('approval.html', 420, 600)).toBe(8);
  expect(api.windows.create).toHaveBeenLastCalledWith({ url, type: 'popup' });
  api.windows.create.mockResolvedValueOnce({});
  await expect(openWindow('approval.html', 420, 600)).rejects.toThrow();
});

test('a window is there or gone', async () => {
  api.windows.get.mockResolvedValueOnce({}).mockRejectedValueOnce(new Error('No window'));
  const { hasWindow } = createBrowser();
  expect([await hasWindow(1), await hasWindow(2)]).toEqual([true, false]);
});

test('the badge gets its text, and touching is a call of the API', async () => {
  const browser = createBrowser();
  await browser.setBadge('2', 'Oriel: 2 waiting for you');
  expect(api.action.setBadgeText).toHaveBeenCalledExactlyOnceWith({ text: '2' });
  expect(api.action.setTitle).toHaveBeenCalledExactlyOnceWith({ title: 'Oriel: 2 waiting for you' });
  await browser.touch();
  expect(api.runtime.getPlatformInfo).toHaveBeenCalledTimes(1);
});

test('listeners are handed on, a closed tab by its id alone', () => {
  const browser = createBrowser();
  const listeners = [vi.fn(), vi.fn(), vi.fn()] as const;
  browser.onConnect(listeners[0]);
  browser.onTabRemoved(listeners[1]);
  browser.onWindowRemoved(listeners[2]);
  expect(api.runtime.onConnect.addListener).toHaveBeenCalledExactlyOnceWith(listeners[0]);
  expect(api.windows.onRemoved.addListener).toHaveBeenCalledExactlyOnceWith(listeners[2]);
  api.tabs.onRemoved.addListener.mock.calls[0]?.[0](4, { windowId: 1 });
  expect(listeners[1]).toHaveBeenCalledExactlyOnceWith(4);
});

test('an alarm is set, taken back, and told by its name', async () => {
  const browser = createBrowser();
  await browser.setAlarm('lock', 5000);
  expect(api.alarms.create).toHaveBeenCalledExactlyOnceWith('lock', { when: 5000 });
  await browser.setAlarm('lock', undefined);
  expect(api.alarms.clear).toHaveBeenCalledExactlyOnceWith('lock');
  const listener = vi.fn();
  browser.onAlarm(listener);
  api.alarms.onAlarm.addListener.mock.calls[0]?.[0]({ name: 'lock', scheduledTime: 1 });
  expect(listener).toHaveBeenCalledExactlyOnceWith('lock');
});

test('T70 a start of the browser and an update are told, an installation is not', () => {
  const listener = vi.fn();
  createBrowser().onStart(listener);
  const installed = api.runtime.onInstalled.addListener.mock.calls[0]?.[0];
  installed({ reason: 'install' });
  expect(listener).not.toHaveBeenCalled();
  installed({ reason: 'update' });
  api.runtime.onStartup.addListener.mock.calls[0]?.[0]();
  expect(listener).toHaveBeenCalledTimes(2);
});

/** The part of the API that is there with the optional permission only. */
const withIdle = () => {
  const addListener = vi.fn();
  Reflect.set(api, 'idle', { onStateChanged: { addListener } });
  onTestFinished(() => void Reflect.deleteProperty(api, 'idle'));
  return addListener;
};

test('T70 of what the computer does its lock alone is told', () => {
  const addListener = withIdle();
  const listener = vi.fn();
  createBrowser().onComputerLocked(listener);
  for (const state of ['idle', 'active']) addListener.mock.calls[0]?.[0](state);
  expect(listener).not.toHaveBeenCalled();
  addListener.mock.calls[0]?.[0]('locked');
  expect(listener).toHaveBeenCalledTimes(1);
});

test('T70 without the permission nothing is listened to, and with it from the moment it is given', () => {
  const listener = vi.fn();
  createBrowser().onComputerLocked(listener);
  const given = api.permissions.onAdded.addListener.mock.calls[0]?.[0];
  given({ permissions: [] });
  const addListener = withIdle();
  given({ permissions: ['idle'] });
  addListener.mock.calls[0]?.[0]('locked');
  expect(listener).toHaveBeenCalledTimes(1);
});

test('a sign-in is shown to the person and comes back to an address of this extension', async () => {
  const { signInAddress, openSignIn } = createBrowser();
  expect(signInAddress('p/nonce')).toBe('https://oriel-id.chromiumapp.org/p/nonce');
  expect(await openSignIn('https://provider.test/auth')).toBe('https://oriel-id.chromiumapp.org/p/nonce?code=1');
  const asked = { url: 'https://provider.test/auth', interactive: true };
  expect(api.identity.launchWebAuthFlow).toHaveBeenCalledExactlyOnceWith(asked);
});

test('the page menu gets its entry when Oriel is installed, and tells of it with window and text', () => {
  const listener = vi.fn();
  createBrowser().onAskSelection(listener);
  expect(api.contextMenus.create).not.toHaveBeenCalled();
  api.runtime.onInstalled.addListener.mock.calls[0]?.[0]({ reason: 'install' });
  expect(api.contextMenus.create).toHaveBeenCalledExactlyOnceWith({
    id: 'ask-selection',
    contexts: ['selection'],
    title: 'the words of menuAskSelection',
  });
  const clicked = api.contextMenus.onClicked.addListener.mock.calls[0]?.[0];
  clicked({ menuItemId: 'other', selectionText: 'words' }, { windowId: 3 });
  clicked({ menuItemId: 'ask-selection' }, { windowId: 3 });
  clicked({ menuItemId: 'ask-selection', selectionText: 'words' }, undefined);
  expect(listener).not.toHaveBeenCalled();
  clicked({ menuItemId: 'ask-selection', selectionText: 'words' }, { windowId: 3 });
  expect(listener).toHaveBeenCalledExactlyOnceWith(3, 'words');
});

test('the chat opens in the side panel of Chromium, in the sidebar of Firefox', async () => {
  await createBrowser().openPanel(3);
  expect(api.sidebarAction.open).toHaveBeenCalledExactlyOnceWith();
  const open = vi.fn(async () => undefined);
  vi.stubGlobal('chrome', { sidePanel: { open } });
  await createBrowser().openPanel(3);
  expect(open).toHaveBeenCalledExactlyOnceWith({ windowId: 3 });
  expect(api.sidebarAction.open).toHaveBeenCalledTimes(1);
});

test('a browser without offscreen documents has none to open', async () => {
  const browser = createBrowser();
  expect(browser.openOffscreen).toBeUndefined();
  await browser.closeOffscreen();
});

test('the offscreen document is opened once and closed where it is', async () => {
  let isOpen = false;
  const offscreen = {
    hasDocument: async () => isOpen,
    createDocument: vi.fn(async () => {
      isOpen = true;
    }),
    closeDocument: vi.fn(async () => {
      isOpen = false;
    }),
  };
  vi.stubGlobal('chrome', { offscreen });
  const browser = createBrowser();
  await browser.closeOffscreen();
  await browser.openOffscreen?.();
  await browser.openOffscreen?.();
  expect(offscreen.createDocument).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ url: 'offscreen.html', reasons: ['WORKERS'] }),
  );
  await browser.closeOffscreen();
  expect(offscreen.closeDocument).toHaveBeenCalledTimes(1);
});

test('access is asked for by host, and a host that no pattern can name is not what is missing', async () => {
  const { hasAccess } = createBrowser();
  expect(await hasAccess(new URL('http://127.0.0.1:5000/v1/models'))).toBe(false);
  expect(api.permissions.contains).toHaveBeenLastCalledWith({ origins: ['http://127.0.0.1/*'] });
  api.permissions.contains.mockRejectedValueOnce(new Error('Invalid host'));
  expect(await hasAccess(new URL('http://[fe80::1]/v1'))).toBe(true);
  api.permissions.getAll.mockResolvedValueOnce({ origins: ['https://*/*'] });
  expect(await hasAccess(new URL('https://api.openai.com/v1'))).toBe(true);
});

test('only Firefox is asked whether data may leave this computer', async () => {
  expect(await createBrowser().mayTransmit()).toBe(true);
  expect(api.permissions.contains).not.toHaveBeenCalled();
  const firefox = vi.spyOn(api.runtime, 'getURL').mockReturnValue('moz-extension://uuid/');
  onTestFinished(() => firefox.mockRestore());
  const { mayTransmit } = createBrowser();
  expect(await mayTransmit()).toBe(false);
  expect(api.permissions.contains).toHaveBeenLastCalledWith({
    data_collection: ['websiteContent', 'personalCommunications', 'authenticationInfo'],
  });
  api.permissions.contains.mockResolvedValueOnce(true);
  expect(await mayTransmit()).toBe(true);
});

const notice = { title: 'OpenAI rejected your key.', message: '<b>in vain</b>', button: 'Fix' };

test('without its permission the system is told nothing, and with it text alone', async () => {
  const browser = createBrowser();
  expect(await browser.notify('fix c1', notice)).toBe(false);
  await browser.withdrawNotice('fix c1');
  const create = vi.fn(async (id: string) => id);
  const clear = vi.fn(async () => true);
  const [onClicked, onButtonClicked] = [{ addListener: vi.fn() }, { addListener: vi.fn() }];
  onTestFinished(() => {
    api.notifications = undefined;
  });
  api.notifications = { create, clear, onClicked, onButtonClicked };
  expect(await browser.notify('fix c1', notice)).toBe(true);
  const { title, message } = notice;
  const basic = { type: 'basic', iconUrl: 'chrome-extension://oriel-id/icon/128.png', title, message };
  expect(create).toHaveBeenLastCalledWith('fix c1', { ...basic, buttons: [{ title: 'Fix' }] });
  // In Firefox a button is an error, though the event of its press is there.
  const getURL = vi.spyOn(api.runtime, 'getURL').mockImplementation((path) => `moz-extension://oriel-id/${path}`);
  await browser.notify('fix c1', notice);
  expect(create).toHaveBeenLastCalledWith('fix c1', { ...basic, iconUrl: 'moz-extension://oriel-id/icon/128.png' });
  getURL.mockRestore();
  await browser.withdrawNotice('fix c1');
  expect(clear).toHaveBeenCalledExactlyOnceWith('fix c1');
  const listener = vi.fn();
  browser.onNoticePressed(listener);
  expect(onClicked.addListener).toHaveBeenCalledExactlyOnceWith(listener);
  expect(onButtonClicked.addListener).toHaveBeenCalledExactlyOnceWith(listener);
});

test('a permission that comes later is listened to from then on', () => {
  createBrowser().onNoticePressed(vi.fn());
  expect(api.permissions.onAdded.addListener).toHaveBeenCalledOnce();
});

test('the browser is in front where one of its windows has the focus', async () => {
  api.windows.getLastFocused
    .mockResolvedValueOnce({ focused: true })
    .mockResolvedValueOnce({ focused: false })
    .mockRejectedValueOnce(new Error('No window'));
  const { isInFront } = createBrowser();
  expect([await isInFront(), await isInFront(), await isInFront()]).toEqual([true, false, false]);
});

test('words of the locale come with what belongs into them', () => {
  const { words } = createBrowser();
  expect(words('menuAskSelection')).toBe('the words of menuAskSelection');
  expect(words('{name} of {other}', { name: '$& <b>' })).toBe('the words of $& <b> of {other}');
});

test('a page of Oriel opens in a tab whose window comes to the front', async () => {
  api.tabs.create.mockResolvedValueOnce({ windowId: 4 }).mockResolvedValueOnce({});
  const { openTab } = createBrowser();
  await openTab('options.html#connections/c1');
  expect(api.tabs.create).toHaveBeenCalledExactlyOnceWith({ url: 'chrome-extension://oriel-id/options.html#connections/c1' });
  await openTab('options.html');
  expect(api.windows.update).toHaveBeenCalledExactlyOnceWith(4, { focused: true });
});

test('after an installation or an update it tells which tabs were open, after another start nothing', async () => {
  api.tabs.query.mockResolvedValue([{ id: 1 }, {}, { id: 2 }]);
  const listener = vi.fn();
  createBrowser().onArrived(listener);
  const heard = api.runtime.onInstalled.addListener.mock.calls.at(-1)?.[0] as (details: { reason: string }) => Promise<void>;
  await heard({ reason: 'browser_update' });
  expect(listener).not.toHaveBeenCalled();
  await heard({ reason: 'install' });
  expect(listener).toHaveBeenCalledExactlyOnceWith([1, 2]);
});

test('the keys for the chat open it, and close it where it is open and the browser can', async () => {
  const [open, close, getContexts] = [
    vi.fn(async () => undefined),
    vi.fn(async () => undefined),
    vi.fn(async () => [] as unknown[]),
  ];
  vi.stubGlobal('chrome', { sidePanel: { open, close }, runtime: { getContexts } });
  createBrowser().togglePanelByKey();
  const pressed = api.commands.onCommand.addListener.mock.calls.at(-1)?.[0] as (name: string, tab?: object) => void;
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  pressed('toggle-chat');
  pressed('another', { windowId: 5 });
  expect(open).not.toHaveBeenCalled();
  pressed('toggle-chat', { windowId: 5 });
  await settled();
  expect([open.mock.calls.length, close.mock.calls.length]).toEqual([1, 0]);
  getContexts.mockResolvedValueOnce([{}]);
  pressed('toggle-chat', { windowId: 5 });
  await settled();
  expect(close).toHaveBeenCalledExactlyOnceWith({ windowId: 5 });
});

test('where there is no side panel the browser itself has keys for the sidebar', () => {
  createBrowser().togglePanelByKey();
  expect(api.commands.onCommand.addListener).not.toHaveBeenCalled();
});

test('an installation is told, an update is not', () => {
  const listener = vi.fn();
  createBrowser().onInstalled(listener);
  const installed = api.runtime.onInstalled.addListener.mock.calls[0]?.[0];
  installed({ reason: 'update' });
  expect(listener).not.toHaveBeenCalled();
  installed({ reason: 'install' });
  expect(listener).toHaveBeenCalledTimes(1);
});

test('a page of Oriel is opened in a tab', async () => {
  await createBrowser().openTab('welcome.html');
  expect(api.tabs.create).toHaveBeenCalledExactlyOnceWith({ url: 'chrome-extension://oriel-id/welcome.html' });
});
