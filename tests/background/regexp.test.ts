import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileRegExp } from '../../background/regexp';
import { createMatch } from '../../background/regexp-match';

const matches = (expression: RegExp, text: string) => {
  const match = createMatch(compileRegExp(expression.source, expression.flags));
  match.push(text);
  return match.end();
};
const begins = (expression: RegExp, text: string) => createMatch(compileRegExp(expression.source, expression.flags)).push(text);
const finds = (expression: RegExp, text: string) => {
  const match = createMatch(compileRegExp(expression.source, expression.flags), true);
  match.push(text);
  return match.end();
};

/** Milliseconds. */
const timeOf = (run: () => void) => {
  const started = performance.now();
  run();
  return performance.now() - started;
};

test('T62 the attack: the browser’s own engine doubles its time with each letter, and this one does not', () => {
  const native = (letters: number) => timeOf(() => /^(a+)+$/.test(`${'a'.repeat(letters)}!`));
  native(10);
  expect(native(25)).toBeGreaterThan(native(17) * 8);
  expect(timeOf(() => expect(matches(/^(a+)+$/, `${'a'.repeat(40)}!`)).toBe(false))).toBeLessThan(250);
  expect(timeOf(() => expect(matches(/^(a+)+$/, 'a'.repeat(10_000))).toBe(true))).toBeLessThan(1000);
});

