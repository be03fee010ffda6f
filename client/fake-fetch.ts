/** The `fetch` of a fake wallet: chats, embeddings and models in the form of OpenAI's API, from the same script as all its answers. The real one knows more endpoints. */

import { FakeFailure } from './fake-errors';
import type { AnswerPart, Embeddings, EmbedRequest, FinishReason, GenerateRequest, Message, Model } from './types';

export const baseURL = 'https://oriel.invalid/v1';

type Answer = (request: GenerateRequest, options: { signal?: AbortSignal }) => AsyncGenerator<AnswerPart, void>;

/** What the fake looks at in the body of a chat. */
interface ChatBody {
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly model?: string;
  readonly stream?: boolean;
  readonly temperature?: number;
  readonly max_tokens?: number;
}

const reasons: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  aborted: 'stop',
  other: 'stop',
};
const refusals: Partial<Record<string, readonly [status: number, code: string]>> = {
  'not-allowed': [403, 'permission_denied'],
  'payment-required': [403, 'insufficient_quota'],
  'rate-limited': [429, 'rate_limit_exceeded'],
  'invalid-request': [400, 'invalid_request'],
  'not-supported': [400, 'unsupported'],
  'context-length': [400, 'context_length_exceeded'],
  unavailable: [503, 'model_unavailable'],
};

const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...(status >= 400 && status !== 429 && { 'x-should-retry': 'false' }) },
  });
const refuse = (status: number, code: string) =>
  json(status, { error: { message: `A fake wallet failed with ${code}.`, type: 'error', param: null, code } });

const textOf = (content: unknown): string =>
  Array.isArray(content) ? content.map((part) => (part as { text?: string }).text ?? '').join('') : String(content ?? '');

function requestOf(body: ChatBody): GenerateRequest {
  const messages = body.messages.map(({ role, content }) => ({ role: role as Message['role'], content: textOf(content) }));
  return {
    messages,
    ...(body.model !== undefined && { model: body.model }),
    ...(body.temperature !== undefined && { temperature: body.temperature }),
    ...(body.max_tokens !== undefined && { maxOutputTokens: body.max_tokens }),
  };
}

/** A piece of an answer as its `delta`; undefined where that API has nothing for it. */
function deltaOf(part: AnswerPart, calls: number): object | undefined {
  if (part.type === 'text-delta') return { content: part.text };
  if (part.type === 'reasoning-delta') return { reasoning_content: part.text };
  if (part.type !== 'tool-call') return undefined;
  const { id, name, arguments: text } = part;
  return { tool_calls: [{ index: calls, id, type: 'function', function: { name, arguments: text } }] };
}

/** What the fake looks at in a request for embeddings. */
interface EmbedBody {
  readonly input: string | readonly string[];
  readonly dimensions?: number;
  readonly encoding_format?: 'float' | 'base64';
}

/** As OpenAI's own client asks for them: 32-bit floats in base64. */
const bytesOf = (vector: readonly number[]) => btoa(String.fromCharCode(...new Uint8Array(new Float32Array(vector).buffer)));

interface Deps {
  readonly answer: Answer;
  readonly embed: (request: EmbedRequest, signal: AbortSignal) => Promise<Embeddings>;
  readonly models: () => readonly Model[];
}

export function createFakeFetch({ answer, embed, models }: Deps): typeof fetch {
  const chat = async (body: ChatBody, signal: AbortSignal): Promise<Response> => {
    const parts = answer(requestOf(body), { signal });
    const first = await parts.next();
    const id = 'chatcmpl-fake';
    const model = first.value?.type === 'start' ? first.value.model : 'fake-model';
    return body.stream
      ? new Response(events(parts, { id, model }), { headers: { 'content-type': 'text/event-stream' } })
      : json(200, await whole(parts, { id, model }));
  };

  const vectors = async ({ input, dimensions, encoding_format }: EmbedBody, signal: AbortSignal): Promise<Response> => {
    const made = await embed({ input: typeof input === 'string' ? [input] : input, dimensions }, signal);
    const encode = encoding_format === 'base64' ? bytesOf : (vector: readonly number[]) => vector;
    const data = made.vectors.map((vector, index) => ({ object: 'embedding', index, embedding: encode(vector) }));
    return json(200, { object: 'list', model: made.model, data });
  };

  return async (input, init) => {
    const request = new Request(input, init);
    if (!request.url.startsWith(`${baseURL}/`)) throw new TypeError(`window.ai.fetch answers ${baseURL} only.`);
    const endpoint = `${request.method} ${new URL(request.url).pathname.slice('/v1'.length)}`;
    if (endpoint === 'GET /models')
      return json(200, {
        object: 'list',
        data: models().map(({ id }) => ({ id, object: 'model', created: 0, owned_by: 'oriel' })),
      });
    if (endpoint !== 'POST /chat/completions' && endpoint !== 'POST /embeddings') return refuse(404, 'unknown_url');
    try {
      if (endpoint === 'POST /embeddings') return await vectors((await request.json()) as EmbedBody, request.signal);
      return await chat((await request.json()) as ChatBody, request.signal);
    } catch (error) {
      if (!(error instanceof FakeFailure)) throw error;
      const [status, code] = refusals[error.code] ?? [502, 'bad_response'];
      return refuse(status, code);
    }
  };
}

interface Head {
  readonly id: string;
  readonly model: string;
}

async function whole(parts: AsyncGenerator<AnswerPart, void>, head: Head): Promise<object> {
  let content = '';
  const calls: object[] = [];
  let reason: FinishReason = 'stop';
  for await (const part of parts) {
    if (part.type === 'text-delta') content += part.text;
    const delta = part.type === 'tool-call' ? (deltaOf(part, calls.length) as { tool_calls: object[] }) : undefined;
    calls.push(...(delta?.tool_calls ?? []));
    if (part.type === 'finish') reason = part.reason;
  }
  const message = { role: 'assistant', content, ...(calls.length > 0 && { tool_calls: calls }) };
  return { ...head, object: 'chat.completion', created: 0, choices: [{ index: 0, message, finish_reason: reasons[reason] }] };
}

function events(parts: AsyncGenerator<AnswerPart, void>, head: Head): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(`data: ${text}\n\n`));
      const chunk = (delta: object, finish: string | null = null) =>
        send(
          JSON.stringify({
            ...head,
            object: 'chat.completion.chunk',
            created: 0,
            choices: [{ index: 0, delta, finish_reason: finish }],
          }),
        );
      let calls = 0;
      try {
        for await (const part of parts) {
          const delta = deltaOf(part, calls);
          if (part.type === 'tool-call') calls += 1;
          if (delta) chunk(delta);
          if (part.type === 'finish') chunk({}, reasons[part.reason]);
        }
        send('[DONE]');
        controller.close();
      } catch (error) {
        controller.error(error instanceof FakeFailure ? new TypeError('The answer was cut short.') : error);
      }
    },
    cancel: () => void parts.return(),
  });
}
