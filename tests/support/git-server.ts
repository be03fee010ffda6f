/** A Git server on loopback, as a forge is one: git's own `http-backend` (its CGI) behind Node's server. */

import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface GitServer {
  /** What a person gives a program that clones. */
  readonly url: string;
  close(): void;
}

/** Serves a repository with this folder's files at the top of `branch`; its own main branch is empty of them. */
export async function serveBranch(folder: string, branch: string): Promise<GitServer> {
  const root = mkdtempSync(join(tmpdir(), 'oriel-git-'));
  const repository = join(root, 'oriel.git');
  const work = join(root, 'work');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Oriel', '-c', 'user.email=oriel@example.com', '-C', work, ...args], {
      stdio: 'ignore',
    });
  cpSync(folder, work, { recursive: true });
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch', 'main', repository]);
  git('init', '--quiet', '--initial-branch', branch);
  git('add', '--all');
  git('commit', '--message', 'The adapter');
  git('push', '--quiet', repository, branch);

  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
    const backend = spawn('git', ['http-backend'], {
      env: {
        ...process.env,
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: pathname,
        QUERY_STRING: search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      },
    });
    request.pipe(backend.stdin);
    const chunks: Buffer[] = [];
    backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    backend.on('close', () => {
      const said = Buffer.concat(chunks);
      const end = said.indexOf('\r\n\r\n');
      const headers = said
        .subarray(0, end)
        .toString()
        .split('\r\n')
        .map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
      const status = headers.find(([name]) => name === 'Status')?.[1];
      response.writeHead(
        status ? Number.parseInt(status, 10) : 200,
        Object.fromEntries(headers.filter(([name]) => name !== 'Status')),
      );
      response.end(said.subarray(end + 4));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/oriel.git`,
    close() {
      server.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
