/**
 * A stand-in for KoboldCPP, 1.77 or 1.102 by its version: a queue before one GPU, a password that GETs do not ask for, abort by key, and a
 * generation without a stream that a closed socket does not end.
 */
import { type FaultRequest, type FaultServer, respondJson, type Step, type Steps, startFaultServer } from '../faultd';
import { createGpu, type Gpu } from './kobold-gpu';
import { toTokens } from './openai-answers';

export interface KoboldCppOptions {
  version?: string;
  /** `inactive`: nothing is loaded. */
  model?: string;
  contextTokens?: number;
  password?: string | undefined;
  vision?: boolean;
  /** The model's own template in Jinja, which newer versions show. */
  template?: string | undefined;
  tokenMs?: number;
  /** How many may wait: 0 turns away whoever comes while it works. */
  queue?: number;
  /** The generation fails: an empty text with status 200. */
  fails?: boolean;
  answer?: (body: Record<string, unknown>) => string;
  /** What the model calls a tool with, as JSON. */
  toolArguments?: string;
}

export interface KoboldCppServer {
  readonly baseUrl: string;
  readonly fault: FaultServer;
  readonly gpu: Gpu;
  /** The generations that were accepted, in order. */
  readonly bodies: Record<string, unknown>[];
  /** What was sent to abort, with what it answered. */
  readonly aborts: { readonly genkey: unknown; readonly done: boolean }[];
  /** The texts that were counted. */
  readonly counted: string[];
  set(options: KoboldCppOptions): void;
  close(): Promise<void>;
}

type Settings = Required<Omit<KoboldCppOptions, 'password' | 'template'>> & Pick<KoboldCppOptions, 'password' | 'template'>;
interface Ended {
  readonly reason: 'stop' | 'length';
  readonly code: 0 | 1 | 2;
}

const unknownGet: Step[] = [
  { type: 'status', code: 404 },
  { type: 'headers', headers: { 'content-type': 'text/html' } },
  { type: 'write', data: 'Error: KoboldCpp HTTP Server is running, but this endpoint does not exist.' },
  { type: 'end' },
];
const unknownPost: Step[] = [
  { type: 'status', code: 404 },
  { type: 'headers', headers: { 'content-type': 'text/html', 'content-length': '0' } },
  { type: 'end' },
];
const busy = respondJson(503, {
  detail: { msg: 'Server is busy; please try again later.', type: 'service_unavailable' },
});
const unauthorized = respondJson(401, {
  detail: { error: 'Unauthorized', msg: 'Authentication key is missing or invalid.', type: 'unauthorized' },
});

