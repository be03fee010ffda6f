import { expect, test, vi } from 'vitest';

vi.mock('#i18n', () => import('./support/messages'));

import { recognise } from '../../components/welcome/recognise';
import { catalog } from '../../providers/catalog';
import { keyedRows, rowsOfKey } from '../../providers/catalog/key-forms';

/** In the forms that the vendors give out; none of them was ever valid. */
const keys: readonly [key: string, ...rows: string[]][] = [
  ['sk-ant-api03-0123456789abcdef', 'anthropic'],
  ['sk-or-v1-0123456789abcdef', 'openrouter'],
  ['sk-proj-0123456789abcdef', 'openai'],
  ['sk-svcacct-0123456789abcdef', 'openai'],
  ['sk-0123456789T3BlbkFJ0123456789', 'openai'],
  ['sk-0123456789abcdef0123456789abcdef', 'openai', 'deepseek'],
  ['AIzaSy0123456789abcdef', 'gemini'],
  ['gsk_0123456789abcdef', 'groq'],
  ['xai-0123456789abcdef', 'xai'],
  ['pst-0123456789abcdef', 'novelai'],
  ['hf_0123456789abcdef', 'hugging-face'],
  ['pplx-0123456789abcdef', 'perplexity'],
  ['fw_0123456789abcdef', 'fireworks'],
  ['tgp_v1_0123456789abcdef', 'together'],
  ['vck_0123456789abcdef', 'vercel'],
  ['0123456789abcdef0123456789abcdef'],
];

test.each(keys)('the key %s is told by its look', (key, ...rows) => {
  const typed = recognise(`  ${key}\n`);
  expect(typed.type === 'key' && typed.rows.map(({ id }) => id)).toEqual(rows);
  expect(typed).toMatchObject({ key });
});

test('each form fits a key of its own row', () => {
  const tried = new Set(keys.flatMap(([, ...rows]) => rows));
  expect(catalog.filter(({ id, keyForm }) => keyForm && !tried.has(id)).map(({ id }) => id)).toEqual([]);
  expect(rowsOfKey('')).toEqual([]);
});

test.each([
  ['http://127.0.0.1:8080', '127.0.0.1:8080'],
  ['127.0.0.1:8080/v1', '127.0.0.1:8080'],
  ['localhost:11434', '127.0.0.1:11434'],
  ['http://localhost/v1', '127.0.0.1'],
  ['https://localhost.example.com', 'localhost.example.com'],
  ['[::1]:5001', '[::1]:5001'],
  ['my-box:5000', 'my-box:5000'],
  ['nas.local', 'nas.local'],
  ['https://llm.example.com/team/v1', 'llm.example.com'],
])('%s is an address', (text, host) => {
  expect(recognise(text)).toMatchObject({ type: 'address', host });
});

test.each(['eyJhbGciOi.eyJzdWIiOi.SflKxwRJSM', 'AQ.Ab8RN6Kx0123', 'no-dots-at-all-0123', 'aB3.cD4.eF5.gH6'])(
  '%s is no address, though it has the letters of one',
  (text) => {
    expect(recognise(text)).toMatchObject({ type: 'key', rows: [] });
  },
);

test('the address of a vendor that is known asks for its key instead', () => {
  expect(recognise('https://api.openai.com/v1')).toMatchObject({ type: 'vendor', row: { id: 'openai' } });
});

test.each(['', '   ', 'sk-', 'http://', 'https:// '])('of "%s" there is nothing to say yet', (text) => {
  expect(recognise(text)).toEqual({ type: 'nothing' });
});

test('each account that bills by use says where that ends', () => {
  // NovelAI is a subscription with a flat fee.
  expect(keyedRows.filter(({ cap }) => !cap).map(({ id }) => id)).toEqual(['novelai']);
  for (const { cap } of keyedRows) expect(cap?.page ?? 'https://').toMatch(/^https:\/\//);
});
