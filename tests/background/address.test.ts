import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readBaseUrl } from '../../background/address';
import { AiError } from '../../protocol/errors';
import { limits } from '../../protocol/limits';
import { rowOf } from '../../providers/catalog';
import { placeOfAddress } from '../../providers/place';
import type { CatalogRow } from '../../providers/provider';

function rowNamed(id: string): CatalogRow {
  const row = rowOf(id);
  if (!row) throw new Error(`There is no row ${id}.`);
  return row;
}

const row = rowNamed('openai-compatible');

test.each([
  // Written in full.
  ['https://api.example.com/v1', 'https://api.example.com/v1'],
  ['https://api.example.com/v1/', 'https://api.example.com/v1'],
  ['https://api.example.com/v1///', 'https://api.example.com/v1'],
  ['  https://api.example.com/v1  ', 'https://api.example.com/v1'],
  ['HTTPS://API.Example.COM/v1', 'https://api.example.com/v1'],
  ['https://api.example.com:443/v1', 'https://api.example.com/v1'],
  ['https://api.example.com:8443/v1', 'https://api.example.com:8443/v1'],
  ['https://example.com/team/proxy/v1', 'https://example.com/team/proxy/v1'],
  ['https://example.com/a/../v1', 'https://example.com/v1'],
  ['https://пример.рф/v1', 'https://xn--e1afmkfd.xn--p1ai/v1'],
  ['https://example.com./v1', 'https://example.com./v1'],
  ['https://8.8.8.8/v1', 'https://8.8.8.8/v1'],
  // A bare host gets the row's path.
  ['https://api.example.com', 'https://api.example.com/v1'],
  ['https://api.example.com/', 'https://api.example.com/v1'],
  ['api.example.com', 'https://api.example.com/v1'],
  ['api.example.com:8443', 'https://api.example.com:8443/v1'],
  ['api.example.com/openai', 'https://api.example.com/openai'],
  // Pasted endpoints.
  ['https://api.example.com/v1/chat/completions', 'https://api.example.com/v1'],
  ['https://api.example.com/v1/chat/completions/', 'https://api.example.com/v1'],
  ['https://api.example.com/v1/completions', 'https://api.example.com/v1'],
  ['https://api.example.com/v1/models', 'https://api.example.com/v1'],
  ['https://api.example.com/models', 'https://api.example.com/v1'],
  ['127.0.0.1:8080/v1/chat/completions', 'http://127.0.0.1:8080/v1'],
  // This computer.
  ['http://127.0.0.1:8080/v1', 'http://127.0.0.1:8080/v1'],
  ['127.0.0.1:8080', 'http://127.0.0.1:8080/v1'],
  ['http://localhost:11434', 'http://127.0.0.1:11434/v1'],
  ['localhost:11434', 'http://127.0.0.1:11434/v1'],
  ['LocalHost:11434', 'http://127.0.0.1:11434/v1'],
  ['localhost', 'http://127.0.0.1/v1'],
  ['http:/127.0.0.1:8080', 'http://127.0.0.1:8080/v1'],
  ['http://localhost.:11434', 'http://127.0.0.1:11434/v1'],
  ['https://localhost:8443/v1', 'https://127.0.0.1:8443/v1'],
  ['http://[::1]:8080/v1', 'http://[::1]:8080/v1'],
  ['[::1]:8080', 'http://[::1]:8080/v1'],
  ['http://[0:0:0:0:0:0:0:1]:8080/v1', 'http://[::1]:8080/v1'],
  ['http://2130706433:8080/v1', 'http://127.0.0.1:8080/v1'],
  ['http://0177.0.0.1/v1', 'http://127.0.0.1/v1'],
  ['http://0x7f000001/v1', 'http://127.0.0.1/v1'],
  ['http://0x7f.1/v1', 'http://127.0.0.1/v1'],
  ['http://127.1/v1', 'http://127.0.0.1/v1'],
  ['127.1:8080', 'http://127.0.0.1:8080/v1'],
  ['http://app.localhost:3000/v1', 'http://app.localhost:3000/v1'],
  // The network at home.
  ['http://192.168.1.5:1234/v1', 'http://192.168.1.5:1234/v1'],
  ['192.168.1.5:1234', 'http://192.168.1.5:1234/v1'],
  ['http://10.0.0.7', 'http://10.0.0.7/v1'],
  ['http://172.16.0.1', 'http://172.16.0.1/v1'],
  ['http://172.31.255.1', 'http://172.31.255.1/v1'],
  ['http://100.64.1.1', 'http://100.64.1.1/v1'],
  ['nas:8080', 'http://nas:8080/v1'],
  ['http://nas.local', 'http://nas.local/v1'],
  ['studio.home.arpa', 'http://studio.home.arpa/v1'],
  ['http://[fd12::1]:8080', 'http://[fd12::1]:8080/v1'],
  ['[fd12::1]:8080', 'http://[fd12::1]:8080/v1'],
])('T49 %s is read as %s', (input, expected) => {
  expect(readBaseUrl(input, row)).toBe(expected);
});

