/** A stand-in for Google's Gemini API: model list and streamed content in the real wire format, on top of the fault server. */
import { type FaultRequest, type FaultServer, respondJson, type Step, type Steps, startFaultServer } from '../faultd';
import { findFault, type GeminiPart, type GeminiRequest, type ModelKind } from './gemini-rules';
import { type Pace, toTokens } from './openai-answers';

export type { GeminiRequest } from './gemini-rules';

/** What the model says. A plain string is an answer that ends with `STOP`. */
export interface GeminiReply {
  text?: string;
  thoughts?: string;
  toolCalls?: { name: string; args: object }[];
  finishReason?: string;
  /** With it the finish reason is CONTINUATION, and the same request with this token gets the next reply. */
  continuationToken?: string;
  /** The prompt is refused; nothing is said. */
  blockReason?: string;
  /** After the text so far, instead of an ending; the stream is a 200 by then. */
  error?: { code: number; status: string; message: string };
}

export interface GeminiServerOptions extends Partial<Pace> {
  models?: Record<string, ModelKind>;
  /** Every route then wants it as `x-goog-api-key`. */
  apiKey?: string | undefined;
  /** Default: `You said: ` and the last text of the user. */
  answer?: (request: GeminiRequest) => string | GeminiReply | Promise<string | GeminiReply>;
}

export interface GeminiServer {
  /** `http://127.0.0.1:PORT/v1beta`. */
  readonly baseUrl: string;
  /** The server beneath: its sockets, its requests, and routes of its own (`on`) that win over these. */
  readonly fault: FaultServer;
  /** The requests that were accepted, in order. */
  readonly generations: GeminiRequest[];
  /** Changes options for the requests that come after. */
  set(options: GeminiServerOptions): void;
  close(): Promise<void>;
}

/** Starts the server on a free port. */
export async function startGeminiServer(options: GeminiServerOptions = {}): Promise<GeminiServer> {
  const fault = await startFaultServer();
  const generations: GeminiRequest[] = [];
  let settings = {
    models: { 'gemini-3.5-flash': 'open', 'gemini-3.6-flash': 'strict', 'gemma-3-27b-it': 'gemma' } as Record<string, ModelKind>,
    apiKey: undefined as string | undefined,
    answer: ((request) => `You said: ${lastText(request)}`) as NonNullable<GeminiServerOptions['answer']>,
    headDelayMs: 0,
    firstByteDelayMs: 0,
    chunkDelayMs: 0,
    ...options,
  };

  const guarded = (answer: (request: FaultRequest) => Steps | Promise<Steps>) => (request: FaultRequest) => {
    // The real one takes `?key=` too; this one does not, since no secret belongs into an address.
    if (request.query.has('key')) return refuse(400, 'INVALID_ARGUMENT', 'A key in the address is not taken here.');
    const given = request.headers['x-goog-api-key'];
    if (settings.apiKey === undefined || given === settings.apiKey) return answer(request);
    if (given) return refuse(400, 'INVALID_ARGUMENT', badKey, [keyInfo]);
    return refuse(403, 'PERMISSION_DENIED', "Method doesn't allow unregistered callers (callers without established identity).");
  };

  fault.on('*', /./, [
    { type: 'status', code: 404 },
    { type: 'headers', headers: { 'content-type': 'text/html; charset=UTF-8' } },
    { type: 'write', data: '<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>' },
    { type: 'end' },
  ]);
  fault.on(
    'GET',
    '/v1beta/models',
    guarded(({ query }) => listModels(Object.keys(settings.models), query)),
  );
  fault.on(
    'POST',
    /^\/v1beta\/models\/[^/]+:(streamGenerateContent|generateContent)$/,
    guarded(async (request) => {
      const model = decodeURIComponent(/models\/([^/]+):/.exec(request.path)?.[1] ?? '');
      const kind = settings.models[model];
      if (kind === undefined)
        return refuse(
          404,
          'NOT_FOUND',
          `models/${model} is not found for API version v1beta, or is not supported for generateContent.`,
        );
      let body: GeminiRequest;
      try {
        body = request.json() as GeminiRequest;
      } catch {
        // The answer to bad JSON is part of the wire format.
        return refuse(400, 'INVALID_ARGUMENT', 'Invalid JSON payload received. Unexpected end of string.');
      }
      const wrong = findFault(body, kind, model);
      if (wrong !== undefined) return refuse(400, 'INVALID_ARGUMENT', wrong);
      generations.push(body);
      const said = await settings.answer(body);
      const chunks = toChunks(body, typeof said === 'string' ? { text: said } : said, model);
      const isStream = request.path.endsWith(':streamGenerateContent');
      if (isStream && request.query.get('alt') === 'sse') return streamChunks(chunks, settings);
      return respondJson(200, isStream ? chunks : chunks.at(-1));
    }),
  );

  return {
    baseUrl: `${fault.url}/v1beta`,
    fault,
    generations,
    set(changes) {
      settings = { ...settings, ...changes } as typeof settings;
    },
    close: () => fault.close(),
  };
}

