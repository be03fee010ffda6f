import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Sender } from '../../background/browser-api';
import { identify, subjectKey } from '../../background/identity';
import type { Origin } from '../../protocol/ids';
import { ownFramePortName, pagePortName } from '../../protocol/names';
import { own, pageOf, senderOf, uiSender } from './support/pages';

const site = senderOf();
const tabOf = (sender: Sender) => {
  if (!sender.tab) throw new Error('A web page has a tab.');
  return sender.tab;
};

const pages: [string, Sender, object][] = [
  ['a top document', site, { subject: { top: 'https://site.test' }, documentId: 'document-1', tabId: 1, isPrivate: false }],
  [
    'a frame of another origin',
    senderOf({ origin: 'https://widget.test', top: 'https://site.test' }),
    { subject: { top: 'https://site.test', frame: 'https://widget.test' } },
  ],
  ['an about:blank frame, by its inherited origin', { ...site, url: 'about:blank' }, { subject: { top: 'https://site.test' } }],
  ['a srcdoc document', { ...site, url: 'about:srcdoc' }, { subject: { top: 'https://site.test' } }],
  ['a blob document', { ...site, url: 'blob:https://site.test/1' }, { subject: { top: 'https://site.test' } }],
  ['a private window', senderOf({ isPrivate: true }), { isPrivate: true }],
  ['another port', senderOf({ origin: 'https://site.test:8443' }), { subject: { top: 'https://site.test:8443' } }],
  ['no lifecycle, as in Firefox', without('documentLifecycle'), { subject: { top: 'https://site.test' } }],
];

function without(...names: (keyof Sender)[]): Sender {
  return Object.fromEntries(Object.entries(site).filter(([name]) => !names.some((other) => other === name)));
}

test.each(pages)('T3 %s is a page', (_name, sender, expected) => {
  expect(identify(sender, own)).toMatchObject({ type: 'page', ...expected });
});

// T5: what the browser states of a frame is the same whether another site is in between or not.
test.each<[string, string | undefined, object]>([
  ['with its own frames only around it', ownFramePortName, { top: 'https://site.test' }],
  ['inside another site', pagePortName, { top: 'https://site.test', frame: 'https://site.test' }],
  ['whose relay says nothing', undefined, { top: 'https://site.test', frame: 'https://site.test' }],
  ['whose relay says nonsense', 'x', { top: 'https://site.test', frame: 'https://site.test' }],
])('T5 a frame of the top’s origin %s', (_name, portName, subject) => {
  expect(identify(senderOf({ top: 'https://site.test' }), own, portName)).toMatchObject({ type: 'page', subject });
});

test('T5 a frame of another origin is a pair, whatever its port is called', () => {
  const sender = senderOf({ origin: 'https://widget.test', top: 'https://site.test' });
  for (const name of [pagePortName, ownFramePortName, undefined])
    expect(identify(sender, own, name)).toMatchObject({ subject: { top: 'https://site.test', frame: 'https://widget.test' } });
});

test('T5 a top document is its site, whatever its port is called', () => {
  expect(identify(site, own, pagePortName)).toMatchObject({ subject: { top: 'https://site.test' } });
});

const nobodies: [string, Sender | undefined][] = [
  ['no sender', undefined],
  ['another extension', { ...site, id: 'other-id' }],
  ['no extension id', without('id')],
  // M7: its URL says the site, its origin does not.
  ['a sandboxed frame', { ...site, origin: 'null' }],
  ['no origin', without('origin')],
  ['a file', { ...site, origin: 'file://', url: 'file:///home/a.html' }],
  ['a file with an opaque origin', { ...site, origin: 'null', url: 'file:///home/a.html' }],
  ['a data: document', { ...site, origin: 'null', url: 'data:text/html,x' }],
  ['a page of another extension', { ...site, origin: 'chrome-extension://other', url: 'chrome-extension://other/x.html' }],
  ['a prerendered document', { ...site, documentLifecycle: 'prerender' }],
  ['a cached document', { ...site, documentLifecycle: 'cached' }],
  ['a document that goes', { ...site, documentLifecycle: 'pending_deletion' }],
  ['no document id', without('documentId')],
  ['an empty document id', { ...site, documentId: '' }],
  ['no tab', without('tab')],
  [
    'a tab without an id',
    { ...site, tab: Object.fromEntries(Object.entries(tabOf(site)).filter(([name]) => name !== 'id')) as never },
  ],
  ['no frame id', without('frameId')],
  ['a frame in a tab of unknown address', { ...site, frameId: 2, tab: { ...tabOf(site), url: undefined } as never }],
  ['a frame in a tab whose address is nonsense', { ...site, frameId: 2, tab: { ...tabOf(site), url: 'nonsense' } }],
  ['a frame in a file', { ...site, frameId: 2, tab: { ...tabOf(site), url: 'file:///home/a.html' } }],
  ['a web page that claims an own URL', { ...uiSender(), origin: 'https://site.test' }],
  ['a sandboxed own page', { ...uiSender(), origin: 'null' }],
  ['an own URL of another extension', { ...uiSender(), id: 'other-id' }],
  ['an address that only begins like ours', { ...uiSender(), url: 'chrome-extension://oriel-id.evil.test/popup.html' }],
];

