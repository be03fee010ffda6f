// @vitest-environment happy-dom
// Node's own events know neither `capture` as a boolean nor a cancelable MessageEvent.
import { expect, onTestFinished, test, vi } from 'vitest';
import { offerPort, takePort } from '../../page/handshake';

const newDocument = () => document.implementation.createHTMLDocument('');

/** What comes out at the relay's end of what goes in at the page's. */
async function isConnected(page: MessagePort, relay: MessagePort | undefined): Promise<unknown> {
  onTestFinished(() => {
    page.close();
    relay?.close();
  });
  return new Promise((resolve) => {
    if (relay) relay.onmessage = ({ data }) => resolve(data);
    page.postMessage('through');
  });
}

test('the relay first, then the page script', async () => {
  const document = newDocument();
  const use = vi.fn<(port: MessagePort) => void>();
  takePort(document, use);
  expect(use).not.toHaveBeenCalled();
  const page = offerPort(document);
  expect(use).toHaveBeenCalledTimes(1);
  expect(await isConnected(page, use.mock.calls[0]?.[0])).toBe('through');
});

test('the page script first, then the relay', async () => {
  const document = newDocument();
  const page = offerPort(document);
  const use = vi.fn<(port: MessagePort) => void>();
  takePort(document, use);
  expect(use).toHaveBeenCalledTimes(1);
  expect(await isConnected(page, use.mock.calls[0]?.[0])).toBe('through');
});

test.each([
  ['relay', true],
  ['page script', false],
])('where the %s comes first, a page that listens for the port gets nothing, and a second relay none', (_name, relayFirst) => {
  const document = newDocument();
  const use = vi.fn<(port: MessagePort) => void>();
  const steps = [() => takePort(document, use), () => offerPort(document).close()];
  for (const step of relayFirst ? steps : steps.reverse()) step();
  const stolen = vi.fn();
  for (const name of ['oriel:offer', 'oriel:want']) document.addEventListener(name, stolen);
  const second = vi.fn();
  document.dispatchEvent(new Event('oriel:want'));
  takePort(document, second);
  expect(stolen.mock.calls.every(([event]) => !('ports' in event) || event.ports.length === 0)).toBe(true);
  expect(second).not.toHaveBeenCalled();
  expect(use).toHaveBeenCalledTimes(1);
  use.mock.calls[0]?.[0].close();
});

test('an offer without a port is no offer', () => {
  const document = newDocument();
  const use = vi.fn();
  takePort(document, use);
  document.dispatchEvent(new MessageEvent('oriel:offer'));
  expect(use).not.toHaveBeenCalled();
});
