import { expect, test, vi } from 'vitest';
import { createKey, deriveKey } from '../../background/kdf';
import { fromBase64, toBase64 } from '../../protocol/base64';
import { isAllowedCost, type KdfParameters } from '../../protocol/kdf-parameters';

const hex = (base64: string) => Buffer.from(base64, 'base64').toString('hex');
const somesalt = Buffer.from('somesalt').toString('base64');
const cost = (memoryKiB: number, iterations: number, parallelism = 1, salt = somesalt): KdfParameters => ({
  algorithm: 'argon2id',
  memoryKiB,
  iterations,
  parallelism,
  salt,
});

// The reference implementation's vectors for version 1.3 (test.c of the winner of the competition). RFC 9106's own needs associated data,
// which neither the library nor a passphrase has.
test.each([
  ['64 MiB', 'password', cost(65536, 2), '09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7'],
  ['256 KiB', 'password', cost(256, 2), '9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe'],
  ['two lanes', 'password', cost(256, 2, 2), '6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037'],
  ['one round', 'password', cost(65536, 1), 'f6a5adc1ba723dddef9b5ac1d464e180fcd9dffc9d1cbf76cca2fed795d9ca98'],
  ['another password', 'differentpassword', cost(65536, 2), '0b84d652cf6b0c4beaef0dfe278ba6a80df6696281d7e0d2891b817d8c458fde'],
  [
    'another salt',
    'password',
    cost(65536, 2, 1, Buffer.from('diffsalt').toString('base64')),
    'bdf32b05ccc42eb15d58fd19b1f856b113da1e9a5874fdcc544308565aa8141c',
  ],
])('T68 argon2id gives the known answer for %s', async (_name, password, parameters, answer) => {
  expect(hex(await deriveKey(password, parameters))).toBe(answer);
});

// NIST's test case 14 and the Galois/Counter Mode paper's test case 16.
test.each([
  [
    'an empty key',
    '00'.repeat(32),
    '00'.repeat(12),
    '00'.repeat(16),
    '',
    'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919',
  ],
  [
    'additional data',
    'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
    'cafebabefacedbaddecaf888',
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b',
  ],
])('T68 AES-256-GCM gives the known answer with %s', async (_name, key, iv, plain, data, answer) => {
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
  const imported = await crypto.subtle.importKey('raw', bytes(key), 'AES-GCM', false, ['encrypt']);
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv: bytes(iv), additionalData: bytes(data) },
    imported,
    bytes(plain),
  );
  expect(Buffer.from(sealed).toString('hex')).toBe(answer);
});

test('the same letters in another composition are the same passphrase', async () => {
  expect(await deriveKey('caf\u00e9 caf\u00e9', cost(256, 2))).toBe(await deriveKey('cafe\u0301 cafe\u0301', cost(256, 2)));
});

test.each([
  ['takes 64 MiB where they are quick', [1500], [65536, 3]],
  ['goes down to 46 MiB after more than 1.5 s', [1501, 10], [47104, 1]],
  ['stops at 19 MiB, however long they take', [1501, 1501, 9000], [19456, 2]],
])(
  'T67 a new key %s',
  async (_name, durations, [memoryKiB, iterations]) => {
    let time = 0;
    let calls = 0;
    const now = () => {
      calls += 1;
      if (calls % 2 === 0) time += durations[calls / 2 - 1] ?? 0;
      return time;
    };
    const { key, parameters } = await createKey('a passphrase', now);
    expect(parameters).toMatchObject({ memoryKiB, iterations, parallelism: 1 });
    expect(isAllowedCost(parameters)).toBe(true);
    expect(await deriveKey('a passphrase', parameters)).toBe(key);
  },
  30_000,
);

test('two keys of one passphrase have two salts', async () => {
  const random = vi.spyOn(crypto, 'getRandomValues');
  const [one, two] = [await createKey('a passphrase', () => 0), await createKey('a passphrase', () => 0)];
  expect(random).toHaveBeenCalledTimes(2);
  expect(fromBase64(one.parameters.salt)).toHaveLength(16);
  expect(one.parameters.salt).not.toBe(two.parameters.salt);
  expect(one.key).not.toBe(two.key);
}, 30_000);

test('bytes survive the way through text', () => {
  const all = Uint8Array.from({ length: 256 }, (_none, index) => index);
  expect(fromBase64(toBase64(all))).toEqual(all);
});
