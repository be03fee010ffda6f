/** A stand-in for api.anthropic.com: model list and messages in the real wire format, on top of the fault server. */
import { type FaultRequest, type FaultServer, respondJson, type Step, type Steps, startFaultServer } from '../faultd';
import { type Block, findFault, type MessageRequest, type ModelKind, type Refusal, refuse } from './anthropic-rules';
import { type Pace, toTokens } from './openai-answers';

export type { MessageRequest } from './anthropic-rules';

/** What the model says. A plain string is an answer that ends with `end_turn`. */
export interface ClaudeReply {
  text?: string;
  thinking?: string;
  toolCalls?: { name: string; input: object }[];
  stopReason?: string;
  /** After the text so far, instead of an ending; the stream is a 200 by then. */
  error?: { type: string; message: string };
}

export interface AnthropicServerOptions extends Partial<Pace> {
  /** Models by id, with the rules that hold for them. */
  models?: Record<string, { kind: ModelKind; maxTokens: number }>;
  /** Every route then wants it as `x-api-key`. */
  apiKey?: string | undefined;
  /** Default: `You said: ` and the last text of the user. */
  answer?: (request: MessageRequest) => string | ClaudeReply | Promise<string | ClaudeReply>;
}

export interface AnthropicServer {
  /** `http://127.0.0.1:PORT/v1`. */
  readonly baseUrl: string;
  /** The server beneath: its sockets, its requests, and routes of its own (`on`) that win over these. */
  readonly fault: FaultServer;
  /** The requests that were accepted, in order. */
  readonly messages: MessageRequest[];
  /** Changes options for the requests that come after. */
  set(options: AnthropicServerOptions): void;
  close(): Promise<void>;
}

/** Starts the server on a free port. */
export async function startAnthropicServer(options: AnthropicServerOptions = {}): Promise<AnthropicServer> {
  const fault = await startFaultServer();
  const messages: MessageRequest[] = [];
  let settings = {
    models: {
      'claude-haiku-4-5': { kind: 'free' as ModelKind, maxTokens: 64_000 },
      'claude-sonnet-4-6': { kind: 'one-sampler' as ModelKind, maxTokens: 128_000 },
      'claude-opus-5': { kind: 'strict' as ModelKind, maxTokens: 128_000 },
    } as NonNullable<AnthropicServerOptions['models']>,
    apiKey: undefined as string | undefined,
    answer: ((request) => `You said: ${lastText(request)}`) as NonNullable<AnthropicServerOptions['answer']>,
    headDelayMs: 0,
    firstByteDelayMs: 0,
    chunkDelayMs: 0,
    ...options,
  };

  const guarded = (answer: (request: FaultRequest) => Steps | Promise<Steps>) => (request: FaultRequest) => {
    const refusal = refuseHeaders(request.headers, settings.apiKey);
    return refusal ? respondRefusal(refusal) : answer(request);
  };

  fault.on('*', /./, respondRefusal(refuse(404, 'not_found_error', 'Not Found')));
  fault.on(
    'GET',
    '/v1/models',
    guarded(({ query }) => listModels(Object.entries(settings.models), query)),
  );
  fault.on(
    'POST',
    '/v1/messages',
    guarded(async (request) => {
      const parsed = readMessage(request, settings.models);
      if ('status' in parsed) return respondRefusal(parsed as Refusal);
      messages.push(parsed);
      const said = await settings.answer(parsed);
      const reply = typeof said === 'string' ? { text: said } : said;
      return parsed.stream ? streamReply(parsed, reply, settings) : respondJson(200, wholeReply(parsed, reply), commonHeaders());
    }),
  );

  return {
    baseUrl: `${fault.url}/v1`,
    fault,
    messages,
    set(changes) {
      settings = { ...settings, ...changes } as typeof settings;
    },
    close: () => fault.close(),
  };
}

const commonHeaders = () => ({ 'request-id': `req_${Math.random().toString(36).slice(2)}`, 'access-control-allow-origin': '*' });

const respondRefusal = ({ status, type, message }: Refusal): Step[] =>
  respondJson(status, { type: 'error', error: { type, message }, request_id: 'req_1' }, commonHeaders());

/** A request with an Origin that does not own up to being a browser's is refused before its key is looked at. */
function refuseHeaders(headers: FaultRequest['headers'], apiKey: string | undefined): Refusal | undefined {
  if (headers.origin !== undefined && headers['anthropic-dangerous-direct-browser-access'] !== 'true') {
    const message = "CORS requests must set 'anthropic-dangerous-direct-browser-access' header";
    return refuse(401, 'authentication_error', message);
  }
  if (headers['anthropic-version'] === undefined)
    return refuse(400, 'invalid_request_error', 'anthropic-version: header is required');
  if (headers['anthropic-version'] !== '2023-06-01')
    return refuse(400, 'invalid_request_error', `anthropic-version: "${headers['anthropic-version']}" is not a valid version`);
  if (apiKey === undefined || headers['x-api-key'] === apiKey) return undefined;
  const message = headers['x-api-key'] ? 'invalid x-api-key' : 'x-api-key header is required';
  return refuse(401, 'authentication_error', message);
}

function readMessage(request: FaultRequest, models: NonNullable<AnthropicServerOptions['models']>): MessageRequest | Refusal {
  let body: unknown;
  try {
    body = request.json();
  } catch {
    // The answer to bad JSON is part of the wire format.
    return refuse(400, 'invalid_request_error', 'The request body is not valid JSON');
  }
  const message = body as MessageRequest;
  const model = models[message.model];
  if (!model) return refuse(404, 'not_found_error', `model: ${message.model}`);
  return findFault(message, model.kind, model.maxTokens) ?? message;
}

