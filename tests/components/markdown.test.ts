import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Block, type Blocks, parseMarkdown } from '../../components/chat/markdown';
import type { Inline } from '../../components/chat/markdown-inline';

/** The tree as a line of words with the marks that it stands for, to be read in a test. */
const inline = (content: readonly Inline[]): string => content.map(one).join('');
function one(part: Inline): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'code':
      return `<code ${part.text}>`;
    case 'link':
      return `<link ${part.address}${part.site === undefined ? '' : ` (${part.site})`}: ${inline(part.content)}>`;
    case 'image':
      return `<image ${part.address} (${part.site}): ${part.text}>`;
    default:
      return `<${part.type} ${inline(part.content)}>`;
  }
}
function block(found: Block): string {
  switch (found.type) {
    case 'paragraph':
      return inline(found.content);
    case 'heading':
      return `h${found.level}${found.rank === found.level ? '' : `(${found.rank})`} ${inline(found.content)}`;
    case 'code':
      return `code[${found.language}] ${found.text}`;
    case 'list':
      return `list${found.start ?? ''}(${found.items.map(blocks).join(' | ')})`;
    case 'quote':
      return `quote(${blocks(found.content)})`;
    case 'table':
      return `table(${[found.head, ...found.rows].map((row) => row.map(inline).join(', ')).join(' / ')})`;
    case 'rule':
      return 'rule';
  }
}
const blocks = (found: Blocks): string => found.map(block).join(' ¶ ');
const read = (text: string): string => blocks(parseMarkdown(text));