test.each([
  ['nothing', ''],
  ['blanks', '   '],
  ['words', 'my own server'],
  ['another scheme', 'ftp://example.com'],
  ['a file', 'file:///etc/passwd'],
  ['script', 'javascript:alert(1)'],
  ['data', 'data:text/html,x'],
  ['mail', 'mailto:me@example.com'],
  ['a socket', 'ws://127.0.0.1:8080'],
  ['an extension', 'chrome-extension://abc/x'],
  ['a user name', 'https://user@example.com/v1'],
  ['a password', 'https://user:secret@example.com/v1'],
  ['a host that looks like a user', 'https://api.openai.com@evil.test/v1'],
  ['a query', 'https://example.com/v1?key=1'],
  ['a fragment', 'https://example.com/v1#x'],
  ['port 0', 'http://127.0.0.1:0/v1'],
  ['a port that is none', 'http://127.0.0.1:99999'],
  ['a host that is none', 'http://'],
  ['a broken IPv6 address', 'http://[::1/v1'],
  ['a metadata service', 'http://169.254.169.254/latest'],
  ['a metadata service over https', 'https://169.254.169.254/v1'],
  ['a metadata service without a scheme', '169.254.169.254'],
  ['a metadata service in decimal', 'http://2852039166/'],
  ['a metadata service in hex', 'http://0xa9fea9fe/'],
  ['a metadata service in octal', 'http://0251.0376.0251.0376/'],
  ['a metadata service, mapped', 'http://[::ffff:169.254.169.254]/'],
  ['a metadata service by IPv6', 'http://[fd00:ec2::254]/'],
  ['a metadata service by name', 'http://metadata.google.internal/'],
  ['link-local', 'http://169.254.1.1/'],
  ['any address', 'http://0.0.0.0:8080'],
  ['any address, short', 'http://0:8080'],
  ['any IPv6 address', 'http://[::]:8080'],
  ['plain http to the internet', 'http://example.com/v1'],
  ['plain http to a public address', 'http://8.8.8.8/v1'],
  ['plain http just outside of a private network', 'http://172.32.0.1/v1'],
  ['plain http just outside of the shared network', 'http://100.128.0.1/v1'],
  ['plain http to a name that begins like this computer', 'http://127.0.0.1.evil.test/v1'],
  ['plain http to a name that ends like it', 'http://localhost.evil.test/v1'],
  ['plain http to a mapped address', 'http://[::ffff:127.0.0.1]/v1'],
  ['plain http to a translated address', 'http://[64:ff9b::7f00:1]/v1'],
  ['plain http to a public IPv6 address', 'http://[2001:db8::1]/v1'],
])('T49 %s is refused at the field: %s', (_name, input) => {
  expect(() => readBaseUrl(input, row)).toThrow(
    expect.objectContaining({ name: 'AiError', code: 'invalid-request', field: 'baseUrl' }),
  );
});

// What a name resolves to, somebody else decides; a literal goes where it says.
test('T55 this computer is saved by its number, and no name on the internet stands for it without encryption', () => {
  for (const name of ['localhost', 'LOCALHOST', 'localhost.', 'http://localhost:11434/v1'])
    expect(new URL(readBaseUrl(name, row)).hostname).toBe('127.0.0.1');
  for (const name of ['http://rebound.test', 'http://127.0.0.1.nip.test', 'http://localtest.test:11434'])
    expect(() => readBaseUrl(name, row)).toThrow(expect.objectContaining({ field: 'baseUrl' }));
});

test('what is wrong is not repeated in the message, since it may hold a password', () => {
  try {
    readBaseUrl('https://user:hunter2@example.com', row);
    expect.unreachable();
  } catch (error) {
    expect(String(error)).not.toContain('hunter2');
  }
});

test('a row without a path of its own adds none', () => {
  expect(readBaseUrl('https://example.com', rowNamed('openai'))).toBe('https://example.com');
});

test('property: whatever is read is an address that reads as itself, encrypted or near', () => {
  const host = fc.oneof(
    fc.domain(),
    fc.ipV4(),
    fc.ipV4Extended(),
    fc.ipV6().map((ip) => `[${ip}]`),
    fc.constantFrom('localhost', 'nas'),
  );
  const address = fc
    .tuple(fc.constantFrom('http://', 'https://', ''), host, fc.constantFrom('', ':8080', ':443'), fc.webPath())
    .map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(fc.oneof(address, fc.string(), fc.webUrl()), (input) => {
      let read: string;
      try {
        read = readBaseUrl(input, row);
      } catch (error) {
        expect(error).toBeInstanceOf(AiError);
        return;
      }
      expect(readBaseUrl(read, row)).toBe(read);
      expect(read).not.toMatch(/[/?#]$/);
      expect(new URL(read).username).toBe('');
      expect(new URL(read).protocol === 'https:' || placeOfAddress(read) !== 'cloud').toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test('the longest address that the form takes is read', () => {
  expect(readBaseUrl(`https://example.com/${'a'.repeat(limits.baseUrlChars)}`.slice(0, limits.baseUrlChars), row)).toHaveLength(
    limits.baseUrlChars,
  );
});
