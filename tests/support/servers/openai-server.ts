/** A stand-in for an OpenAI-compatible server: model list and chat completions in the real wire format, on top of the fault server. */
import { type FaultRequest, type FaultServer, respondJson, type Step, type Steps, startFaultServer } from '../faultd';
import { type Answer, commonHeaders, completeChat, limit, type Pace, streamChat } from './openai-answers';
import { type ChatRequest, findFault, type Refusal, refuse } from './openai-chat-rules';

export { type Answer, toTokens } from './openai-answers';
export type { ChatMessage, ChatRequest } from './openai-chat-rules';

export interface OpenAiServerOptions extends Partial<Pace> {
  models?: string[];
  /** Fields of a chat request that this server knows beside OpenAI's. */
  extraFields?: string[];
  /** The model that answers, whatever is asked for. */
  anyModel?: (() => string) | undefined;
  /** Every route then wants it as a bearer token. */
  apiKey?: string | undefined;
  /** Default: `You said: ` and the last user message. `choice` counts the answers of a request with `n`. */
  answer?: (request: ChatRequest, choice: number) => string | Answer | Promise<string | Answer>;
}

export interface OpenAiServer {
  /** What a person types as server address: `http://127.0.0.1:PORT/v1`. */
  readonly baseUrl: string;
  /** The server beneath: its sockets, its requests, and routes of its own (`on`) that win over these. */
  readonly fault: FaultServer;
  /** The chat requests that were accepted, in order. */
  readonly chats: ChatRequest[];
  /** Changes options for the requests that come after. */
  set(options: OpenAiServerOptions): void;
  /** Answers chat requests in this way instead, until it is called without. */
  hold(answer: (() => Steps) | undefined): void;
  close(): Promise<void>;
}

type Loose = 'apiKey' | 'anyModel';
type Settings = Required<Omit<OpenAiServerOptions, Loose>> & Pick<OpenAiServerOptions, Loose>;

/** Starts the server on a free port. */
export async function startOpenAiServer(options: OpenAiServerOptions = {}): Promise<OpenAiServer> {
  const fault = await startFaultServer();
  const chats: ChatRequest[] = [];
  let held: (() => Steps) | undefined;
  let settings: Settings = {
    models: ['test-model', 'test-model-large'],
    extraFields: [],
    answer: (request) => `You said: ${lastUserText(request)}`,
    headDelayMs: 0,
    firstByteDelayMs: 0,
    chunkDelayMs: 0,
    ...options,
  };

  function guarded(answer: (request: FaultRequest) => Steps | Promise<Steps>) {
    return (request: FaultRequest) => {
      const refusal = refuseKey(settings.apiKey, request.headers.authorization);
      return refusal ? respondRefusal(refusal) : answer(request);
    };
  }

  async function chat(request: FaultRequest): Promise<Steps> {
    if (held) return held();
    const parsed = readChat(request, settings);
    if (isRefusal(parsed)) return respondRefusal(parsed);
    chats.push(parsed);
    const count = parsed.n ?? 1;
    const given = await Promise.all(Array.from({ length: count }, (_, choice) => settings.answer(parsed, choice)));
    const answers = given.map((answer) => limit(typeof answer === 'string' ? { text: answer } : answer, parsed));
    return parsed.stream ? streamChat(parsed, answers, settings) : completeChat(parsed, answers, settings);
  }

  fault.on('*', /./, (request) => {
    const message = `Invalid URL (${request.method} ${request.path})`;
    return respondRefusal(refuse(404, null, message));
  });
  fault.on('OPTIONS', /./, [
    { type: 'status', code: 200 },
    {
      type: 'headers',
      headers: {
        ...commonHeaders(),
        'access-control-allow-headers': '*',
        'access-control-allow-methods': '*',
        'content-length': '0',
      },
    },
  ]);
  fault.on(
    'GET',
    '/v1/models',
    guarded(() => respondJson(200, listModels(settings.models), commonHeaders())),
  );
  fault.on(
    'GET',
    '/v1/chat/completions',
    respondRefusal(refuse(405, 'method_not_supported', 'Not allowed to GET on /v1/chat/completions.')),
  );
  fault.on('POST', '/v1/chat/completions', guarded(chat));

  return {
    baseUrl: `${fault.url}/v1`,
    fault,
    chats,
    set(changes) {
      settings = { ...settings, ...changes };
    },
    hold(answer) {
      held = answer;
    },
    close: () => fault.close(),
  };
}

/** The text of the last user message, its parts joined. */
export function lastUserText(request: ChatRequest): string {
  const content = request.messages.findLast(({ role }) => role === 'user')?.content ?? '';
  return typeof content === 'string' ? content : content.map(({ text }) => text ?? '').join('');
}

function refuseKey(expected: string | undefined, authorization: string | undefined): Refusal | undefined {
  if (expected === undefined || authorization === `Bearer ${expected}`) return undefined;
  const given = authorization?.replace(/^Bearer /, '');
  if (!given) {
    const message =
      "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).";
    return refuse(401, null, message);
  }
  const masked = `${given.slice(0, 4)}****${given.slice(-4)}`;
  return refuse(
    401,
    'invalid_api_key',
    `Incorrect API key provided: ${masked}. You can find your API key at https://platform.openai.com/account/api-keys.`,
  );
}

function readChat(request: FaultRequest, { models, extraFields, anyModel }: Settings): ChatRequest | Refusal {
  const contentType = request.headers['content-type'] ?? '';
  if (!/^application\/json\b/i.test(contentType)) {
    return refuse(400, 'unsupported_content_type', `Invalid Content-Type header (${contentType}), expected application/json.`);
  }
  let body: unknown;
  try {
    body = request.json();
  } catch {
    // The answer to bad JSON is part of the wire format.
    body = undefined;
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return refuse(
      400,
      null,
      'We could not parse the JSON body of your request. The API expects a JSON payload, but what was sent was not valid JSON.',
    );
  }
  const known = Object.entries(body).filter(([name]) => !extraFields.includes(name));
  const fault = findFault(Object.fromEntries(known));
  if (fault) return fault;
  const chat = body as ChatRequest;
  if (anyModel) return { ...chat, model: anyModel() };
  if (models.includes(chat.model)) return chat;
  return refuse(404, 'model_not_found', `The model \`${chat.model}\` does not exist or you do not have access to it.`);
}

function isRefusal(read: ChatRequest | Refusal): read is Refusal {
  return 'error' in read;
}

function respondRefusal({ status, error }: Refusal): Step[] {
  return respondJson(status, { error }, commonHeaders());
}

function listModels(models: string[]) {
  return { object: 'list', data: models.map((id) => ({ id, object: 'model', created: 1790000000, owned_by: 'openai' })) };
}