function listModels(models: [string, { maxTokens: number }][], query: URLSearchParams): Step[] {
  const limit = Number(query.get('limit') ?? 20);
  const start = models.findIndex(([id]) => id === query.get('after_id')) + 1;
  const page = models.slice(start, start + limit);
  const data = page.map(([id, { maxTokens }]) => ({
    type: 'model',
    id,
    display_name: id,
    created_at: '2026-02-17T00:00:00Z',
    max_input_tokens: 200_000,
    max_tokens: maxTokens,
    capabilities: { image_input: { supported: true }, structured_outputs: { supported: true }, thinking: { supported: true } },
  }));
  const ends = { first_id: page[0]?.[0] ?? null, last_id: page.at(-1)?.[0] ?? null };
  return respondJson(200, { data, has_more: start + limit < models.length, ...ends }, commonHeaders());
}

function lastText({ messages }: MessageRequest): string {
  const content = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  return typeof content === 'string' ? content : content.map(({ text }) => text ?? '').join('');
}

/** The answer as far as the limit and the stop sequences let it. */
function limited(request: MessageRequest, reply: ClaudeReply) {
  const text = reply.text ?? '';
  const stop = (request.stop_sequences ?? []).find((sequence) => text.includes(sequence));
  const tokens = toTokens(stop === undefined ? text : text.slice(0, text.indexOf(stop)));
  const isLong = tokens.length > request.max_tokens;
  const reason = isLong ? 'max_tokens' : stop !== undefined ? 'stop_sequence' : reply.toolCalls ? 'tool_use' : 'end_turn';
  return {
    tokens: tokens.slice(0, request.max_tokens),
    reason: reply.stopReason ?? reason,
    stop: isLong ? null : (stop ?? null),
  };
}

const usageOf = (request: MessageRequest, output: number) => ({
  input_tokens: toTokens(JSON.stringify(request.messages)).length,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: output,
});

function* streamReply(request: MessageRequest, reply: ClaudeReply, pace: Pace): Generator<Step> {
  const event = (data: Block): Step => ({ type: 'write', data: `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n` });
  const { tokens, reason, stop } = limited(request, reply);
  yield { type: 'delay', ms: pace.headDelayMs };
  yield { type: 'headers', headers: { 'content-type': 'text/event-stream; charset=utf-8', ...commonHeaders() } };
  yield { type: 'delay', ms: pace.firstByteDelayMs };
  if (!reply.error || tokens.length > 0) {
    const message = { ...identity(request), content: [], stop_reason: null, stop_sequence: null, usage: usageOf(request, 1) };
    yield event({ type: 'message_start', message });
    yield event({ type: 'ping' });
  }
  const blocks = [
    ...(reply.thinking === undefined ? [] : [thinkingBlock(reply.thinking)]),
    ...(tokens.length === 0 ? [] : [textBlock(tokens)]),
    ...(reply.toolCalls ?? []).map(toolBlock),
  ];
  for (const [index, { start, deltas }] of blocks.entries()) {
    yield event({ type: 'content_block_start', index, content_block: start });
    for (const delta of deltas) {
      if (pace.chunkDelayMs > 0) yield { type: 'delay', ms: pace.chunkDelayMs };
      yield event({ type: 'content_block_delta', index, delta });
    }
    if (!reply.error) yield event({ type: 'content_block_stop', index });
  }
  if (reply.error) {
    yield event({ type: 'error', error: reply.error });
  } else {
    const usage = usageOf(request, tokens.length + 1);
    yield event({ type: 'message_delta', delta: { stop_reason: reason, stop_sequence: stop }, usage });
    yield event({ type: 'message_stop' });
  }
  yield { type: 'end' };
}

const identity = ({ model }: MessageRequest) => ({ id: 'msg_01', type: 'message', role: 'assistant', model });

const textBlock = (tokens: readonly string[]) => ({
  start: { type: 'text', text: '' },
  deltas: tokens.map((text) => ({ type: 'text_delta', text })),
});
const thinkingBlock = (thinking: string) => ({
  start: { type: 'thinking', thinking: '', signature: '' },
  deltas: [
    ...toTokens(thinking).map((token) => ({ type: 'thinking_delta', thinking: token })),
    { type: 'signature_delta', signature: 'EqQBCgIYAhIM1gbcDa9G' },
  ],
});
/** Arguments come in pieces that are no JSON by themselves; a call without any has one empty piece. */
const toolBlock = ({ name, input }: { name: string; input: object }, index: number) => {
  const json = Object.keys(input).length === 0 ? '' : JSON.stringify(input);
  const half = Math.ceil(json.length / 2);
  return {
    start: { type: 'tool_use', id: `toolu_${index + 1}`, name, input: {} },
    deltas: [json.slice(0, half), json.slice(half)].map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
  };
};

function wholeReply(request: MessageRequest, reply: ClaudeReply) {
  const { tokens, reason, stop } = limited(request, reply);
  return {
    ...identity(request),
    content: [
      { type: 'text', text: tokens.join('') },
      ...(reply.toolCalls ?? []).map(({ name, input }, index) => ({ type: 'tool_use', id: `toolu_${index + 1}`, name, input })),
    ],
    stop_reason: reason,
    stop_sequence: stop,
    usage: usageOf(request, tokens.length),
  };
}
