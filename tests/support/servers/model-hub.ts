/**
 * A stand-in for the model hub: its JSON API, and files behind a redirect to another path, as the real one hands them out, with entity tags,
 * `Range` and `If-Range` (RFC 9110), and the faults that a network and a hub have.
 */

import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HubRequest {
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
}

/** What goes wrong. Each holds until it is taken back. */
export interface HubFaults {
  /** The connection breaks after so many bytes of a body. */
  cutAfter?: number | undefined;
  /** The body stops after so many bytes, and nothing more comes. */
  stallAfter?: number | undefined;
  /** One bit in the middle of the file is wrong. */
  damage?: boolean;
  /** Knows nothing of `Range`. */
  noRanges?: boolean;
  /** Does not say how long the file is. */
  noLength?: boolean;
  status?: number | undefined;
}

export interface ModelHubServer {
  readonly origin: string;
  readonly requests: HubRequest[];
  readonly faults: HubFaults;
  /** Address of a file as the hub names it. */
  fileUrl(repository: string, name: string): string;
  put(repository: string, name: string, bytes: Uint8Array): void;
  close(): Promise<void>;
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export async function startModelHub(): Promise<ModelHubServer> {
  const files = new Map<string, Uint8Array>();
  const requests: HubRequest[] = [];
  const faults: HubFaults = {};

  const sendJson = (response: http.ServerResponse, body: unknown, status = 200) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify(body));
  };

  const search = (url: URL) => {
    const repositories = [...new Set([...files.keys()].map((key) => key.split('/').slice(0, 2).join('/')))];
    return repositories
      .filter((id) => id.toLowerCase().includes((url.searchParams.get('search') ?? '').toLowerCase()))
      .slice(0, Number(url.searchParams.get('limit') ?? 1000))
      .map((id) => ({
        _id: createHash('sha1').update(id).digest('hex').slice(0, 24),
        id,
        likes: 7,
        private: false,
        downloads: 1234,
        tags: ['gguf', 'en', 'license:apache-2.0', 'region:us'],
        pipeline_tag: 'text-generation',
        createdAt: '2026-01-01T00:00:00.000Z',
        modelId: id,
      }));
  };

  const tree = (repository: string) =>
    [...files]
      .filter(([key]) => key.startsWith(`${repository}/`))
      .map(([key, bytes]) => ({
        type: 'file',
        oid: createHash('sha1').update(bytes).digest('hex'),
        size: bytes.length,
        lfs: { oid: sha256Of(bytes), size: bytes.length, pointerSize: 134 },
        path: key.slice(repository.length + 1),
      }));

  const sendFile = async (request: http.IncomingMessage, response: http.ServerResponse, whole: Uint8Array) => {
    const etag = `"${sha256Of(whole)}"`;
    const { range, 'if-range': ifRange } = request.headers;
    const asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
    const isRange = asked !== null && !faults.noRanges && (ifRange === undefined || ifRange === etag);
    const start = isRange ? Number(asked[1]) : 0;
    const end = isRange && asked[2] ? Math.min(Number(asked[2]), whole.length - 1) : whole.length - 1;
    if (isRange && start >= whole.length) {
      response.writeHead(416, { 'content-range': `bytes */${whole.length}` });
      return response.end();
    }
    const sent = Uint8Array.from(whole);
    if (faults.damage) sent[whole.length >> 1] = (sent[whole.length >> 1] ?? 0) ^ 1;
    const body = sent.subarray(start, end + 1);
    response.writeHead(isRange ? 206 : 200, {
      'content-type': 'application/octet-stream',
      etag,
      ...(!faults.noRanges && { 'accept-ranges': 'bytes' }),
      ...(!faults.noLength && { 'content-length': body.length }),
      ...(isRange && { 'content-range': `bytes ${start}-${end}/${whole.length}` }),
    });
    const most = faults.cutAfter ?? faults.stallAfter;
    if (most === undefined || most >= body.length) return response.end(body);
    response.write(body.subarray(0, most));
    if (faults.cutAfter === undefined) return;
    // What was written is to arrive first.
    setTimeout(() => response.destroy(), 300);
  };

  const server = http.createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://hub.test');
    const path = decodeURIComponent(url.pathname);
    requests.push({ path, range: request.headers.range, ifRange: request.headers['if-range'] as string | undefined });
    if (faults.status !== undefined) return sendJson(response, { error: 'Something.' }, faults.status);
    if (path === '/api/models') return sendJson(response, search(url));
    const listed = /^\/api\/models\/([^/]+\/[^/]+)\/tree\/main$/.exec(path);
    if (listed?.[1]) return sendJson(response, tree(listed[1]));
    const resolved = /^\/([^/]+\/[^/]+)\/resolve\/main\/(.+)$/.exec(path);
    if (resolved) {
      response.writeHead(302, { location: `/cdn/${resolved[1]}/${resolved[2]}` });
      return response.end();
    }
    const bytes = files.get(path.replace(/^\/cdn\//, ''));
    if (!bytes) return sendJson(response, { error: 'Entry not found' }, 404);
    return sendFile(request, response, bytes);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    requests,
    faults,
    fileUrl: (repository, name) => `${origin}/${repository}/resolve/main/${name}`,
    put: (repository, name, bytes) => void files.set(`${repository}/${name}`, bytes),
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
