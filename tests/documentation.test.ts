/** Reads the documents: what they link to, name and promise is there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseMessagesText } from '@wxt-dev/i18n/build';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { expect, test } from 'vitest';
import packageJson from '../package.json';
import { faultCodes } from '../protocol/errors';
import { limits } from '../protocol/limits';

const root = fileURLToPath(new URL('..', import.meta.url));
const documentsBelow = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`);
const documents = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...['docs', 'client', 'adapters'].flatMap(documentsBelow),
].map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
const textOf = (path: string) => documents.find((one) => one.path === path)?.text ?? '';

/** GitHub's anchors: lower case, blanks as hyphens, what is neither letter nor digit left out. */
const anchorsOf = (text: string) =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

test('every link inside the documents leads to something that is there', () => {
  const links = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\((?!https?:|mailto:)([^)\s]*)\)/g)].map(([, link = '']) => ({ path, link })),
  );
  expect(links.length).toBeGreaterThan(20);
  const broken = links.filter(({ path, link }) => {
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : join(dirname(path), file).replaceAll('\\', '/');
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && !anchorsOf(textOf(target)).includes(anchor);
  });
  expect(broken).toEqual([]);
});

test('every document of docs/ is reached from its index', () => {
  const index = textOf('docs/README.md');
  const reached = (path: string) => index.includes(`(${path.slice('docs/'.length)}`) || path.startsWith('docs/decisions/');
  const known = documents.map(({ path }) => path).filter((path) => path.startsWith('docs/') && path !== 'docs/README.md');
  expect(known.filter((path) => !reached(path))).toEqual([]);
});