test.each(nobodies)('T2 %s is nobody', (_name, sender) => {
  expect(identify(sender, own)).toEqual({ type: 'nobody' });
});

test.each(['popup.html', 'options.html#/sites', 'approval.html?id=1', 'welcome.html'])('our own %s is the interface', (page) => {
  expect(identify(uiSender(page), own)).toEqual({ type: 'ui' });
});

test('an own page is the interface where the browser states no origin', () => {
  const { origin: _, ...sender } = uiSender();
  expect(identify(sender, own)).toEqual({ type: 'ui' });
});

test('the offscreen document is the engine, and no screen is', () => {
  expect(identify(uiSender('offscreen.html'), own)).toEqual({ type: 'engine' });
  expect(identify(uiSender('popup.html?offscreen.html'), own)).toEqual({ type: 'ui' });
});

test.each([
  ['https://site.test', false],
  ['http://localhost:3000', false],
  ['http://app.localhost', false],
  ['http://127.0.0.1:8080', false],
  ['http://127.9.9.9', false],
  ['http://[::1]:8080', false],
  ['http://192.168.1.5', true],
  ['http://nas', true],
  ['http://site.test', true],
  ['http://127.0.0.1.evil.test', true],
  ['http://localhost.evil.test', true],
  ['http://notlocalhost', true],
])('a page of %s is insecure: %s', (origin, insecure) => {
  expect(pageOf({ origin }).insecure).toBe(insecure);
});

test('a secure frame on an insecure page is insecure', () => {
  expect(pageOf({ origin: 'https://widget.test', top: 'http://nas' }).insecure).toBe(true);
});

test('T47 keys of subjects tell a site, its frames and its pairs apart', () => {
  const a = 'https://a.test' as Origin;
  const b = 'https://b.test' as Origin;
  const keys = [{ top: a }, { top: b }, { top: a, frame: a }, { top: a, frame: b }, { top: b, frame: a }].map(subjectKey);
  expect(new Set(keys).size).toBe(5);
});

const anyHost = fc.oneof(
  fc.domain(),
  fc.domain().map((host) => `${host}.`),
  fc.ipV4(),
  fc.ipV6().map((ip) => `[${ip}]`),
  fc.constantFrom('bücher.example', 'EXAMPLE.com', 'example.com', 'example.com.', 'xn--bcher-kva.example'),
);
const anySite = fc.record({
  scheme: fc.constantFrom('https', 'http'),
  host: anyHost,
  port: fc.constantFrom('', ':443', ':80', ':8443'),
});

test('T47 property: a site is its scheme, host and port and nothing else, in the letters that the browser gives them', () => {
  const parsed = ({ scheme, host, port }: { scheme: string; host: string; port: string }, path: string) =>
    new URL(`${scheme}://user:secret@${host}${port}/${path}`);
  fc.assert(
    fc.property(anySite, anySite, fc.webPath(), (one, other, path) => {
      const keyOf = (url: URL) => subjectKey(pageOf({ origin: url.origin }).subject);
      const [first, second] = [parsed(one, path), parsed(other, '')];
      expect(keyOf(first)).toBe(first.origin);
      expect(keyOf(first) === keyOf(second)).toBe(
        first.protocol === second.protocol && first.hostname === second.hostname && first.port === second.port,
      );
      // The address, and who is named in it, is not looked at.
      const sender = { ...senderOf({ origin: first.origin }), url: second.href };
      expect(identify(sender, own)).toMatchObject({ subject: { top: first.origin } });
      expect(keyOf(first)).toMatch(/^https?:\/\/[\x21-\x7e]+$/);
      expect(keyOf(first)).not.toMatch(/[A-Z@]/);
    }),
  );
});