/** Starts the server on a free port. */
export async function startKoboldCppServer({
  port,
  ...options
}: KoboldCppOptions & { port?: number } = {}): Promise<KoboldCppServer> {
  const fault = await startFaultServer({ port });
  const bodies: Record<string, unknown>[] = [];
  const aborts: { genkey: unknown; done: boolean }[] = [];
  const counted: string[] = [];
  /** Keys in the queue, and those of them that are to end at once. */
  const queued: string[] = [];
  const doomed = new Set<string>();
  const perf = { last_token_count: 0, last_input_count: 0, last_seed: -1, stop_reason: -1, total_gens: 0 };
  let settings: Settings = {
    version: '1.102',
    model: 'koboldcpp/Mistral-7B-Instruct-v0.3-Q4_K_M',
    contextTokens: 8192,
    password: undefined,
    vision: false,
    template: undefined,
    tokenMs: 1,
    queue: 6,
    fails: false,
    answer: () => ' The Danube.',
    toolArguments: '{}',
    ...options,
  };
  const gpu = createGpu(() => settings.tokenMs);
  const minor = () => Number(settings.version.split('.')[1]);

  const guarded = (answer: (body: Record<string, unknown>, request: FaultRequest) => Steps | Promise<Steps>) => {
    return (request: FaultRequest): Steps | Promise<Steps> => {
      if (settings.password !== undefined && request.headers.authorization !== `Bearer ${settings.password}`) return unauthorized;
      let body: Record<string, unknown>;
      try {
        body = request.json() as Record<string, unknown>;
      } catch {
        return respondJson(500, { detail: { msg: 'Error parsing input.', type: 'bad_input' } });
      }
      return answer(body, request);
    };
  };

  /** Waits for the GPU; undefined where the queue is full. */
  async function begin(body: Record<string, unknown>): Promise<{ tokens: AsyncGenerator<string>; ended: Ended } | undefined> {
    const genkey = String(body.genkey ?? '');
    if (gpu.current) {
      if (queued.length >= settings.queue) return undefined;
      queued.push(genkey);
      while (gpu.current || queued[0] !== genkey) {
        await gpu.idle();
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      queued.shift();
    }
    bodies.push(body);
    const { tokens, ...ended } = spoken(body);
    const made = settings.fails || doomed.delete(genkey) ? [] : tokens;
    return { tokens: gpu.start(genkey, made), ended };
  }

  /** What is said, and why it ends there: a stop string ends with the reason `length`, as the limit does. */
  function spoken(body: Record<string, unknown>): Ended & { tokens: string[] } {
    const whole = settings.answer(body);
    const stops = (body.stop_sequence as string[] | undefined) ?? [];
    const trims = body.trim_stop ?? minor() >= 102;
    const found = stops.filter((stop) => whole.includes(stop)).sort((a, b) => whole.indexOf(a) - whole.indexOf(b))[0];
    const text = found === undefined ? whole : whole.slice(0, whole.indexOf(found) + (trims ? 0 : found.length));
    const tokens = toTokens(text);
    const most = Number(body.max_length ?? 180);
    if (tokens.length > most) return { tokens: tokens.slice(0, most), reason: 'length', code: 0 };
    return found === undefined ? { tokens, reason: 'stop', code: 1 } : { tokens, reason: 'length', code: 2 };
  }

  function note(body: Record<string, unknown>, count: number, { code }: Ended) {
    perf.last_token_count = count;
    perf.last_input_count = toTokens(`${body.memory ?? ''}${body.prompt}`).length + 1;
    perf.last_seed = Number(body.sampler_seed ?? 1);
    perf.stop_reason = settings.fails ? -2 : code;
    perf.total_gens += 1;
  }

  async function* stream(body: Record<string, unknown>, request: FaultRequest): AsyncGenerator<Step> {
    const run = await begin(body);
    if (run === undefined) return yield* busy;
    yield { type: 'headers', headers: { 'content-type': 'text/event-stream', connection: 'close' } };
    const event = (token: string, reason: string | null): Step => ({
      type: 'write',
      data: `event: message\ndata: ${JSON.stringify({ token, finish_reason: reason })}\n\n`,
    });
    // A stream that nobody reads any more is noticed, within a second.
    void request.socket.closed.then(() => setTimeout(() => gpu.current?.genkey === body.genkey && gpu.abort(), 800));
    const isOld = minor() < 100;
    let held: string | undefined;
    let count = 0;
    for await (const token of run.tokens) {
      count += 1;
      if (held !== undefined) yield event(held, isOld ? 'null' : null);
      held = token;
    }
    note(body, count, run.ended);
    // 1.77 sends the last token with the reason, newer ones the reason alone.
    if (!isOld && held !== undefined) yield event(held, null);
    yield event(isOld ? (held ?? '') : '', count === 0 ? 'length' : run.ended.reason);
    yield { type: 'end' };
  }

  async function whole(body: Record<string, unknown>): Promise<Steps> {
    const run = await begin(body);
    if (run === undefined) return busy;
    const made: string[] = [];
    for await (const token of run.tokens) made.push(token);
    note(body, made.length, run.ended);
    const counts = { prompt_tokens: perf.last_input_count, completion_tokens: made.length };
    const reason = { finish_reason: run.ended.reason };
    return respondJson(200, {
      results: [{ text: made.join(''), ...(minor() >= 40 && reason), ...(minor() >= 100 && counts) }],
    });
  }

  /** Which tool is called is found out in generations of their own; then the call is sent as a stream that holds it whole. */
  async function* chat(body: Record<string, unknown>): AsyncGenerator<Step> {
    const run = await begin({ ...body, prompt: JSON.stringify(body.messages), max_length: body.max_tokens });
    if (run === undefined) return yield* busy;
    const made: string[] = [];
    for await (const token of run.tokens) made.push(token);
    const messages = (body.messages ?? []) as { role: string }[];
    // What its own question to the model, "is a tool needed?", comes to once the result is there.
    const isAnswered = messages.at(-1)?.role === 'tool';
    const [tool] = isAnswered ? [] : ((body.tools as { function: { name: string } }[] | undefined) ?? []);
    const head = { id: 'chatcmpl-A1', object: 'chat.completion.chunk', created: 1_790_000_000, model: settings.model };
    const chunk = (delta: object, finish_reason: string | null): Step => ({
      type: 'write',
      data: `data: ${JSON.stringify({ ...head, choices: [{ index: 0, finish_reason, delta }] })}\n\n`,
    });
    const call = {
      id: 'call_1',
      type: 'function',
      index: 0,
      function: { name: tool?.function.name, arguments: settings.toolArguments },
    };
    yield { type: 'headers', headers: { 'content-type': 'text/event-stream', connection: 'close' } };
    yield chunk({ role: 'assistant', content: tool ? '' : made.join('') }, null);
    if (tool) yield chunk({ role: 'assistant', content: null, tool_calls: [call] }, null);
    yield chunk({ tool_calls: [] }, tool ? 'tool_calls' : run.ended.reason);
    yield { type: 'write', data: 'data: [DONE]\n\n' };
    yield { type: 'end' };
  }

  fault.on('GET', /./, unknownGet);
  fault.on('POST', /./, unknownPost);
  fault.on('GET', '/api/extra/version', () => {
    const { version, vision, password } = settings;
    const about = { result: 'KoboldCpp', version, protected: password !== undefined, txt2img: false, vision };
    return respondJson(200, about);
  });
  fault.on('GET', '/api/v1/info/version', () => respondJson(200, { result: '1.2.5' }));
  fault.on('GET', '/api/v1/model', ({ headers }) => {
    const isOpen = settings.password === undefined || headers.authorization === `Bearer ${settings.password}`;
    return respondJson(200, { result: isOpen ? settings.model : 'koboldcpp/protected-model' });
  });
  fault.on('GET', '/api/extra/true_max_context_length', () => respondJson(200, { value: settings.contextTokens }));
  fault.on('GET', '/api/extra/perf', () => {
    const { last_input_count, ...older } = perf;
    const seen = minor() < 100 ? older : { ...older, last_input_count };
    return respondJson(200, { ...seen, queue: queued.length, idle: gpu.current ? 0 : 1, uptime: 1, idletime: 1, quiet: false });
  });
  fault.on('GET', '/props', () =>
    settings.template === undefined ? unknownGet : respondJson(200, { chat_template: settings.template, total_slots: 1 }),
  );
  fault.on(
    'POST',
    '/api/extra/tokencount',
    guarded((body) => {
      if (minor() < 41) return unknownPost;
      const text = String(body.prompt);
      counted.push(text);
      return respondJson(200, { value: toTokens(text).length + 1, ids: [] });
    }),
  );
  fault.on(
    'POST',
    '/api/extra/json_to_grammar',
    guarded(() => (minor() < 44 ? unknownPost : respondJson(200, { result: 'root ::= object', success: true }))),
  );
  fault.on(
    'POST',
    '/api/extra/abort',
    guarded(({ genkey }) => {
      const done = gpu.current !== undefined && gpu.current.genkey === genkey;
      const isQueued = queued.includes(String(genkey));
      if (done) gpu.abort();
      if (isQueued) doomed.add(String(genkey));
      aborts.push({ genkey, done });
      return respondJson(200, { success: String(done || isQueued || queued.length > 0), done: String(done) });
    }),
  );
  fault.on(
    'POST',
    '/api/extra/generate/stream',
    guarded((body, request) => (minor() < 30 ? unknownPost : stream(body, request))),
  );
  fault.on('POST', '/api/v1/generate', guarded(whole));
  fault.on('POST', '/v1/chat/completions', guarded(chat));

  return {
    baseUrl: fault.url,
    fault,
    gpu,
    bodies,
    aborts,
    counted,
    set(changes) {
      settings = { ...settings, ...changes };
    },
    close: () => fault.close(),
  };
}
