/** Puts a stand-in where a person's server would be. */

import { usualPorts } from '../../../background/local-servers';

/** Starts a server on the first of the usual ports that nobody uses; `but` are left for others. */
export async function atUsualPort<Server>(start: (port: number) => Promise<Server>, but: readonly number[] = []) {
  for (const port of usualPorts) {
    if (but.includes(port)) continue;
    const server = await start(port).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error;
    });
    if (server) return { server, port };
  }
  throw new Error('Every usual port of a local server is in use.');
}
