/** Reads the tree: what design.md says of it holds, and a file that has no place fails here. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { catalog } from '../providers/catalog';
import { coveredInFull } from '../vitest.config';

const root = fileURLToPath(new URL('..', import.meta.url));

/** design.md, section 2, and the files that tools look for at the top. A new one needs a line there. */
const topLevel = new Set([
  ...['protocol', 'page', 'background', 'providers', 'ondevice', 'components', 'entrypoints', 'client', 'demo'],
  ...['adapters', 'scripts', 'bench', 'locales', 'public', 'docs', 'tests'],
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'wxt.config.ts', 'vitest.config.ts', 'biome.json', 'knip.json'],
  ...['README.md', 'CHANGELOG.md', 'LICENSE', 'CONTRIBUTING.md', 'SECURITY.md', 'PRIVACY.md', 'AGENTS.md'],
]);
/** Made by tools, or none of the product's. */
const isGenerated = (name: string) => name === 'node_modules' || name === 'coverage' || name.startsWith('.');

interface Source {
  /** From the top of the tree, with forward slashes. */
  readonly path: string;
  readonly folder: string;
  readonly text: string;
}

const filesBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !path.includes('/fixtures/'))
    .sort();

const shippedFolders = ['protocol', 'page', 'background', 'providers', 'ondevice', 'components', 'entrypoints', 'client'];
const sources: readonly Source[] = shippedFolders
  .flatMap(filesBelow)
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => ({ path, folder: path.split('/', 1)[0] ?? '', text: readFileSync(join(root, path), 'utf8') }));

/** Code without comments and strings that only speak of something. */
const codeOf = ({ text }: Source) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');

interface Import {
  readonly from: string;
  /** A path from the top, or the package's name. */
  readonly target: string;
  readonly isType: boolean;
}

const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

