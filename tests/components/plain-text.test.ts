import { expect, test } from 'vitest';
import { plainLine, plainText, revealed } from '../../components/plain-text';

test.each([
  ['a\u202eb', 'ab'],
  ['a\u2066b\u2069', 'ab'],
  ['zero\u200bwidth\ufeff', 'zerowidth'],
  ['nul\u0000 bell\u0007 escape\u001b[31m', 'nul bell escape[31m'],
  ['tags\u{e0041}\u{e0042}', 'tags'],
  ['soft\u00adhyphen', 'softhyphen'],
  ['plain <b>text</b> – ünïcödé 😀', 'plain <b>text</b> – ünïcödé 😀'],
])('T28 %j is shown as %j', (from, to) => {
  expect(plainText(from)).toBe(to);
});

test('keeps lines of a text and folds those of a name', () => {
  expect(plainText('one\ntwo\tthree')).toBe('one\ntwo\tthree');
  expect(plainLine('  one\n two\u2028three ')).toBe('one two three');
});

test('spells out in a request what deceives, and keeps what scripts need', () => {
  expect(revealed('run \u202egnp.exe')).toBe('run ⟨U+202E⟩gnp.exe');
  expect(revealed('👩\u200d🚀 می\u200cخواهم')).toBe('👩\u200d🚀 می\u200cخواهم');
});
