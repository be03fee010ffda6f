import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSuspicion, findSuspects, masked } from '../../background/suspicion';
import type { Message, Part } from '../../protocol/generate';

const says = (...texts: string[]): { readonly messages: readonly Message[] } => ({
  messages: texts.map((text) => ({ role: 'user', content: [{ type: 'text', text }] })),
});
const found = (text: string) => findSuspects(says(text)).map(({ what }) => what);
/** Shaped like the real ones, and nobody's. */
const key = 'sk-proj-Ab12Cd34Ef56Gh78Ij90Kl12';

test.each([
  ['key', `my key is ${key}`],
  ['key', 'sk-4fT9x2Lm8Qw7Zr5Vb3Nc1Hk6Jd0Gs'],
  ['key', 'ANTHROPIC_API_KEY="sk-ant-api03-R2D2c3poBB8xWingTieFighter77_aA-bB"'],
  ['key', 'sk-or-v1-0a1b2c3d4e5f60718293a4b5c6d7e8f9'],
  ['key', 'AIzaSyD4x8Kq2mVn7Wb1Zc5Lp9Rt3Yh6Jf0Gs2A'],
  ['key', 'ghp_1a2B3c4D5e6F7g8H9i0J1k2L3m4N5o6P7q8R'],
  ['key', 'github_pat_11ABCDE7Y0aBcDeFgHiJkL_mNoPqRsTuVwXyZ0123456789'],
  ['key', 'xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy'],
  ['key', 'aws_access_key_id = AKIAIOSFODNN7EXAMPL3'],
  ['key', 'hf_AbCdEfGhIjKlMnOpQrStUvWxYz01234567'],
  ['key', 'gsk_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4'],
  ['key', 'xai-a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4'],
  ['key', 'sk_live_4eC39HqLyjWDarjtT1zdp7dc'],
  ['key', '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA'],
  ['key', '-----BEGIN PRIVATE KEY-----'],
  ['key', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'],
  ['card-number', 'Card: 4111 1111 1111 1111, exp 12/30'],
  ['card-number', '4242424242424242'],
  ['card-number', '5555-5555-5555-4444'],
  ['card-number', '2223 0031 2200 3222'],
  ['card-number', '378282246310005'],
  ['card-number', '6011111111111117'],
  ['card-number', '30569309025904'],
  ['card-number', '3530111333300000'],
  ['password', 'password: hunter2!'],
  ['password', 'The passwort ist da: Passwort: Geheim123'],
  ['password', 'PWD=Tr0ub4dor&3'],
  ['password', 'my password is correct-horse7.'],
  ['password', 'mot de passe : Soleil2024'],
  ['password', 'contraseña: Verano$24'],
])('a %s is found in: %s', (what, text) => {
  expect(found(text)).toContain(what);
});

test.each([
  'How do I reset my password?',
  'The password is required to log in.',
  'password: string;',
  'Password: ********',
  'password = request.body.password',
  'password: process.env.DB_PASSWORD1',
  'const password = getPassword(user1)',
  'password: <your-password1>',
  'My password is stolen. Help!',
  'Set your key with sk-your-api-key-goes-here-please',
  'export OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxx1',
  'sk-1234',
  'The task-management-system-for-large-teams-2024 is down',
  'Order number 1234567890123456 has shipped',
  'Call me at +1 415 555 2671 or 020 7946 0958',
  'ISBN 978-3-16-148410-0',
  'IBAN DE89 3704 0044 0532 0130 00',
  '4111 1111 1111 1112',
  'π is 3.1415926535897932384626',
  'timestamps 1700000000000 and 1700000000001',
  '2024-11-24 16:05:04.123456789',
  'commit 5c834a6f0e9d8c7b6a5f4e3d2c1b0a9f8e7d6c5b',
  'uuid 123e4567-e89b-12d3-a456-426614174000',
  '1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14',
  '4 8 15 16 23 42 108 4 8 15 16 23',
  'eyJhbGciOiJIUzI1NiJ9 is only the head of a token',
  'An AKIA prefix marks an access key.',
  '-----BEGIN CERTIFICATE-----',
  '-----BEGIN PUBLIC KEY-----',
  'Write a haiku about autumn leaves in Kyoto.',
])('nothing is found in: %s', (text) => {
  expect(found(text)).toEqual([]);
});

test('what is shown of it is enough to recognise it and too little to use', () => {
  const [card] = findSuspects(says('4242 4242 4242 4242'));
  const [secret] = findSuspects(says(key));
  const [password] = findSuspects(says('password: hunter2!'));
  const [pem] = findSuspects(says('-----BEGIN PRIVATE KEY-----'));
  expect([card, secret, password, pem].map((finding) => finding && masked(finding))).toEqual([
    '•••• 4242',
    'sk-p••••••••',
    '••••••••',
    '-----BEGIN PRIVATE KEY-----',
  ]);
});

test('what a tool was given and found, what tools say of themselves, and the strings of a schema are looked at too', () => {
  const of = (content: object) => findSuspects({ ...says('Hi'), ...content }).map(({ text }) => text);
  const part = (content: Part) => of({ messages: [{ role: 'user', content: [content] }] });
  expect(part({ type: 'tool-call', id: '1', name: 'f', arguments: JSON.stringify({ key }) })).toEqual([key]);
  expect(part({ type: 'tool-result', id: '1', result: `found ${key}` })).toEqual([key]);
  expect(of({ tools: [{ name: 'f', description: key, parameters: {} }] })).toEqual([key]);
  expect(of({ tools: [{ name: 'f', parameters: { enum: [1, null, { const: key }] } }] })).toEqual([key]);
  expect(of({ responseFormat: { type: 'json-schema', schema: { properties: { [key]: {} } } } })).toEqual([key]);
  expect(of({ responseFormat: { type: 'regexp', source: key, flags: '' } })).toEqual([key]);
});

test('an image is not looked at: it is no text', () => {
  const image: Part = { type: 'image', mediaType: 'image/png', data: key };
  expect(findSuspects({ messages: [{ role: 'user', content: [image] }] })).toEqual([]);
});

test('what a site was let send is not asked for again, and what another sends is', async () => {
  const suspicion = createSuspicion();
  const finding = await suspicion.look('a', says(key));
  expect(finding).toEqual({ what: 'key', text: key, masked: masked({ what: 'key', text: key }) });
  if (finding) await suspicion.allowed('a', finding);
  expect(await suspicion.look('a', says('before', key, 'after'))).toBeUndefined();
  expect(await suspicion.look('b', says(key))).toBeDefined();
  expect(await suspicion.look('a', says(key, 'and 4242 4242 4242 4242'))).toMatchObject({ what: 'card-number' });
  expect(await createSuspicion().look('a', says(key))).toBeDefined();
});

test.each([
  ['starts of tokens', '-eyJaaaaaaaaaa'.repeat(75_000)],
  ['digits', '4'.repeat(1_000_000)],
  ['digits and gaps', '4 '.repeat(500_000)],
  ['starts of keys', 'sk-a '.repeat(200_000)],
  ['passwords', 'password: '.repeat(100_000)],
  ['spaces after a password', `password${' '.repeat(900_000)}`],
  ['dashes', '-----BEGIN '.repeat(90_000)],
])('a million characters of %s are read within half a second', (_name, text) => {
  const begun = performance.now();
  findSuspects(says(text));
  expect(performance.now() - begun).toBeLessThan(500);
});

test('property: no text makes it throw, and what it found stands in the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      for (const finding of findSuspects(says(`${text} ${key}`))) expect(`${text} ${key}`).toContain(finding.text);
    }),
  );
});