function importsOf(source: Source): Import[] {
  const pattern = /\b(?:import|export)\b\s*(type\b)?[^'";]*?\bfrom\s*'([^']+)'|(?<!['-])\bimport(?:\s*\(\s*|\s+)'([^']+)'/g;
  return [...codeOf(source).matchAll(pattern)].map(([, type, from, bare]) => {
    const specifier = from ?? bare ?? '';
    const isOurs = specifier.startsWith('.');
    const target = isOurs ? normalize(join(dirname(source.path), specifier)).replaceAll('\\', '/') : packageOf(specifier);
    return { from: source.path, target, isType: type !== undefined };
  });
}

const imports = sources.flatMap(importsOf);

/** What a folder may import beside itself: folders or files of ours, and packages. `type:` where it must vanish from the build. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  protocol: ['valibot'],
  page: ['protocol/page-limits', 'protocol/names', 'protocol/token-estimate', 'type:protocol'],
  background: ['protocol', 'providers', 'dexie'],
  providers: ['protocol', 'eventsource-parser', 'valibot'], // What a backend sends passes a schema as well.
  ondevice: ['protocol', 'hash-wasm', '@wllama/wllama'],
  components: ['protocol', 'providers/catalog', 'type:providers', 'preact', '@preact/signals', '#i18n'],
  entrypoints: [...shippedFolders.filter((folder) => folder !== 'client'), 'package.json', 'wxt', 'preact'],
  client: ['type:protocol'], // Published by itself: nothing of the extension goes with it.
};
/** Single files that may more than their folder, each for a reason. */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  'background/browser.ts': ['webextension-polyfill'], // The one seam to the browser's API.
  'background/browser-api.ts': ['webextension-polyfill'], // Its types.
  'background/kdf.ts': ['hash-wasm'], // Runs in a worker of Oriel's pages.
  'background/transfer-file.ts': ['valibot'], // What a file holds comes from anywhere.
  'background/row-schemas.ts': ['valibot'], // What a damaged store gives may have any shape.
  'components/client.ts': ['webextension-polyfill'], // The interface's only door to the background.
  'entrypoints/database.ts': ['dexie'], // Beside what needs it.
  'ondevice/build/wllama-plugin.ts': ['node:fs', 'node:module', 'node:path', 'vite'], // Runs in the build, not in the extension.
};

const covers = (rule: string, { target, isType }: Import) => {
  const name = rule.replace(/^type:/, '');
  return (isType || !rule.startsWith('type:')) && (target === name || target.startsWith(`${name}/`));
};

test.each(shippedFolders)('%s imports what it may and nothing else', (folder) => {
  const rules = [folder, ...(allowed[folder] ?? [])];
  const wrong = imports
    .filter(({ from }) => from.startsWith(`${folder}/`))
    .filter((one) => ![...rules, ...(exceptions[one.from] ?? [])].some((rule) => covers(rule, one)))
    .map(({ from, target, isType }) => `${from} -> ${isType ? 'type ' : ''}${target}`);
  expect(wrong).toEqual([]);
});

test('the reading of imports works: each folder has some, and the known ones are found', () => {
  for (const folder of shippedFolders)
    expect(
      imports.some(({ from }) => from.startsWith(`${folder}/`)),
      folder,
    ).toBe(true);
  expect(imports).toContainEqual({ from: 'background/browser.ts', target: 'webextension-polyfill', isType: false });
  expect(imports).toContainEqual({ from: 'page/relay.ts', target: 'protocol/channel', isType: true });
  expect(imports).toContainEqual({ from: 'entrypoints/page.ts', target: 'page/window-ai', isType: false });
});

test('exceptions name files that are there', () => {
  expect(Object.keys(exceptions).filter((path) => !sources.some((source) => source.path === path))).toEqual([]);
});

test('nobody imports an entrypoint', () => {
  expect(imports.filter(({ target, from }) => target.startsWith('entrypoints/') && !from.startsWith('entrypoints/'))).toEqual([]);
});

/** Who names something, in code. */
const naming = (pattern: RegExp) => sources.filter((source) => pattern.test(codeOf(source))).map(({ path }) => path);

test('T119 the network is named by egress, and handed in by the entrypoint alone', () => {
  expect(naming(/\bglobalThis\s*\.\s*fetch\b(?!\s*;)/)).toEqual(['entrypoints/background.ts']);
  expect(naming(/\b(?:window|self|globalThis)\s*\[/)).toEqual([]);
  expect(naming(/\bnew\s+WebSocket\b|\bWebSocketStream\b/)).toEqual(['entrypoints/backends.ts']);
  expect(naming(/\b(?:XMLHttpRequest|EventSource|sendBeacon|WebTransport|RTCPeerConnection)\b/)).toEqual([]);
});

test('T119 a call of fetch is of one that was handed in', () => {
  const callers = naming(/(?<![.\w])fetch\s*\(/);
  expect(callers).toEqual(['background/egress.ts', 'providers/http.ts']);
  for (const path of callers) {
    const source = sources.find((one) => one.path === path);
    expect(source && codeOf(source), path).toMatch(/\{[^}]*\bfetch\b[^}]*\}: \w+Deps/);
  }
});

test('T119 egress alone opens secrets, and the vault alone decrypts', () => {
  expect(naming(/\.\s*(?:decrypt|unwrapKey)\s*\(/)).toEqual(['background/sealed.ts']);
  // The export takes secrets from one encryption into another; what was said in calls, and the chat that is kept, have keys of their own, which are
  // no backend's.
  expect(naming(/\bvault\s*\.\s*open\s*\(/)).toEqual([
    'background/contents.ts',
    'background/egress.ts',
    'background/kept-chat.ts',
    'background/transfer.ts',
  ]);
  const importers = (module: string) =>
    imports.filter(({ target, isType }) => target === module && !isType).map(({ from }) => from);
  expect(importers('background/vault')).toEqual(['background/start.ts']);
  expect(importers('background/sealed').sort()).toEqual([
    'background/contents.ts',
    'background/kept-chat.ts',
    'background/transfer-file.ts',
    'background/vault-copy.ts',
    'background/vault-records.ts',
    'background/vault.ts',
  ]);
});

test('the background alone opens the database: what it keeps of it in memory, nobody else makes stale', () => {
  expect(naming(/\bnew Database\b/)).toEqual(['entrypoints/database.ts']);
  expect(naming(/\bcreateRows\b/)).toEqual(['background/rows.ts', 'background/start.ts']);
  expect(naming(/\bindexedDB\b/)).toEqual(['background/database.ts', 'background/start.ts', 'entrypoints/background.ts']);
  // Recovery has another one, of another name. What starts with the background has no such library.
  const withDexie = imports.filter(({ target, isType }) => target === 'dexie' && !isType).map(({ from }) => from);
  expect(withDexie).toEqual(['background/database.ts', 'background/vault-copy.ts', 'entrypoints/database.ts']);
});

test('T8 nobody listens to other extensions', () => {
  expect(naming(/\bon(?:Connect|Message)External\b|\bruntime\s*\.\s*onMessage\b/)).toEqual([]);
});

test('T116 the console is named by the log alone', () => {
  expect(naming(/(?<!:\/\/)\bconsole\b/)).toEqual(['background/log.ts']);
});

test('T118 no code is made from text, and no markup from data', () => {
  expect(naming(/\beval\s*\(|\bnew\s+Function\b|\binnerHTML\b|\bouterHTML\b|\binsertAdjacentHTML\b|document\.write\b/)).toEqual(
    [],
  );
  expect(naming(/\bdangerouslySetInnerHTML\b/)).toEqual([]);
  // Scripts of our own are loaded later, by constant addresses.
  expect(naming(/\bimportScripts\b|createElement\('script'\)/)).toEqual(['background/on-demand.ts']);
});

test('nothing secret can lie in storage that content scripts read or that is synced', () => {
  expect(naming(/\bstorage\s*\.\s*(?:local|sync)\b|\blocalStorage\b|\bsessionStorage\b|\bdocument\.cookie\b/)).toEqual([]);
});

test('the relay and the page script use no API of the extension but connect', () => {
  for (const { path, text } of sources.filter(({ folder }) => folder === 'page'))
    expect(text, path).not.toMatch(/\bchrome\.|\bbrowser\./);
});

test('entrypoints are wiring: 40 lines at most', () => {
  const long = sources.filter(({ folder, text }) => folder === 'entrypoints' && text.trimEnd().split('\n').length > 40);
  expect(long.map(({ path }) => path)).toEqual([]);
});

test('what must be covered in full is there, and no comment takes a line out of the count', () => {
  const files = coveredInFull.filter((glob) => !glob.endsWith('/**'));
  expect(files.filter((path) => !sources.some((source) => source.path === path))).toEqual([]);
  const ignoring = sources.filter(({ text }) => /\b(?:v8|c8|istanbul|coverage)\s+ignore\b|@preserve/.test(text));
  expect(ignoring.map(({ path }) => path)).toEqual([]);
});

test('files have 300 lines at most', () => {
  const long = sources.filter(({ text }) => text.trimEnd().split('\n').length > 300);
  expect(long.map(({ path, text }) => `${path}: ${text.trimEnd().split('\n').length}`)).toEqual([]);
});

test('every source file begins with a sentence on what it owns', () => {
  // WXT's entrypoints may begin with imports: their name says what they are.
  const silent = sources.filter(({ folder, text }) => folder !== 'entrypoints' && !text.startsWith('/**'));
  expect(silent.map(({ path }) => path)).toEqual([]);
});

/** What users of the package import: the one kind of file that names what others own. */
const fronts = ['client/index.ts', 'client/testing.ts'];

test('there are no barrel files and no drawers for odds and ends', () => {
  const isFront = (path: string) => fronts.includes(path);
  const indexes = sources.map(({ path }) => path).filter((path) => /(^|\/)index\.tsx?$/.test(path));
  expect(indexes.filter((path) => !isFront(path))).toEqual([]);
  const passing = naming(/^export\s+(?:type\s+)?(?:\*|\{[^}]*\})\s+from\b/m);
  expect(passing.filter((path) => !isFront(path))).toEqual([]);
  expect(passing.sort()).toEqual(fronts);
  expect(sources.filter(({ path }) => /\/(utils?|helpers|common|misc|shared)(\/|\.)/.test(path)).map(({ path }) => path)).toEqual(
    [],
  );
});

test('files are named in kebab-case, components in PascalCase', () => {
  const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*\.(ts|mjs|json)$/;
  const pascal = /^([A-Z][A-Za-z0-9]*|main)\.tsx$/;
  const wrong = sources.map(({ path }) => path).filter((path) => !(path.endsWith('.tsx') ? pascal : kebab).test(basename(path)));
  expect(wrong).toEqual([]);
});

test('every row of the catalog has its folder of fixtures, and every folder its row', () => {
  const folders = readdirSync(join(root, 'providers/fixtures')).sort();
  expect(folders).toEqual(catalog.map(({ id }) => id).sort());
});

test('nothing lies at the top that the layout does not know', () => {
  expect(readdirSync(root).filter((name) => !topLevel.has(name) && !isGenerated(name))).toEqual([]);
});

test('tests mirror the tree', () => {
  const folders = readdirSync(join(root, 'tests'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const known = [...shippedFolders, 'adapters', 'demo', 'bench', 'scripts', 'e2e', 'support', 'support-tests', 'types', 'faults'];
  expect(folders.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
});
