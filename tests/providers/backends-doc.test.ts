import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { catalog } from '../../providers/catalog';
import { writeTable } from './backends-doc';
import { knownRow } from './replay';

const path = fileURLToPath(new URL('../../docs/backends.md', import.meta.url));
const table = /(?<=<!-- Written by tests\/providers\/backends-doc\.test\.ts -->\n\n)(?:\|.*\n)*/;

test('docs/backends.md says of every row what the catalog and its fixtures say (to write it: run this test with -u)', async () => {
  const document = readFileSync(path, 'utf8');
  expect(document).toMatch(table);
  await expect(document.replace(table, () => writeTable())).toMatchFileSnapshot(path);
});

test('docs/backends.md speaks of every provider that it lists', () => {
  const prose = readFileSync(path, 'utf8').replace(table, '');
  expect(catalog.map(({ name }) => name).filter((name) => !prose.includes(name))).toEqual([]);
});

test('a row that no fixture speaks of is not guessed at', () => {
  const row = { ...knownRow('ollama'), id: 'koboldai' };
  expect(writeTable([row])).toContain('| no | no | no | no |');
  const without = { ...knownRow('on-device'), id: 'openrouter' } as const;
  expect(() => writeTable([without])).toThrow('No fixture of openrouter or its dialect shows whether it takes images.');
});

test('when a row was verified is a month, and it is not yet to come', () => {
  for (const { verified } of catalog) {
    expect(verified.on).toMatch(/^20\d\d-(0[1-9]|1[0-2])$/);
    expect(verified.on <= new Date().toISOString().slice(0, 7)).toBe(true);
  }
});
