/**
 * `npm run eval`: how many of 30 everyday questions a model answers rightly, asked by a web page through Oriel in a real browser.
 *
 *   npm run eval                                        # the smallest model of the shelf, on this device
 *   npm run eval -- --model qwen3-0.6b                  # another of the shelf, where its file can be had
 *   npm run eval -- --native [--model …]                # the same file in llama.cpp's own server, which is built once
 *   npm run eval -- --url http://127.0.0.1:8080/v1 --model NAME [--key-file FILE]
 *   npm run eval -- --provider anthropic --key-file FILE --model NAME    # any row of the catalog
 *
 * Also `--browser firefox`, `--max-tokens 300`, `--json FILE`, `--no-build`. The exit code is 1 where the questions could not all be asked; a
 * wrong answer is no failure.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBrowsers, ensurePackages, root } from './setup.mjs';
import { openTypeScript } from './typescript.mjs';

const { values } = parseArgs({
  options: {
    ...Object.fromEntries(['url', 'model', 'key-file', 'provider', 'json'].map((name) => [name, { type: 'string' }])),
    browser: { type: 'string', default: 'chromium' },
    'max-tokens': { type: 'string', default: '300' },
    native: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
});
const isDevice = values.url === undefined && values.provider === undefined;
const maxTokens = Number(values['max-tokens']);
if (!['chromium', 'firefox'].includes(values.browser)) throw new Error('--browser takes chromium or firefox.');
if (!Number.isSafeInteger(maxTokens) || maxTokens < 1) throw new Error('--max-tokens takes a whole number.');
if (values.native && !isDevice) throw new Error('--native runs a model of the shelf; it takes no --url and no --provider.');

ensurePackages();
const problems = ensureBrowsers([values.browser]);
if (problems.length > 0) throw new Error(problems.join('\n'));
process.chdir(root);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort());
/** Things to close, last first. */
const closers = [];
let isWhole = false;
try {
  isWhole = await run();
} catch (error) {
  console.error(error.message);
} finally {
  for (const close of closers.reverse()) await close();
}
process.exit(isWhole ? 0 : 1);

/** @returns whether every question was asked */
async function run() {
  const weights = isDevice ? await findModel() : undefined;
  if (!values['no-build']) build();
  const typescript = await openTypeScript();
  closers.push(typescript.close);
  const server = values.native ? await startNative(weights.file, typescript) : undefined;
  const { evaluate } = await typescript.load('bench/eval/run.ts');
  const title = weights
    ? `${weights.model.name}${values.native ? ", in llama.cpp's own server" : ', on this device'}`
    : values.model;
  console.log(`${title ?? 'the first model of the connection'}, asked through Oriel in ${values.browser}\n`);
  const subject =
    weights && !server
      ? { type: 'device', file: weights.file, name: weights.model.name }
      : {
          type: 'connection',
          providerId: server ? 'openai-compatible' : (values.provider ?? 'openai-compatible'),
          baseUrl: server ?? values.url,
          key: values['key-file'] && readFileSync(values['key-file'], 'utf8').trim(),
          model: server ? undefined : values.model,
        };
  const result = await evaluate({ browser: values.browser, subject, maxTokens, log: console.log, signal: stop.signal });
  console.log(`\n${result.right} of ${result.of} everyday questions answered rightly`);
  const about = { model: title, browser: values.browser, ...(weights && { id: weights.model.id, sha256: weights.model.sha256 }) };
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ ...about, ...result }, null, 2)}\n`);
  return !stop.signal.aborted;
}

/** The file of a model of the shelf; a toy's answers would be no score. */
async function findModel() {
  const { findWeights } = await import('./model-weights.mjs');
  const weights = await findWeights({ id: values.model, log: console.log });
  if (!weights.real) throw new Error('The weights could not be had from any source. ORIEL_MODEL_FILE can name the file.');
  return weights;
}

/** llama.cpp's own server with this file. @returns the address of its API */
async function startNative(file, typescript) {
  const { llamaServer } = await import('./real-servers.mjs');
  const { path, missing } = llamaServer();
  if (path === undefined) throw new Error(missing);
  const { startServer } = await typescript.load('tests/support/real-server.ts');
  const { origin, close } = await startServer(path, '/health', (_folder, port) => [
    '--model',
    file,
    '--ctx-size',
    '2048',
    '--host',
    '127.0.0.1',
    '--port',
    `${port}`,
  ]);
  closers.push(close);
  return `${origin}/v1`;
}

function build() {
  console.log('Building Oriel …');
  const wxt = join(root, 'node_modules', 'wxt', 'bin', 'wxt.mjs');
  const target = values.browser === 'chromium' ? 'chrome' : 'firefox';
  const { status, stderr } = spawnSync(process.execPath, [wxt, 'build', '-b', target], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`The build failed:\n${stderr}`);
}