test('no two decisions have the same number, and each says its own', () => {
  const titles = documents
    .filter(({ path }) => path.startsWith('docs/decisions/'))
    .map(({ path, text }) => [path, text] as const);
  const numbers = titles.map(([path]) => Number(/(\d{4})-/.exec(path)?.[1]));
  expect(numbers.toSorted((a, b) => a - b)).toEqual(titles.map((_title, index) => index + 1));
  expect(titles.map(([, text]) => Number(/^# (\d+)\. /.exec(text)?.[1]))).toEqual(numbers);
});

test('every file of ours that a document names is there', () => {
  const folders =
    'background|page|protocol|providers|components|entrypoints|ondevice|client|adapters|tests|scripts|bench|demo|docs|locales';
  const named = documents.flatMap(({ path, text }) =>
    [...text.matchAll(new RegExp(`\`((?:${folders})/[\\w./-]*\\.\\w+)\``, 'g'))].map(([, file = '']) => ({ path, file })),
  );
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter(({ file }) => !existsSync(join(root, file)))).toEqual([]);
});

test('every npm script that a document names is there', () => {
  const named = documents.flatMap(({ text }) => [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => script));
  expect(named).toContain('build');
  expect(named.filter((script) => !Object.hasOwn(packageJson.scripts, script))).toEqual([]);
});

test('every sample in JavaScript or TypeScript can be read', () => {
  const samples = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/^```(?:js|ts|tsx|jsx)\n([\s\S]*?)^```/gm)].map(([, code = '']) => ({ path, code })),
  );
  expect(samples.length).toBeGreaterThan(2);
  const wrong = samples.filter(({ code }) => {
    // A row of the catalog, or a part of an object, is read as one.
    const source = /^\s*[{[]/.test(code) ? `const sample = [${code.trim()}];` : code;
    const { diagnostics = [] } = transpileModule(source, {
      reportDiagnostics: true,
      compilerOptions: { target: ScriptTarget.ESNext, module: ModuleKind.ESNext },
    });
    return diagnostics.length > 0;
  });
  expect(wrong).toEqual([]);
});

test('whatever can be wrong at a backend has its answer in docs/troubleshooting.md, under the words that are shown', () => {
  const messages = parseMessagesText(readFileSync(join(root, 'locales/en.yml'), 'utf8'), 'YAML') as {
    key: string[];
    message: string;
  }[];
  const camel = (code: string) => code.replaceAll(/-(\w)/g, (_all, letter: string) => letter.toUpperCase());
  const shownFor = (code: string) =>
    messages
      .filter(
        ({ key: [group, fault, part] }) =>
          group === 'fault' && fault === camel(code) && ['what', 'nothingAnswers', 'unreachable'].includes(`${part}`),
      )
      .map(({ message }) => message.replace('{name}', 'NAME').replace('{at}', 'HOST'));
  const headings = [...textOf('docs/troubleshooting.md').matchAll(/^### (.*)$/gm)].map(([, title]) => title);
  for (const code of Object.keys(faultCodes)) {
    expect(shownFor(code), code).not.toEqual([]);
    expect(headings, code).toEqual(expect.arrayContaining(shownFor(code)));
  }
});

/** Each figure of the README, and where what is true stands. */
const figures: readonly [said: RegExp, file: string, truth: RegExp][] = [
  [/Node ([\d.]+) or newer/, 'package.json', /"node": ">=([\d.]+)"/],
  [/at most (\d+) clicks/, 'tests/e2e/support/first-run.ts', /most = \{ clicks: (\d+)/],
  [/AI SDK (\d+) provider/, 'package.json', /"ai": "(\d+)\./],
  [/take (\d+ s) to begin/, 'tests/e2e/lifetimes.e2e.ts', /silent for (\d+ s) succeeds/],
  [/streams of (\d+ s)/, 'tests/e2e/lifetimes.e2e.ts', /a second for (\d+ s) survives/],
  [/\(SmolLM2-(\d+M)/, 'ondevice/model-list.json', /"SmolLM2 (\d+M) Instruct"/],
];

test.each(figures)('the figure %s of the README is that of %s', (said, file, truth) => {
  const figure = said.exec(textOf('README.md'))?.[1];
  expect(figure).toBeDefined();
  expect(truth.exec(readFileSync(join(root, file), 'utf8'))?.[1]).toBe(figure);
});

test('every figure of the README’s table is checked', () => {
  const cells = textOf('README.md')
    .split('\n')
    .filter((line) => /^\| .*\| (yes|by)/.test(line))
    .map((line) => line.split('|')[1] ?? '');
  expect(cells.length).toBeGreaterThan(15);
  // Versions of others' interfaces and dates of theirs are names, not measurements.
  const names = /window\.ai. 0\.2\.4|November 2023/g;
  const left = cells.map((cell) => figures.reduce((text, [said]) => text.replace(said, ''), cell.replaceAll(names, '')));
  expect(left.filter((text) => /(?<![\w-])\d/.test(text))).toEqual([]);
});

test('the README shows four pictures that are there', () => {
  const pictures = [...textOf('README.md').matchAll(/!\[([^\]]+)\]\((docs\/screenshots\/[^)]+)\)/g)];
  expect(pictures).toHaveLength(4);
  for (const [, words, file = ''] of pictures) expect([words, existsSync(join(root, file))]).toEqual([expect.any(String), true]);
});

test('the amounts and times of docs/permissions.md are those of the code', () => {
  const text = textOf('docs/permissions.md');
  const hour = 60 * 60 * 1000;
  expect(text).toContain(`at most ${limits.visitTtl / hour} hours`);
  expect(text).toContain(`until ${limits.alwaysUnusedTtl / hour / 24} days pass`);
  expect(text).toContain(`| $${(limits.siteMicroUsd / 1e6).toFixed(2)} a day |`);
  expect(text).toContain(`| ${limits.siteTokens.toLocaleString('en')} tokens a day |`);
  expect(text).toContain(`| all sites together | $${limits.allMicroUsd / 1e6} a day |`);
});

test('the numbers of docs/passphrase.md are those of the code', () => {
  const text = textOf('docs/passphrase.md');
  expect(text).toContain(`at least ${limits.passphraseChars} characters`);
  expect(text).toContain(`waits up to ${limits.unlockTtl / 60_000} minutes`);
});
