import { expect, test } from 'vitest';
import { hostOf, siteName } from '../../components/site-name';

const long = `${'a'.repeat(30)}.${'b'.repeat(30)}`;

test.each([
  ['https://example.com', 'example.com'],
  ['https://www.example.com', 'www.example.com'],
  ['https://a.b.c.example.com', 'a.b.c.example.com'],
  ['https://example.com:443', 'example.com'],
  ['https://example.com:8443', 'example.com:8443'],
  ['http://example.com', 'http://example.com'],
  ['http://example.com:80', 'http://example.com'],
  ['http://example.com:8080', 'http://example.com:8080'],
  ['http://localhost:3000', 'http://localhost:3000'],
  ['https://localhost:3000', 'localhost:3000'],
  ['http://127.0.0.1:8801', 'http://127.0.0.1:8801'],
  ['http://192.168.1.77', 'http://192.168.1.77'],
  ['https://192.168.1.77:8123', '192.168.1.77:8123'],
  ['http://[::1]:8080', 'http://[::1]:8080'],
  ['https://[2001:db8::1]', '[2001:db8::1]'],
  ['https://[2001:db8:1111:2222:3333:4444:5555:6666]:8443', '[2001:db8:1111:2222:3333:4444:5555:6666]:8443'],
  ['https://example.com.', 'example.com.'],
  ['https://EXAMPLE.com', 'example.com'],
  ['https://bücher.example', 'xn--bcher-kva.example'],
  ['https://xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['https://аpple.com', 'xn--pple-43d.com'],
  ['https://пример.рф', 'xn--e1afmkfd.xn--p1ai'],
  ['https://日本語.jp', 'xn--wgv71a119e.jp'],
  ['https://faß.de', 'xn--fa-hia.de'],
  ['https://exam\u200bple.com', 'example.com'],
  ['https://exam\u00adple.com', 'example.com'],
  ['https://ｅｘａｍｐｌｅ.com', 'example.com'],
  ['https://example。com', 'example.com'],
  ['https://user:secret@example.com', 'example.com'],
  ['https://paypal.com@evil.example', 'evil.example'],
  ['https://nas', 'nas'],
  ['http://printer.local', 'http://printer.local'],
  ['https://127.0.0.1.evil.example', '127.0.0.1.evil.example'],
  ['https://paypal.com.evil.example', 'paypal.com.evil.example'],
  ['https://secure.login.accounts.paypal.com.session.evil.example', '…accounts.paypal.com.session.evil.example'],
  [`https://${long}.example.com`, `…${'b'.repeat(30)}.example.com`],
  [`https://${long}.example.co.uk`, `…example.co.uk`],
  [`https://${long}.example.co.uk:8443`, `…example.co.uk:8443`],
  [`http://${long}.example.com`, `http://…${'b'.repeat(30)}.example.com`],
  [`https://${long}.example.com.`, `…${'b'.repeat(30)}.example.com.`],
  [`https://${'a'.repeat(60)}.com`, `${'a'.repeat(60)}.com`],
  [`https://x.${'a'.repeat(60)}.co.uk`, `…${'a'.repeat(60)}.co.uk`],
  ['null', '?'],
  ['not an origin', '?'],
  ['https://\u202eexample.com', '?'],
  ['https://exam\u202aple.com', '?'],
  ['https://exam\u2066ple.com', '?'],
  ['https://exam\u200eple.com', '?'],
  ['https://paypаl.com', 'xn--paypl-7ve.com'],
])('T29 %s is shown as %s', (origin, shown) => {
  expect(siteName(origin).text).toBe(shown);
});

test('T29 keeps all of a long host for details', () => {
  expect(siteName(`https://${long}.example.com:8443`).full).toBe(`${long}.example.com:8443`);
});

test.each([
  ['https://xn--pple-43d.com', true],
  ['https://www.xn--bcher-kva.example', true],
  ['https://example.com', false],
  ['https://not-xn--here.example', false],
])('T29 %s holds foreign letters: %s', (origin, encoded) => {
  expect(siteName(origin).encoded).toBe(encoded);
});

test.each([
  ['http://127.0.0.1:8080/v1', '127.0.0.1:8080'],
  ['https://api.example.com/', 'api.example.com'],
  ['http://', undefined],
  ['127.0.0.1:8080', undefined],
  ['javascript:alert(1)', undefined],
  ['', undefined],
])('the host of the typed address %s is %s', (address, host) => {
  expect(hostOf(address)).toBe(host);
});
