/** A stand-in for Ollama: its model lists and chat in NDJSON, with the check of the Origin header that the real one makes. */
import { type FaultRequest, type FaultServer, respondJson, type Step, type Steps, startFaultServer } from '../faultd';
import { toTokens } from './openai-answers';

export interface OllamaChat {
  model: string;
  messages: { role: string; content: string; images?: string[] }[];
  stream?: boolean;
  options?: Record<string, unknown>;
  think?: boolean | string;
}

export interface OllamaOptions {
  models?: readonly string[];
  answer?: (request: OllamaChat) => string;
  chunkDelayMs?: number;
  /** Breaks off with an error line after so many tokens. */
  failsAfter?: number;
}

export interface OllamaServer {
  readonly baseUrl: string;
  readonly fault: FaultServer;
  readonly chats: OllamaChat[];
  set(options: OllamaOptions): void;
  close(): Promise<void>;
}

/** What `OLLAMA_ORIGINS` allows by itself; extensions are not among it. */
const allowedOrigin =
  /^(https?:\/\/(localhost|127\.0\.0\.1|0\.0\.0\.0)(:\d+)?|(app|file|tauri|vscode-webview|vscode-file):\/\/.*)$/;

export async function startOllamaServer({ port, ...options }: OllamaOptions & { port?: number } = {}): Promise<OllamaServer> {
  const fault = await startFaultServer({ port });
  const chats: OllamaChat[] = [];
  let settings: OllamaOptions = options;
  const models = () => settings.models ?? ['qwen3:8b', 'gemma3:4b'];
  const complain = (status: number, error: string) => respondJson(status, { error });

  /** 403 and not a word, which is how it refuses an unknown Origin. */
  const guarded = (answer: (request: FaultRequest) => Steps) => (request: FaultRequest) => {
    const { origin } = request.headers;
    if (origin === undefined || allowedOrigin.test(origin)) return answer(request);
    return [{ type: 'status', code: 403 }, { type: 'headers', headers: { 'content-length': '0' } }, { type: 'end' }] as Step[];
  };
  const described = (name: string) => ({
    ...{ name, model: name, modified_at: '2026-05-01T10:00:00Z', size: 5_200_000_000, digest: 'ab12' },
    details: { format: 'gguf', family: 'qwen3', parameter_size: '8.2B', quantization_level: 'Q4_K_M' },
  });

  function chat(request: FaultRequest): Steps {
    let body: OllamaChat;
    try {
      body = request.json() as OllamaChat;
    } catch {
      return complain(400, 'invalid character in request body');
    }
    if (!models().includes(body.model)) return complain(404, `model "${body.model}" not found, try pulling it first`);
    if (body.messages.some(({ content }) => typeof content !== 'string'))
      return complain(400, 'json: cannot unmarshal array into Go struct field ChatRequest.messages.content of type string');
    if (body.think && !body.model.startsWith('qwen3')) return complain(400, `"${body.model}" does not support thinking`);
    chats.push(body);
    return answer(body);
  }

  function* answer(body: OllamaChat): Generator<Step> {
    const { answer: say = () => 'The Danube.', chunkDelayMs = 0, failsAfter } = settings;
    const most = Number(body.options?.num_predict ?? Number.POSITIVE_INFINITY);
    const all = toTokens(say(body));
    const tokens = all.slice(0, most > 0 ? most : all.length);
    const line = (fields: object) =>
      ({
        type: 'write',
        data: `${JSON.stringify({ model: body.model, created_at: '2026-11-22T10:00:00Z', ...fields })}\n`,
      }) as const;
    const message = (content: string) => ({ message: { role: 'assistant', content } });
    const counts = { total_duration: 1e9, prompt_eval_count: 26, eval_count: tokens.length };
    const last = { done: true, done_reason: tokens.length < all.length ? 'length' : 'stop', ...counts };
    if (body.stream === false) {
      yield* respondJson(200, { model: body.model, ...message(tokens.join('')), ...last });
      return;
    }
    yield { type: 'headers', headers: { 'content-type': 'application/x-ndjson' } };
    for (const [index, token] of tokens.entries()) {
      if (chunkDelayMs > 0) yield { type: 'delay', ms: chunkDelayMs };
      if (index === failsAfter) {
        // A failure in the middle is a line under status 200.
        yield { type: 'write', data: '{"error":"llama runner process has terminated"}\n' };
        return yield { type: 'end' };
      }
      yield line({ ...message(token), done: false });
    }
    yield line({ ...message(''), ...last });
    yield { type: 'end' };
  }

  fault.on('GET', '/', [{ type: 'write', data: 'Ollama is running' }, { type: 'end' }]);
  fault.on(
    'GET',
    '/api/version',
    guarded(() => respondJson(200, { version: '0.33.0' })),
  );
  fault.on(
    'GET',
    '/api/tags',
    guarded(() => respondJson(200, { models: models().map(described) })),
  );
  fault.on(
    'GET',
    '/api/ps',
    guarded(() => respondJson(200, { models: [] })),
  );
  fault.on('POST', '/api/chat', guarded(chat));

  return {
    baseUrl: fault.url,
    fault,
    chats,
    set(changes) {
      settings = { ...settings, ...changes };
    },
    close: () => fault.close(),
  };
}
