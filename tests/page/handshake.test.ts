import { expect, type Mock, onTestFinished, test, vi } from 'vitest';
import { takePort } from '../../page/handshake';
import { offerPort, type PagePort } from '../../page/page-port';
import { createWindow } from './support/document';

const newDocument = () => createWindow().document;

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
  const document = newDocument();
  const use = newUse();
  takePort(document, use);
  const page = offerPort(document);
  expect(await isConnected(page, use)).toBe('through');
});

test('the page script first, then the relay', async () => {
  const document = newDocument();
  const page = offerPort(document);
  const use = newUse();
  takePort(document, use);
  expect(await isConnected(page, use)).toBe('through');
});

test.each([
  ['relay', true],
  ['page script', false],
])(
  'where the %s comes first, a page that listens for the port gets nothing, and a second relay none',
  async (_name, relayFirst) => {
    const document = newDocument();
    const use = newUse();
    let page: PagePort | undefined;
    const steps = [
      () => takePort(document, use),
      () => {
        page = offerPort(document);
      },
    ];
    for (const step of relayFirst ? steps : steps.reverse()) step();
    const stolen: Event[] = [];
    for (const name of ['oriel:offer', 'oriel:want']) document.addEventListener(name, (event) => stolen.push(event), true);
    const second = vi.fn();
    document.dispatchEvent(new Event('oriel:want'));
    takePort(document, second);
    expect(await isConnected(page as PagePort, use)).toBe('through');
    expect(stolen.every(({ type }) => type === 'oriel:want')).toBe(true);
    expect(second).not.toHaveBeenCalled();
  },
);

test('an offer without a place to meet is no offer', async () => {
  const document = newDocument();
  const use = newUse();
  takePort(document, use);
  document.dispatchEvent(new FocusEvent('oriel:offer'));
  expect(await isConnected(offerPort(document), use)).toBe('through');
});

test('a page that has replaced the iteration of arrays and the methods of ports has its port all the same', async () => {
  const document = newDocument();
  let given: MessagePort | undefined;
  takePort(document, (port) => {
    given = port;
  });
  const page = offerPort(document);
  const { postMessage } = MessagePort.prototype;
  const iterate = Array.prototype[Symbol.iterator];
  const broken = () => {
    throw new Error('replaced');
  };
  MessagePort.prototype.postMessage = broken;
  Array.prototype[Symbol.iterator] = broken;
  try {
    page.postMessage('first');
  } finally {
    MessagePort.prototype.postMessage = postMessage;
    Array.prototype[Symbol.iterator] = iterate;
  }
  expect(given).toBeInstanceOf(MessagePort);
  given?.close();
});
