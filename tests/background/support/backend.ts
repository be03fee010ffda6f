/** A backend that speaks OpenAI's chat format, as the `fetch` that egress is given. It keeps what it was sent. */

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly signal: AbortSignal | undefined;
}

export interface Backend {
  readonly fetch: typeof globalThis.fetch;
  readonly sent: readonly Sent[];
  /** The completions among them. */
  completions(): readonly Sent[];
  models: readonly string[];
  /** What a completion is answered with; by default `Hello there.` at once. */
  answer: (signal: AbortSignal | undefined) => Response | Promise<Response>;
  /** Answers for backends that speak otherwise; undefined for what is not theirs. */
  otherwise: ((request: Sent) => Response | Promise<Response> | undefined) | undefined;
  /** What the model list is answered with, where it is not `models`. */
  list: (() => Response | Promise<Response>) | undefined;
}

const event = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`;
const delta = (content: string) => event({ model: 'm-1', choices: [{ index: 0, delta: { content } }] });
const end =
  event({ model: 'm-1', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }) +
  event({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } }) +
  'data: [DONE]\n\n';

const sse = (body: BodyInit) => new Response(body, { headers: { 'content-type': 'text/event-stream' } });
export const failing = (status: number, error: unknown) => Response.json({ error }, { status });
export const answering = (...texts: string[]) => sse(texts.map(delta).join('') + end);

/** An answer that goes on as the test says, and breaks off when it is aborted. */
export function createSlowAnswer() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const bytes = (text: string) => new TextEncoder().encode(text);
  return {
    answer: (signal: AbortSignal | undefined) =>
      sse(
        new ReadableStream<Uint8Array>({
          start(started) {
            controller = started;
            signal?.addEventListener('abort', () => started.error(signal.reason), { once: true });
          },
        }),
      ),
    send: (text: string) => controller?.enqueue(bytes(delta(text))),
    end() {
      controller?.enqueue(bytes(end));
      controller?.close();
    },
  };
}

export function createBackend(): Backend {
  const sent: Sent[] = [];
  const backend: Backend = {
    sent,
    completions: () => sent.filter(({ url }) => url.endsWith('/chat/completions')),
    models: ['m-1', 'm-2'],
    list: undefined,
    otherwise: undefined,
    answer: () => answering('Hello ', 'there.'),
    async fetch(input, init = {}) {
      const { method = 'GET', body, signal } = init;
      const url = String(input);
      const request: Sent = {
        method,
        url,
        headers: Object.fromEntries(new Headers(init.headers)),
        body: typeof body === 'string' ? JSON.parse(body) : undefined,
        signal: signal ?? undefined,
      };
      sent.push(request);
      signal?.throwIfAborted();
      const otherwise = backend.otherwise?.(request);
      if (otherwise) return otherwise;
      if (url.endsWith('/chat/completions')) return backend.answer(signal ?? undefined);
      return backend.list?.() ?? Response.json({ object: 'list', data: backend.models.map((id) => ({ id, object: 'model' })) });
    },
  };
  return backend;
}
