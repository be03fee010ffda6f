/** Reads HTTP/1.1 requests from the bytes of one socket; it answers nothing. */

export interface ParsedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case; repeated headers are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Calls `onRequest` for each complete request among the bytes fed. */
export function createRequestParser(onRequest: (request: ParsedRequest) => void) {
  let buffer = Buffer.alloc(0);

  function takeRequest(): ParsedRequest | undefined {
    const headEnd = buffer.indexOf('\r\n\r\n');
    if (headEnd < 0) return undefined;
    const head = parseHead(buffer.subarray(0, headEnd).toString('latin1'));
    const rest = buffer.subarray(headEnd + 4);
    const body =
      head.headers['transfer-encoding'] === 'chunked'
        ? takeChunked(rest)
        : takeCounted(rest, Number(head.headers['content-length'] ?? 0));
    if (!body) return undefined;
    buffer = rest.subarray(body.used);
    return { ...head, body: body.bytes.toString('utf8') };
  }

  return {
    feed(bytes: Uint8Array) {
      buffer = Buffer.concat([buffer, bytes]);
      for (let request = takeRequest(); request; request = takeRequest()) onRequest(request);
    },
  };
}

function parseHead(text: string): Omit<ParsedRequest, 'body'> {
  const [requestLine = '', ...lines] = text.split('\r\n');
  const [method = '', target = ''] = requestLine.split(' ');
  const url = new URL(target, 'http://faultd');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return { method, path: url.pathname, query: url.searchParams, headers };
}

interface Taken {
  bytes: Buffer;
  used: number;
}

function takeCounted(bytes: Buffer, length: number): Taken | undefined {
  return bytes.length < length ? undefined : { bytes: bytes.subarray(0, length), used: length };
}

function takeChunked(bytes: Buffer): Taken | undefined {
  const parts: Buffer[] = [];
  let position = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', position);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.subarray(position, lineEnd).toString('latin1'), 16);
    const next = lineEnd + 2 + size + 2;
    if (Number.isNaN(size) || bytes.length < next) return undefined;
    if (size === 0) return { bytes: Buffer.concat(parts), used: next };
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    position = next;
  }
}
