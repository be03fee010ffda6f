/** A stand-in for OpenAI with its Responses API: named events without an end mark, and the refusals of the real one. */
import { type FaultRequest, type FaultServer, respondJson, type Step, type Steps, startFaultServer } from '../faultd';
import { commonHeaders, toTokens } from './openai-answers';
import { type Refusal, refuse } from './openai-chat-rules';

export interface ResponsesRequest {
  model: string;
  input: string | readonly Record<string, unknown>[];
  stream?: boolean;
  store?: boolean;
  max_output_tokens?: number;
  reasoning?: { effort?: string; summary?: string };
}

export interface ResponsesOptions {
  models?: readonly string[];
  apiKey?: string | undefined;
  answer?: (request: ResponsesRequest) => string;
  chunkDelayMs?: number;
  /** Reasoning summaries are for verified organisations. */
  isVerified?: boolean;
  /** Fails with this error in the middle of the stream, under status 200: after so many tokens. */
  fails?: { readonly after: number; readonly error: { readonly code: string; readonly message: string } };
}

export interface ResponsesServer {
  readonly baseUrl: string;
  readonly fault: FaultServer;
  /** The requests that were accepted, in order. */
  readonly asked: ResponsesRequest[];
  set(options: ResponsesOptions): void;
  close(): Promise<void>;
}

/** Everything that the API takes; any other field is a 400. */
const known = new Set(
  'model input instructions stream store max_output_tokens temperature top_p text tools tool_choice parallel_tool_calls reasoning include truncation previous_response_id metadata service_tier safety_identifier stream_options'.split(
    ' ',
  ),
);
const knownParts: Readonly<Record<string, readonly string[]>> = {
  user: ['input_text', 'input_image', 'input_file'],
  system: ['input_text'],
  developer: ['input_text'],
  assistant: ['output_text', 'refusal'],
};

export async function startResponsesServer(options: ResponsesOptions = {}): Promise<ResponsesServer> {
  const fault = await startFaultServer();
  const asked: ResponsesRequest[] = [];
  let settings: ResponsesOptions = options;
  const models = () => settings.models ?? ['gpt-5-pro', 'gpt-5.4-codex'];
  const respondRefusal = ({ status, error }: Refusal) => respondJson(status, { error }, commonHeaders());

  const guarded = (answer: (request: FaultRequest) => Steps) => (request: FaultRequest) => {
    const { apiKey } = settings;
    if (apiKey === undefined || request.headers.authorization === `Bearer ${apiKey}`) return answer(request);
    return respondRefusal(refuse(401, 'invalid_api_key', 'Incorrect API key provided.'));
  };

  function findFault(body: ResponsesRequest & Record<string, unknown>): Refusal | undefined {
    const unknown = Object.keys(body).find((name) => !known.has(name));
    if (unknown !== undefined) return refuse(400, 'unknown_parameter', `Unknown parameter: '${unknown}'.`, unknown);
    if (!models().includes(body.model)) return refuse(404, 'model_not_found', `The model '${body.model}' does not exist.`);
    for (const name of ['temperature', 'top_p']) {
      const message = `Unsupported parameter: '${name}' is not supported with this model.`;
      if (name in body) return refuse(400, 'unsupported_parameter', message, name);
    }
    if ((body.max_output_tokens ?? 16) < 16)
      return refuse(400, 'integer_below_min_value', "Invalid 'max_output_tokens': Expected a value >= 16.", 'max_output_tokens');
    const { effort, summary } = body.reasoning ?? {};
    if (body.model === 'gpt-5-pro' && effort !== undefined && effort !== 'high')
      return refuse(400, 'unsupported_value', `'${effort}' is not supported with this model.`, 'reasoning.effort');
    if (summary !== undefined && settings.isVerified === false)
      return refuse(400, 'unsupported_value', 'Your organization must be verified.', 'reasoning.summary');
    return typeof body.input === 'string' ? undefined : findItemFault(body.input);
  }

  function* stream(body: ResponsesRequest): Generator<Step> {
    const { answer = () => 'The Danube.', chunkDelayMs = 0, fails } = settings;
    const tokens = toTokens(answer(body));
    let sequence_number = 0;
    const event = (type: string, fields: object): Step => {
      const data = JSON.stringify({ type, sequence_number: sequence_number++, ...fields });
      return { type: 'write', data: `event: ${type}\ndata: ${data}\n\n` };
    };
    const response = (status: string, fields: object = {}) => ({
      response: { id: 'resp_1', model: body.model, status, ...fields },
    });
    yield { type: 'headers', headers: { ...commonHeaders(), 'content-type': 'text/event-stream; charset=utf-8' } };
    yield event('response.created', response('in_progress'));
    yield event('response.in_progress', response('in_progress'));
    const item = { type: 'message', id: 'msg_1', role: 'assistant', content: [], status: 'in_progress' };
    for (const [index, delta] of tokens.entries()) {
      if (chunkDelayMs > 0) yield { type: 'delay', ms: chunkDelayMs };
      if (index === fails?.after) {
        yield event('error', { error: { ...fails.error, param: null } });
        return yield { type: 'end' };
      }
      if (index === 0) yield event('response.output_item.added', { output_index: 0, item });
      yield event('response.output_text.delta', { item_id: 'msg_1', output_index: 0, content_index: 0, delta });
    }
    const usage = { input_tokens: 9, output_tokens: tokens.length, output_tokens_details: { reasoning_tokens: 0 } };
    yield event('response.completed', response('completed', { usage }));
    yield { type: 'end' };
  }

  fault.on('*', /./, (request) => respondRefusal(refuse(404, null, `Invalid URL (${request.method} ${request.path})`)));
  fault.on(
    'GET',
    '/v1/models',
    guarded(() =>
      respondJson(200, {
        object: 'list',
        data: models().map((id) => ({ id, object: 'model', created: 1_790_000_000, owned_by: 'openai' })),
      }),
    ),
  );
  fault.on(
    'POST',
    '/v1/responses',
    guarded((request) => {
      const body = request.json() as ResponsesRequest & Record<string, unknown>;
      const refusal = findFault(body);
      if (refusal) return respondRefusal(refusal);
      asked.push(body);
      return stream(body);
    }),
  );

  return {
    baseUrl: `${fault.url}/v1`,
    fault,
    asked,
    set(changes) {
      settings = { ...settings, ...changes };
    },
    close: () => fault.close(),
  };
}

function findItemFault(items: readonly Record<string, unknown>[]): Refusal | undefined {
  for (const [index, item] of items.entries()) {
    if (item.type === 'function_call' || item.type === 'function_call_output') {
      if (typeof item.call_id !== 'string')
        return refuse(400, 'missing_required_parameter', "Missing required parameter: 'call_id'.", `input[${index}].call_id`);
      continue;
    }
    const allowed = knownParts[String(item.role)];
    const parts = item.content as readonly { type: string }[];
    const wrong = parts.find(({ type }) => !allowed?.includes(type));
    if (wrong !== undefined)
      return refuse(400, 'invalid_value', `Invalid value: '${wrong.type}'.`, `input[${index}].content[0].type`);
  }
  return undefined;
}
