/** Bundles the page with the SDKs from `node_modules`, as an app of today would be. */

import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** One classic script. */
export async function bundleSdkPage(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: { entry: fileURLToPath(new URL('page.ts', import.meta.url)), formats: ['iife'], name: 'sdkPage' },
    },
  });
  const [first] = [result].flat();
  const chunk = first && 'output' in first ? first.output.find(({ type }) => type === 'chunk') : undefined;
  if (chunk?.type !== 'chunk') throw new Error('vite made no script.');
  return chunk.code;
}
