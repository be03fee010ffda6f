/** Serves the page of the engine figures, cross-origin isolated, with the engine as Oriel's build has it, and the model. */

import { createReadStream, readFileSync, statSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { engineAssets, wllamaPlugin } from '../ondevice/build/wllama-plugin';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const headers = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  // As a site would: what the browser compiled of the engine it may keep, as it does for an extension's files.
  'cache-control': 'max-age=3600',
};
const html =
  '<!doctype html><meta charset="utf-8"><title>Engine</title><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>';

/** @param model the path of the GGUF file */
export async function startEngineServer(model: string): Promise<{ readonly origin: string; close(): Promise<void> }> {
  const files = new Map<string, readonly [content: string | Buffer, type: string]>([
    ['/', [html, 'text/html; charset=utf-8']],
    ['/page.js', [await bundle(), 'text/javascript']],
  ]);
  for (const asset of engineAssets()) {
    const content = asset.contents ?? readFileSync(asset.absoluteSrc);
    files.set(`/${asset.relativeDest}`, [content, asset.relativeDest.endsWith('.wasm') ? 'application/wasm' : 'text/javascript']);
  }
  const server = http.createServer(({ url = '/' }, response) => {
    if (url === '/model.gguf') {
      response.writeHead(200, { ...headers, 'content-length': statSync(model).size });
      createReadStream(model).pipe(response);
      return;
    }
    const [content, type] = files.get(url) ?? [];
    response.writeHead(content === undefined ? 404 : 200, { ...headers, ...(type && { 'content-type': type }) });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bundle(): Promise<string> {
  const built = await build({
    ...{ root, configFile: false, logLevel: 'silent', plugins: [wllamaPlugin()] },
    build: { write: false, target: 'es2022', lib: { entry: join(root, 'bench', 'engine-page.ts'), formats: ['es'] } },
  });
  const [output] = Array.isArray(built) ? built : [built];
  const chunk = output && 'output' in output ? output.output[0] : undefined;
  if (!chunk) throw new Error('The page of the engine could not be built.');
  return chunk.code;
}