test.each([
  /(a|a)*$/,
  /(a*)*b/,
  /^(([a-z])+.)+[A-Z]([a-z])+$/,
  /(x+x+)+y/,
  /(.*)*(.*)*(.*)*$/,
  /^(\w+\s?)*$/,
  /^([a-zA-Z0-9])(([-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$/,
  /a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?aaaaaaaaaaaaaaaaaaaa/,
])('T62 %s takes no longer than its text is long', (expression) => {
  const text = `${'a'.repeat(2000)}!`;
  expect(timeOf(() => matches(expression, text))).toBeLessThan(1000);
  expect(timeOf(() => finds(expression, 'x'.repeat(2000)))).toBeLessThan(1000);
});

test('T62 what would still take too long is given up after a bounded number of steps', () => {
  const many = compileRegExp(`(${Array.from({ length: 200 }, (_, index) => `a{0,${index % 15}}`).join('|')})*`, '');
  const read = () => {
    const match = createMatch(many);
    match.push('a'.repeat(1_000_000));
  };
  expect(timeOf(() => expect(read).toThrow(expect.objectContaining({ code: 'invalid-answer' })))).toBeLessThan(3000);
});

test.each([
  ['(a{99}){99}'],
  ['a{5000}'],
  ['(((((){4000}){4000}){4000}){4000}){4000}'],
  [`${'('.repeat(200)}a${')'.repeat(200)}`],
  ['a{0,999999}'],
])('T62 an expression that is larger than any form of an answer is not supported: %s', (source) => {
  expect(timeOf(() => expect(() => compileRegExp(source, '')).toThrow('not supported'))).toBeLessThan(250);
});

test.each([
  ['(?=a)', ''],
  ['(?!a)', ''],
  ['(?<=a)b', ''],
  ['(?<!a)b', ''],
  ['(a)\\1', ''],
  ['(?<x>a)\\k<x>', ''],
  ['[a--b]', 'v'],
  ['(?i:a)', ''],
  ['(', ''],
  ['a**', ''],
  ['\\p{Nonsense}', 'u'],
])('/%s/%s is not supported, and says so', (source, flags) => {
  expect(() => compileRegExp(source, flags)).toThrow(expect.objectContaining({ code: 'not-supported', field: 'responseFormat' }));
});

/** The linter takes them for mistakes. */
const [nothing, anything] = ['[]', '[^]'];

const cases: readonly (readonly [RegExp, string, boolean])[] = [
  [/^.{5}$/, 'abcde', true],
  [/^.{5}$/, 'abcd', false],
  [/^.{5}$/, 'abc\ne', false],
  [/^.{5}$/s, 'abc\ne', true],
  [/true|false/, 'false', true],
  [/true|false/, 'untrue', false],
  [/\d/, '7', true],
  [/\d/, '77', false],
  [/\d{4}-\d{2}-\d{2}/, '2026-11-27', true],
  [/[^@\s]+@[^@\s]+\.[a-z]{2,}/i, 'ann@EXAMPLE.com', true],
  [/[^@\s]+@[^@\s]+\.[a-z]{2,}/i, 'ann@example', false],
  [/https?:\/\/[\w.-]+(?:\/\S*)?/, 'https://example.test/a?b', true],
  [/(?<year>\d+)(?:-\d+)?/, '12-3', true],
  [/a{2,}?/, 'aaaa', true],
  [/a{,2}/, 'a{,2}', true],
  [/x{/, 'x{', true],
  [/[\]\\]+/, ']\\', true],
  [new RegExp(nothing), 'a', false],
  [new RegExp(anything), '\n', true],
  [/\x41\u0042\cJ\0/, 'AB\n\0', true],
  [/\u{1F600}\p{Lu}\P{Lu}/u, '😀Aa', true],
  [/\ud83d\ude00/u, '😀', true],
  [/^.$/u, '😀', true],
  [/^.$/, '😀', false],
  [/^..$/, '😀', true],
  [/\bword\b/, 'word', true],
  [/a\Bb\B/, 'ab', false],
  [/a\Bb/, 'ab', true],
  [/^a$\n^b$/m, 'a\nb', true],
  [/^a$\n^b$/, 'a\nb', false],
  [/(?:)/, '', true],
  [/a|/, '', true],
  [/(a*)*/, 'aaa', true],
  [/[a-c]+/i, 'ABC', true],
  [/\//, '/', true],
  [/}/, '}', true],
];
test.each(cases)('%s and %j', (expression, text, expected) => {
  expect(matches(expression, text)).toBe(expected);
  expect(new RegExp(`^(?:${expression.source})$`, expression.flags.replace('m', '')).test(text) || expression.multiline).toBe(
    expected || expression.multiline,
  );
});

test.each<[RegExp, string, boolean]>([
  [/^\d{4}-\d{2}$/, '20', true],
  [/^\d{4}-\d{2}$/, '2026-1', true],
  [/^\d{4}-\d{2}$/, '2026-11', true],
  [/^\d{4}-\d{2}$/, '2026-111', false],
  [/^\d{4}-\d{2}$/, 'Rating:', false],
  [/\u{1F600}x/u, '\ud83d', true],
])('whether %s can begin with %j', (expression, text, expected) => {
  expect(begins(expression, text)).toBe(expected);
});

test('a text that comes in pieces, cut inside of a character too, is the same text', () => {
  const match = createMatch(compileRegExp('^😀+$', 'u'));
  for (const half of ['', ...'😀😀'.split('')]) expect(match.push(half)).toBe(true);
  expect(match.end()).toBe(true);
  const broken = createMatch(compileRegExp('^😀$', 'u'));
  broken.push('\ud83d');
  expect(broken.end()).toBe(false);
});

test.each<[RegExp, string]>([
  [/b/, 'abc'],
  [/^b/, 'abc'],
  [/c$/, 'abc'],
  [/^$/, ''],
  [/x/, 'abc'],
  [/\bb/, 'a b'],
  [/a.c/, 'xxabcxx'],
  [/b$/m, 'b\na'],
])('finding %s in %j is what the browser finds', (expression, text) => {
  expect(finds(expression, text)).toBe(expression.test(text));
});

/** Expressions of everything that is supported, small enough that backtracking ends. */
const { expression } = fc.letrec<{ expression: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom('a', 'b', '.', '\\d', '\\w', '[ab]', '[^a]', '[a-c]', '\\b', '\\B', '^', '$', '\\s', ' '),
    tie('expression').map((inside) => `(${inside})`),
    tie('expression').map((inside) => `(?:${inside})`),
  ),
  expression: fc
    .array(
      fc
        .array(fc.tuple(tie('atom'), fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,2}', '{0,1}?', '*?')), {
          maxLength: 3,
        })
        .map((items) => items.map(([atom, count]) => (/^(\\b|\\B|\^|\$)$/i.test(atom) ? atom : `${atom}${count}`)).join('')),
      { minLength: 1, maxLength: 3 },
    )
    .map((choices) => choices.join('|')),
}));

test('property: as the browser’s own engine, on whole texts and inside of texts', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', ' ', '\n', '_'), maxLength: 6 });
  fc.assert(
    fc.property(expression, text, fc.constantFrom('', 'i', 's', 'u', 'm', 'ims'), (source, subject, flags) => {
      const machine = compileRegExp(source, flags);
      const search = createMatch(machine, true);
      search.push(subject);
      expect(search.end()).toBe(new RegExp(source, flags).test(subject));
      // With the m flag the ends of a whole match are those of the text, and `^` and `$` inside are still those of lines.
      const whole = createMatch(machine);
      whole.push(subject);
      expect(whole.end()).toBe(new RegExp(`(?<![^])(?:${source})(?![^])`, flags).test(subject));
    }),
    { numRuns: 1000 },
  );
});

test('property: whatever matches was alive at each of its letters', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', ' '), maxLength: 6 });
  fc.assert(
    fc.property(expression, text, (source, subject) => {
      const match = createMatch(compileRegExp(source, ''));
      const alive = [...subject].map((char) => match.push(char));
      if (match.end()) expect(alive).not.toContain(false);
    }),
    { numRuns: 1000 },
  );
});
