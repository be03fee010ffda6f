import { expect, test } from 'vitest';
import { baseUrlOf, placeOf, placeOfAddress } from '../../providers/place';
import { knownRow } from './replay';

test.each([
  ['http://127.0.0.1:8080/v1', 'this-computer'],
  ['http://127.1.2.3', 'this-computer'],
  ['http://localhost:1234', 'this-computer'],
  ['http://ai.localhost', 'this-computer'],
  ['http://[::1]:8080', 'this-computer'],
  ['http://10.0.0.1', 'network'],
  ['http://172.16.0.1', 'network'],
  ['http://172.31.0.1', 'network'],
  ['http://192.168.1.2', 'network'],
  ['http://169.254.1.1', 'network'],
  ['http://100.64.0.1', 'network'],
  ['http://100.127.0.1', 'network'],
  ['http://[fd00::1]', 'network'],
  ['http://[fe80::1]', 'network'],
  ['http://nas', 'network'],
  ['http://nas.local', 'network'],
  ['http://nas.home.arpa', 'network'],
  ['https://api.example.com/v1', 'cloud'],
  ['http://172.32.0.1', 'cloud'],
  ['http://100.128.0.1', 'cloud'],
  ['http://11.0.0.1', 'cloud'],
  ['http://110.0.0.1', 'cloud'],
  ['http://192.169.0.1', 'cloud'],
  ['http://10.0.0.1.example.com', 'cloud'],
  ['http://localhost.example.com', 'cloud'],
  ['http://[2001:db8::1]', 'cloud'],
  ['no address', 'cloud'],
])('%s is %s', (address, place) => {
  expect(placeOfAddress(address)).toBe(place);
});

test('the row decides where it can, else the address', () => {
  expect(placeOf(knownRow('on-device'), {})).toBe('this-computer');
  expect(placeOf(knownRow('openai'), { baseUrl: 'http://127.0.0.1' })).toBe('cloud');
  expect(placeOf(knownRow('openai-compatible'), { baseUrl: 'http://nas:1/v1' })).toBe('network');
  expect(placeOf(knownRow('openai-compatible'), {})).toBe('cloud');
});

test('a fixed address cannot be replaced by that of a connection', () => {
  expect(baseUrlOf(knownRow('openai'), { baseUrl: 'https://evil.example' })).toBe('https://api.openai.com/v1');
  expect(baseUrlOf(knownRow('openai-compatible'), { baseUrl: 'http://nas/v1' })).toBe('http://nas/v1');
});
