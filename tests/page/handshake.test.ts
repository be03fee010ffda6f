import { expect, type Mock, onTestFinished, test, vi } from 'vitest';
import { takePort } from '../../page/handshake';
import { offerPort, type PagePort } from '../../page/page-port';
import { createWindow } from './support/document';

const newWindow = () => createWindow().window;

type Use = Mock<(port: MessagePort) => void>;
const newUse = (): Use => vi.fn<(port: MessagePort) => void>();

/** What comes out at the relay's end of what goes in at the page's. */
async function isConnected(page: PagePort, use: Use): Promise<unknown> {
  expect(use).not.toHaveBeenCalled();
  page.postMessage('through');
  expect(use).toHaveBeenCalledTimes(1);
  const relay = use.mock.calls[0]?.[0];
  onTestFinished(() => relay?.close());
  return new Promise((resolve) => {
    if (relay) relay.onmessage = ({ data }) => resolve(data);
  });
}

test('the relay first, then the page script', async () => {
  const window = newWindow();
  const use = newUse();
  takePort(window, use);
  const page = offerPort(window);
  expect(await isConnected(page, use)).toBe('through');
});

test('the page script first, then the relay', async () => {
  const window = newWindow();
  const page = offerPort(window);
  const use = newUse();
  takePort(window, use);
  expect(await isConnected(page, use)).toBe('through');
});

test.each([
  ['relay', true],
  ['page script', false],
])(
  'where the %s comes first, a page that listens for the port gets nothing, and a second relay none',
  async (_name, relayFirst) => {
    const window = newWindow();
    const use = newUse();
    let page: PagePort | undefined;
    const steps = [
      () => takePort(window, use),
      () => {
        page = offerPort(window);
      },
    ];
    for (const step of relayFirst ? steps : steps.reverse()) step();
    const stolen: Event[] = [];
    for (const name of ['oriel:offer', 'oriel:want']) window.addEventListener(name, (event) => stolen.push(event), true);
    const second = vi.fn();
    window.dispatchEvent(new Event('oriel:want'));
    takePort(window, second);
    expect(await isConnected(page as PagePort, use)).toBe('through');
    expect(stolen.every(({ type }) => type === 'oriel:want')).toBe(true);
    expect(second).not.toHaveBeenCalled();
  },
);

test('an offer without a place to meet is no offer', async () => {
  const window = newWindow();
  const use = newUse();
  takePort(window, use);
  window.dispatchEvent(new FocusEvent('oriel:offer'));
  expect(await isConnected(offerPort(window), use)).toBe('through');
});

test('a page that has replaced the methods of ports before its first call has its port all the same', async () => {
  const window = newWindow();
  let given: MessagePort | undefined;
  takePort(window, (port) => {
    given = port;
  });
  const page = offerPort(window);
  const { postMessage } = MessagePort.prototype;
  const broken = () => {
    throw new Error('replaced');
  };
  MessagePort.prototype.postMessage = broken;
  try {
    page.postMessage('first');
  } finally {
    MessagePort.prototype.postMessage = postMessage;
  }
  expect(given).toBeInstanceOf(MessagePort);
  given?.close();
});
