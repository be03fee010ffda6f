/**
 * Builds @wllama/wllama 3.8.1 into an extension: its workers become packaged files instead of blob: URLs (a page's CSP
 * refuses those in Firefox, and stores ask that code be a file), and its fallback to code from the network is left out.
 * The package is taken as it is; every place that is changed is named below and asserted by tests/ondevice/wllama-patch.test.ts.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';
import { enginePaths } from '../engine-paths';

const packageRoot = dirname(createRequire(import.meta.url).resolve('@wllama/wllama/package.json'));
const read = (path: string) => readFileSync(join(packageRoot, path), 'utf8');

/** What is imported; its types are right, and the plugin swaps in the sources, which can be left out file by file. */
const specifier = '@wllama/wllama/esm/index.js';

/** Source files that the extension must not, or need not, contain. */
const stubs: Readonly<Record<string, string>> = {
  'src/workers-code/generated.ts':
    "export const LIBLLAMA_VERSION = ''; export const LLAMA_CPP_WORKER_CODE = ''; export const WLLAMA_EMSCRIPTEN_CODE = '';",
  'src/wasm-from-cdn.ts': 'export const WasmCompatFromCDN = null;',
  // Not source-map.ts: with an empty map the decoder throws, and whoever waits for the crashed engine waits for ever.
  'src/debug.ts': 'export const Debug = { decodeStackTrace: async (stack) => stack };',
  'src/huggingface.ts': 'export function getHFModelSource() {}',
  'src/cache-manager.ts': 'export default class CacheManager {}',
  'src/model-manager.ts': 'export class Model {} export class ModelManager {}',
};

/** Replaces everything from `from` up to `to`, which itself stays. */
interface Cut {
  readonly from: string;
  readonly to: string;
  readonly by: string;
}

const workerCuts: readonly Cut[] = [
  { from: 'async getModuleCode(', to: 'async moduleInit(', by: '' },
  {
    from: 'let moduleCode = JSPI_STUB',
    to: 'this.worker.onmessage =',
    by: `this.worker = new Worker('${enginePaths.worker}', { type: 'module', name: JSON.stringify({
      pathConfig: { 'wllama.wasm': this.resources.wasmPath }, nbThread: this.nbThread, compat: false }) });`,
  },
  // The engine takes a blob or an address for its threads.
  { from: 'new Blob([moduleCode]', to: 'this.useAsyncFile,\n      ],', by: `'${enginePaths.thread}',\n` },
];

/** The source of worker.ts with its blob: worker replaced by the packaged one. Throws where the source no longer fits. */
export function patchWorkerSource(source: string): string {
  return workerCuts.reduce((code, { from, to, by }) => {
    const start = code.indexOf(from);
    const end = code.indexOf(to, start);
    if (start < 0 || end < 0 || code.indexOf(from, start + 1) >= 0)
      throw new Error(`wllama's worker.ts has no single "${from}".`);
    return code.slice(0, start) + by + code.slice(end);
  }, source);
}

/** The code that the package would have put into blob: workers, as files of the extension. */
export function engineFiles(): Readonly<Record<'worker' | 'thread', string>> {
  const generated = read('src/workers-code/generated.ts');
  const promiseStub = between(read('src/worker.ts'), 'const JSPI_STUB = `', '`;');
  // Without an adapter the engine skips its GPU backend, which is not needed for the small models in the list.
  const withoutGpu =
    'try{Object.defineProperty(WorkerNavigator.prototype,"gpu",{get:()=>({requestAdapter:async()=>null})});}catch{}';
  const thread = `${withoutGpu}${promiseStub}${constant(generated, 'WLLAMA_EMSCRIPTEN_CODE')}`;
  // The package renames the module's global in the same way, lest it shadow the variable of the code around it.
  const inner = thread.replace('var Module', 'var ___Module');
  const worker = [
    'const RUN_OPTIONS = JSON.parse(self.name);',
    `function wModuleInit() { ${inner}; return Module; }`,
    constant(generated, 'LLAMA_CPP_WORKER_CODE'),
  ].join('\n');
  return { worker, thread };
}

/** The files to add to the extension (WXT's hook `build:publicAssets`). */
export function engineAssets() {
  const { worker, thread } = engineFiles();
  return [
    { relativeDest: enginePaths.wasm.slice(1), absoluteSrc: join(packageRoot, 'esm/wasm/wllama.wasm') },
    { relativeDest: enginePaths.worker.slice(1), contents: worker },
    { relativeDest: enginePaths.thread.slice(1), contents: thread },
  ];
}

/** Takes the engine from its sources, without what the extension must not contain. */
export function wllamaPlugin(): Plugin {
  return {
    name: 'oriel:wllama',
    enforce: 'pre',
    resolveId: (id) => (id === specifier ? join(packageRoot, 'src/wllama.ts') : null),
    load(id) {
      if (!id.startsWith(packageRoot)) return null;
      const path = id.slice(packageRoot.length + 1).replaceAll('\\', '/');
      if (path === 'src/worker.ts') return patchWorkerSource(read(path));
      return stubs[path] ?? null;
    },
  };
}

function constant(source: string, name: string): string {
  const code: unknown = JSON.parse(`"${between(source, `export const ${name} = "`, '";\n')}"`);
  if (typeof code !== 'string' || code === '') throw new Error(`wllama's generated.ts has no ${name}.`);
  return code;
}

function between(source: string, before: string, after: string): string {
  const start = source.indexOf(before);
  const end = source.indexOf(after, start + before.length);
  if (start < 0 || end < 0) throw new Error(`wllama's sources have no "${before}".`);
  return source.slice(start + before.length, end);
}