test.each([
  ['Hello.', 'Hello.'],
  ['One\ntwo\n\nthree', 'One\ntwo ¶ three'],
  ['# Title\ntext', 'h1 Title ¶ text'],
  ['### C#', 'h3(1) C#'],
  ['## Closed ##', 'h2(1) Closed'],
  ['## a\n#### b\n> ### c\n\n# d', 'h2(1) a ¶ h4(2) b ¶ quote(h3 c) ¶ h1 d'],
  ['#hashtag', '#hashtag'],
  ['a **b** c', 'a <strong b> c'],
  ['*a* _b_ __c__ ~~d~~', '<emphasis a> <emphasis b> <strong c> <struck d>'],
  ['***both***', '<strong <emphasis both>>'],
  ['**a *b***', '<strong a <emphasis b>>'],
  ['*a **b***', '<emphasis a <strong b>>'],
  ['2 * 3 * 4', '2 * 3 * 4'],
  ['snake_case_name', 'snake_case_name'],
  ['**open', '**open'],
  ['**a *b**', '<strong a *b>'],
  ['\\*literal\\*', '*literal*'],
  ['`a *b*` and ``c ` d``', '<code a *b*> and <code c ` d>'],
  ['an ` alone', 'an ` alone'],
  ['~ about ~5 ~~~~', '~ about ~5 ~~~~'],
  ['- a\n- b\n  - c\n- d', 'list(a | b ¶ list(c) | d)'],
  ['1. a\n2. b\n\n3. c', 'list1(a | b | c)'],
  ['3) a\n4) b', 'list3(a | b)'],
  ['- a\n\n  more of it\n- b', 'list(a ¶ more of it | b)'],
  ['- a\n  ```js\n  x\n  ```\n- b', 'list(a ¶ code[js] x | b)'],
  ['- a\ngoes on', 'list(a\ngoes on)'],
  ['- a\n1. b', 'list(a) ¶ list1(b)'],
  ['It was in\n1986. A year.', 'It was in\n1986. A year.'],
  ['Steps:\n1. a', 'Steps: ¶ list1(a)'],
  ['- [ ] todo', 'list([ ] todo)'],
  ['-', 'list()'],
  ['---', 'rule'],
  ['* * *', 'rule'],
  ['> a\n> > b\n\nc', 'quote(a ¶ quote(b)) ¶ c'],
  ['```ts\nconst a = `b`;\n\n# no\n```\nafter', 'code[ts] const a = `b`;\n\n# no ¶ after'],
  ['```ts title="a.ts"\nx\n```', 'code[ts] x'],
  ['~~~ ts `a`\nx\n~~~', 'code[ts] x'],
  [`\`\`\`${'x'.repeat(30)}\na\n\`\`\``, `code[${'x'.repeat(24)}] a`],
  ['~~~\n```\n~~~', 'code[] ```'],
  ['````\n```\n````', 'code[] ```'],
  ['```\nstill being wri', 'code[] still being wri'],
  ['```inline``` text', '<code inline> text'],
  ['| a | b |\n|---|:-:|\n| 1 | `x` |\n| 2 |', 'table(a, b / 1, <code x> / 2, )'],
  ['a \\| b | c\n--|--\n1|2', 'table(a | b, c / 1, 2)'],
  ['a | b\nno dashes', 'a | b\nno dashes'],
  ['a\r\nb', 'a\nb'],
  ['', ''],
])('%j is read as %j', (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  ['[a](https://example.com/x)', '<link https://example.com/x (example.com): a>'],
  ['[a **b**](http://example.com "title")', '<link http://example.com/ (http://example.com): a <strong b>>'],
  ['[a](<https://example.com/x>)', '<link https://example.com/x (example.com): a>'],
  ['[a](https://en.wikipedia.org/wiki/A_(b)) c', '<link https://en.wikipedia.org/wiki/A_(b) (en.wikipedia.org): a> c'],
  ['[](https://example.com)', '<link https://example.com/ (example.com): https://example.com/>'],
  ['See https://example.com/a_b_c.', 'See <link https://example.com/a_b_c: https://example.com/a_b_c>.'],
  ['(https://example.com)', '(<link https://example.com/: https://example.com>)'],
  ['**https://example.com**', '<strong <link https://example.com/: https://example.com>>'],
  ['<https://example.com/>', '<<link https://example.com/: https://example.com/>>'],
  ['https:// and http', 'https:// and http'],
  ['![a cat](https://example.com/cat.png)', '<image https://example.com/cat.png (example.com): a cat>'],
  ['![](https://example.com/cat.png)', '<image https://example.com/cat.png (example.com): >'],
  ['![`c` *d*](https://example.com/)', '<image https://example.com/ (example.com): c d>'],
  ['[a] (b)', '[a] (b)'],
  ['[a *b] c*', '[a *b] c*'],
  ['*a [b* c](https://example.com)', '<emphasis a [b> c](<link https://example.com/: https://example.com>)'],
])('the link in %j leads where it says: %j', (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  ['T61 script', '<script>alert(1)</script>', '<script>alert(1)</script>'],
  ['T61 an image with a handler', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ['T61 a javascript link', '[a](javascript:alert(1))', '[a](javascript:alert(1))'],
  ['T61 one in disguise', '[a](JaVaScRiPt&colon;alert(1))', '[a](JaVaScRiPt&colon;alert(1))'],
  ['T61 a blank before it', '[a]( javascript:alert(1))', '[a]( javascript:alert(1))'],
  ['T61 a data link', '[a](data:text/html,<script>1</script>)', '[a](data:text/html,<script>1</script>)'],
  ['T61 a data image', '![a](data:image/svg+xml,<svg/onload=alert(1)>)', '![a](data:image/svg+xml,<svg/onload=alert(1)>)'],
  ['T61 a page of Oriel', '[a](options.html#security)', '[a](options.html#security)'],
  ['T61 an extension', '[a](chrome-extension://abc/options.html)', '[a](chrome-extension://abc/options.html)'],
  ['T61 a file', '[a](file:///etc/passwd)', '[a](file:///etc/passwd)'],
  ['T61 no scheme', '[a](//evil.example)', '[a](//evil.example)'],
  [
    'T61 a name before the host',
    '[a](https://bank.com@evil.example/)',
    '<link https://bank.com@evil.example/ (evil.example): a>',
  ],
  [
    'T61 the same, bare',
    'https://bank.com@evil.example/',
    '<link https://bank.com@evil.example/ (evil.example): https://bank.com@evil.example/>',
  ],
  [
    'T61 another address as text',
    '[https://bank.com](https://evil.example)',
    '<link https://evil.example/ (evil.example): https://bank.com>',
  ],
  ['T61 letters that look alike', '[a](https://аpple.com)', '<link https://xn--pple-43d.com/ (xn--pple-43d.com): a>'],
  ['T61 a turned direction', 'a\u202eb', 'a⟨U+202E⟩b'],
  ['T61 a reference', '[a][1]\n\n[1]: javascript:alert(1)', '[a][1] ¶ [1]: javascript:alert(1)'],
  [
    'T61 a style',
    '<style>*{background:url(https://evil.example)}</style>',
    '<style>*{background:url(<link https://evil.example/: https://evil.example>)}</style>',
  ],
])('%s stays text, or a link that shows its host', (_what, text, expected) => {
  expect(read(text)).toBe(expected);
});

/** The letters of the answer, without marks. */
const lettersOf = (text: string): string => text.replace(/[^a-z]/g, '');
const wordsIn = (content: readonly Inline[]): string =>
  content.map((part) => ('text' in part ? part.text : wordsIn(part.content))).join('');
function words(found: Block): string {
  switch (found.type) {
    case 'list':
      return found.items.map((item) => item.map(words).join('')).join('');
    case 'quote':
      return found.content.map(words).join('');
    case 'table':
      return [found.head, ...found.rows].flat().map(wordsIn).join('');
    case 'code':
      return found.language + found.text;
    case 'rule':
      return '';
    default:
      return wordsIn(found.content);
  }
}

test('no letter of an answer is lost, whatever marks it holds, and reading it ends', () => {
  const piece = fc.constantFrom(
    '*',
    '**',
    '_',
    '~~',
    '`',
    '\n```\n',
    '[',
    '](',
    ')',
    '!',
    '#',
    '> ',
    '- ',
    '1. ',
    '|',
    '\n',
    ' ',
    '    ',
    'a',
    'bc',
    '\\',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const text = pieces.join('');
      // Rows have as many cells as their head, and of a fence's own line the first word is kept.
      fc.pre(!(text.includes('|') && text.includes('-')) && !/~~~|```+ *[^`\s]+ +[^`\s]/.test(text));
      expect(lettersOf(parseMarkdown(text).map(words).join(''))).toBe(lettersOf(text));
    }),
    { numRuns: 3000 },
  );
});

const many = 100_000;
test.each([
  ['open marks', '*a '.repeat(many)],
  ['open marks of every kind', '**a __b *c _d ~~e [f ![g '.repeat(many / 10)],
  ['backticks of every length', Array.from({ length: 400 }, (_, index) => '`'.repeat(index)).join(' ')],
  ['one long run', '`'.repeat(many)],
  ['open brackets', '['.repeat(many)],
  ['half links', '[]('.repeat(many)],
  ['half addresses', 'http://%'.repeat(many / 8)],
  ['quotes in quotes', '>'.repeat(many)],
  ['quotes on every line', `${'>'.repeat(200)}\n`.repeat(500)],
  ['lists in lists', Array.from({ length: 500 }, (_, index) => `${' '.repeat(index * 2)}- a`).join('\n')],
  ['list marks on one line', '+ '.repeat(many)],
  ['fences', '```\n'.repeat(many)],
  ['tildes with a backtick behind', `${'~'.repeat(many)}\``],
  ['a rule that is none', `${'* '.repeat(many)}x`],
  ['closing marks of headings', `# ${'#'.repeat(many)}a`],
  ['cells', `${'|'.repeat(many)}\n${'|-'.repeat(many)}`],
  ['tables', 'a|b\n-|-\n'.repeat(many / 10)],
  ['blanks', `a${' '.repeat(many)}b`],
  ['code between blanks', `\` ${'a '.repeat(many)}b\``],
  ['ends of sentences', `https://example.com/${'.'.repeat(2000)}a `.repeat(50)],
])('T61 %s take no time that grows faster than the answer', { timeout: 10_000 }, (_what, text) => {
  const since = performance.now();
  parseMarkdown(text);
  expect(performance.now() - since).toBeLessThan(2000);
});

test('blocks in blocks end somewhere', () => {
  const depthOf = (found: Blocks): number =>
    Math.max(
      0,
      ...found.map((each) =>
        each.type === 'quote' ? 1 + depthOf(each.content) : each.type === 'list' ? 1 + Math.max(...each.items.map(depthOf)) : 0,
      ),
    );
  expect(depthOf(parseMarkdown('>'.repeat(1000)))).toBe(8);
  expect(depthOf(parseMarkdown('+ '.repeat(1000)))).toBe(8);
});
