/** Builds `client/` into `.output/client`, the folder that is published: modules with their types, and one small file for a plain `<script>`. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import ts from 'typescript';
import { build } from 'vite';
import { root } from './setup.mjs';

const source = join(root, 'client');
const output = join(root, '.output', 'client');

const documents = [
  ['client/package.json', 'package.json'],
  ['client/README.md', 'README.md'],
  ['docs/window-ai.md', 'window-ai.md'],
  ['LICENSE', 'LICENSE'],
];

rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
compile();
for (const name of readdirSync(output)) addExtensions(join(output, name));
await bundle();
for (const [from, to] of documents) copyFileSync(join(root, from), join(output, to));
for (const name of ['README.md', 'window-ai.md']) linkBeside(join(output, name));

const { length } = gzipSync(readFileSync(join(output, 'oriel.min.js')), { level: 9 });
console.log(`.output/client: oriel.min.js is ${(length / 1000).toFixed(1)} kB gzipped`);

function compile() {
  const config = ts.getParsedCommandLineOfConfigFile(join(source, 'tsconfig.json'), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: fail,
  });
  const program = ts.createProgram(config.fileNames, config.options);
  const { diagnostics } = program.emit();
  const found = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (found.length === 0) return;
  const host = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => root, getNewLine: () => '\n' };
  throw new Error(ts.formatDiagnostics(found, host));
}

function fail(diagnostic) {
  throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
}

/** Node, and a browser without a bundler, want the whole name of a file; our sources leave the ending out. */
function addExtensions(file) {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/(\bfrom |\bimport\(?)'(\.\/[\w-]+)'/g, "$1'$2.js'"));
}

/** Both documents lie beside each other in the package, and the rest of the repository does not. */
function linkBeside(file) {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replaceAll('[Oriel](../README.md)', 'Oriel').replaceAll(/\]\(\.\.\/\w+\/([\w-]+\.md)\)/g, '](./$1)'));
}

/** All that a page without a build step needs, in one file. */
async function bundle() {
  await build({
    root: source,
    configFile: false,
    logLevel: 'warn',
    build: {
      outDir: output,
      emptyOutDir: false,
      target: 'es2022',
      lib: { entry: join(source, 'index.ts'), formats: ['es'], fileName: () => 'oriel.min.js' },
      minify: true,
    },
  });
}
