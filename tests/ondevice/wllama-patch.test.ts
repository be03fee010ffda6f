import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { engineAssets, engineFiles, patchWorkerSource, wllamaPlugin } from '../../ondevice/build/wllama-plugin';

const require = createRequire(import.meta.url);
const fileOf = (path: string) => require.resolve(`@wllama/wllama/${path}`);
const sourceOf = (path: string) => readFileSync(fileOf(path), 'utf8');
const forbidden = /\bcdn\.|jsdelivr|unpkg|esm\.sh|\beval\(|new Function/;

test('the package is the version whose sources the build changes', () => {
  expect(JSON.parse(sourceOf('package.json')).version).toBe('3.8.1');
});

test('the engine starts the packaged worker and hands it the packaged thread file', () => {
  const patched = patchWorkerSource(sourceOf('src/worker.ts'));
  expect(patched).toContain("new Worker('/engine/worker.js', { type: 'module'");
  expect(patched).toContain("'/engine/thread.js'");
  expect(patched).not.toContain('createWorker(');
  expect(patched).not.toContain('moduleCode');
  expect(patched).not.toContain('fetch(');
});

test('a source that no longer fits stops the build', () => {
  expect(() => patchWorkerSource('let moduleCode = 1')).toThrow('no single');
});

test('the packaged files hold the code that the package would put into blob workers, and nothing that stores refuse', () => {
  const { worker, thread } = engineFiles();
  expect(thread).toContain('WebAssembly.Suspending');
  expect(thread).toContain('em-pthread');
  // What the engine is told arrives in the worker's name; what it is told to use for threads may be an address.
  expect(worker).toContain('var pathConfig = RUN_OPTIONS.pathConfig');
  expect(worker).toContain('var ___Module');
  expect(thread).toContain('typeof pthreadMainJs!="string"');
  expect(sourceOf('src/workers-code/llama-cpp.js')).toContain('mainScriptUrlOrBlob: hasMultithread\n      ? argMainScriptBlob');
  expect(worker).not.toMatch(forbidden);
  expect(thread).not.toMatch(forbidden);
});

test('what the plugin leaves out still exports what the rest imports', () => {
  const load = wllamaPlugin().load as (id: string) => string | null;
  const stubOf = (path: string) => load(fileOf(path)) ?? '';
  const engine = sourceOf('src/wllama.ts');
  expect(engine).toContain("import CacheManager, { type DownloadOptions } from './cache-manager';");
  expect(stubOf('src/cache-manager.ts')).toContain('export default class CacheManager');
  expect(engine).toContain("import { ModelManager, Model, type ModelSource } from './model-manager';");
  expect(stubOf('src/model-manager.ts')).toMatch(/class Model .*class ModelManager/);
  expect(engine).toContain("import { getHFModelSource, type HuggingFaceParams } from './huggingface';");
  expect(stubOf('src/huggingface.ts')).toContain('getHFModelSource');
  expect(engine).toContain("import { WasmCompatFromCDN } from './wasm-from-cdn';");
  expect(stubOf('src/wasm-from-cdn.ts')).toContain('WasmCompatFromCDN = null');
  expect(engine).toContain("import { LIBLLAMA_VERSION } from './workers-code/generated';");
  expect(stubOf('src/workers-code/generated.ts')).not.toContain('Module');
  expect(sourceOf('src/worker.ts')).toContain("import { Debug } from './debug';");
  expect(stubOf('src/debug.ts')).toContain('decodeStackTrace');
});

test('the files of the engine lie where it looks for them', () => {
  expect(engineAssets().map(({ relativeDest }) => relativeDest)).toEqual([
    'engine/wllama.wasm',
    'engine/worker.js',
    'engine/thread.js',
  ]);
});