const badKey = 'API key not valid. Please pass a valid API key.';
const keyInfo = {
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason: 'API_KEY_INVALID',
  domain: 'googleapis.com',
  metadata: { service: 'generativelanguage.googleapis.com' },
};

const refuse = (code: number, status: string, message: string, details?: object[]): Step[] =>
  respondJson(code, { error: { code, message, status, ...(details && { details }) } });

function listModels(ids: string[], query: URLSearchParams): Step[] {
  const size = Number(query.get('pageSize') ?? 50);
  const start = Number(query.get('pageToken') ?? 0);
  const models = ids.slice(start, start + size).map((id) => ({
    name: `models/${id}`,
    version: '001',
    displayName: id,
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: ['generateContent', 'countTokens'],
    thinking: id.startsWith('gemini'),
  }));
  return respondJson(200, { models, ...(start + size < ids.length && { nextPageToken: String(start + size) }) });
}

const lastText = ({ contents }: GeminiRequest): string =>
  (contents.findLast(({ role }) => role === 'user')?.parts ?? []).map(({ text }) => text ?? '').join('');

function toChunks(request: GeminiRequest, reply: GeminiReply, model: string): object[] {
  const common = { modelVersion: model, responseId: 'Ytg5aZ2mGd_Q7M8P' };
  const promptTokenCount = toTokens(JSON.stringify(request.contents)).length;
  if (reply.blockReason) {
    const usageMetadata = { promptTokenCount, totalTokenCount: promptTokenCount };
    return [{ promptFeedback: { blockReason: reply.blockReason }, usageMetadata, ...common }];
  }
  const { maxOutputTokens = Number.POSITIVE_INFINITY, stopSequences = [] } = request.generationConfig ?? {};
  const text = reply.text ?? '';
  const stop = stopSequences.find((sequence) => text.includes(sequence));
  const tokens = toTokens(stop === undefined ? text : text.slice(0, text.indexOf(stop)));
  const kept = tokens.slice(0, maxOutputTokens);
  const parts: (GeminiPart & { thought?: boolean })[] = [
    ...toTokens(reply.thoughts ?? '').map((token) => ({ text: token, thought: true })),
    ...kept.map((token) => ({ text: token })),
    // Whole, and without an id, as the API may send them.
    ...(reply.toolCalls ?? []).map(({ name, args }) => ({ functionCall: { name, args: args as Record<string, unknown> } })),
  ];
  const usageOf = (count: number) => ({
    promptTokenCount,
    candidatesTokenCount: count,
    totalTokenCount: promptTokenCount + count,
  });
  const chunks = parts.map((part, index) => ({
    candidates: [{ content: { parts: [part], role: 'model' }, index: 0 }],
    usageMetadata: usageOf(index + 1),
    ...common,
  }));
  if (reply.error) return [...chunks, { error: reply.error }];
  const token = reply.continuationToken;
  const reason = token ? 'CONTINUATION' : kept.length < tokens.length ? 'MAX_TOKENS' : (reply.finishReason ?? 'STOP');
  const last = { finishReason: reason, index: 0, ...(token && { continuationToken: token }) };
  return [...chunks, { candidates: [last], usageMetadata: usageOf(parts.length), ...common }];
}

/** No event names and no end mark. */
function* streamChunks(chunks: object[], pace: Pace): Generator<Step> {
  yield { type: 'delay', ms: pace.headDelayMs };
  yield { type: 'headers', headers: { 'content-type': 'text/event-stream' } };
  yield { type: 'delay', ms: pace.firstByteDelayMs };
  for (const chunk of chunks) {
    if (pace.chunkDelayMs > 0) yield { type: 'delay', ms: pace.chunkDelayMs };
    yield { type: 'write', data: `data: ${JSON.stringify(chunk)}\r\n\r\n` };
  }
  yield { type: 'end' };
}
