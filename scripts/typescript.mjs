/** Loads the project's TypeScript into a script: Node 20 reads none by itself. */
import { root } from './setup.mjs';

/** @returns a function that imports a file by its path from the top, and one that ends it */
export async function openTypeScript() {
  const { createServer } = await import('vite');
  const vite = await createServer({
    ...{ root, configFile: false, logLevel: 'silent', appType: 'custom' },
    server: { middlewareMode: true, ws: false },
  });
  return { load: (path) => vite.ssrLoadModule(`/${path}`), close: () => vite.close() };
}
