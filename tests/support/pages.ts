/** Serves the web pages that tests open, on 127.0.0.1, under any host name the browsers map there; one server is one port. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PageInit {
  status?: number;
  headers?: Record<string, string>;
}

export interface PageServer {
  readonly port: number;
  /**
   * The origin under a host name. `127.0.0.1`, `localhost` and `*.localhost` are secure contexts, each its own site;
   * `*.test` is plain http off this machine as far as the browser knows (Firefox knows only the names listed in firefox.ts).
   */
  origin(host?: string): string;
  url(path: string, host?: string): string;
  /** Sets the page at a path. Text that does not begin with `<!doctype` becomes the body of a small valid document. */
  page(path: string, html: string, init?: PageInit): void;
  /** Serves other content (scripts, JSON). */
  file(path: string, content: string | Uint8Array, contentType: string, init?: PageInit): void;
  /** Every request so far, as `METHOD host/path?query`. */
  readonly requests: string[];
  close(): Promise<void>;
}

interface Stored {
  content: string | Uint8Array;
  status: number;
  headers: Record<string, string>;
}

/** Starts a page server on a free port; start several for several origins of the same host. */
export async function startPageServer(pages: Record<string, string> = {}): Promise<PageServer> {
  const stored = new Map<string, Stored>();
  const requests: string[] = [];

  function file(path: string, content: string | Uint8Array, contentType: string, init: PageInit = {}) {
    const headers = { 'content-type': contentType, ...init.headers };
    stored.set(path, { content, status: init.status ?? 200, headers });
  }
  function page(path: string, html: string, init: PageInit = {}) {
    file(path, toDocument(html), 'text/html; charset=utf-8', init);
  }
  for (const [path, html] of Object.entries(pages)) page(path, html);

  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://pages');
    requests.push(`${request.method} ${request.headers.host}${request.url}`);
    const found = stored.get(url.pathname);
    response.writeHead(found?.status ?? 404, found?.headers ?? { 'content-type': 'text/plain' });
    response.end(found?.content ?? 'There is no such test page.');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const origin = (host = '127.0.0.1') => `http://${host}:${port}`;

  return {
    port,
    requests,
    origin,
    url: (path, host) => origin(host) + path,
    page,
    file,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function toDocument(html: string): string {
  if (/^\s*<!doctype/i.test(html)) return html;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Test page</title><link rel="icon" href="data:,"></head><body>${html}</body></html>`;
}
