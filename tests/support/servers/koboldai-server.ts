/** A stand-in for KoboldAI, Client (1.2.1) or United: strict about keys and ranges, busy while its GPU works, and deaf to a closed socket. */
import { type FaultServer, respondJson, type Step, startFaultServer } from '../faultd';
import { createGpu, type Gpu } from './kobold-gpu';
import { toTokens } from './openai-answers';

export interface KoboldAiOptions {
  /** Of its API; `1.2.1` is the Client. */
  version?: string;
  /** `ReadOnly`: nothing is loaded. */
  model?: string;
  /** The slider of its page. */
  contextTokens?: number;
  tokenMs?: number;
  /** Results wait in its own page: busy, though nothing runs. */
  isHeld?: boolean;
  answer?: (body: Record<string, unknown>, output: number) => string;
}

export interface KoboldAiServer {
  readonly baseUrl: string;
  readonly fault: FaultServer;
  readonly gpu: Gpu;
  /** The generations that were accepted, in order. */
  readonly bodies: Record<string, unknown>[];
  set(options: KoboldAiOptions): void;
  close(): Promise<void>;
}

const detail = (status: number, msg: string, type: string): Step[] => respondJson(status, { detail: { msg, type } });

interface Rule {
  readonly test: (value: unknown) => boolean;
  readonly reason: string;
}

const isNumber = (least: number, most = Number.POSITIVE_INFINITY) => ({
  test: (value: unknown) => typeof value === 'number' && value >= least && value <= most,
  reason: `Must be greater than or equal to ${least}${Number.isFinite(most) ? ` and less than or equal to ${most}` : ''}.`,
});
const isBoolean = { test: (value: unknown) => typeof value === 'boolean', reason: 'Not a valid boolean.' };
const isString = { test: (value: unknown) => typeof value === 'string', reason: 'Not a valid string.' };
const isStrings = {
  test: (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  reason: 'Not a valid list.',
};

/** What a version knows (KoboldAI's API reference, GenerationInputSchema), each key with what it accepts. */
function rulesOf(version: string): Readonly<Record<string, Rule>> {
  const patch = Number(version.split('.')[2]);
  const isClient = patch < 2;
  return {
    prompt: isString,
    max_length: isNumber(1, isClient ? 512 : undefined),
    max_context_length: isNumber(isClient ? 512 : 1, isClient ? 2048 : undefined),
    n: isNumber(1, 5),
    temperature: {
      test: (value) => typeof value === 'number' && value > 0,
      reason: 'Must be greater than 0.',
    },
    top_p: isNumber(0, 1),
    top_k: isNumber(0),
    top_a: isNumber(0),
    tfs: isNumber(0, 1),
    typical: isNumber(0, 1),
    rep_pen: isNumber(1),
    rep_pen_range: isNumber(0),
    rep_pen_slope: isNumber(0),
    sampler_order: {
      test: (value) => Array.isArray(value) && value.length >= 6 && [...value].sort().every((item, index) => item === index),
      reason: 'Must be a permutation.',
    },
    sampler_seed: isNumber(0, 2 ** 64 - 1),
    sampler_full_determinism: isBoolean,
    quiet: isBoolean,
    ...(patch >= 2 && { stop_sequence: isStrings }),
    ...(patch >= 4 && { use_default_badwordsids: isBoolean }),
  };
}

/** The map of what does not validate. Unknown keys are errors before 1.2.5, ignored from then on. */
function complaints(body: Record<string, unknown>, version: string): Record<string, string[]> {
  const rules = rulesOf(version);
  const isStrict = Number(version.split('.')[2]) < 5;
  const wrong = Object.entries(body).flatMap(([key, value]): [string, string[]][] => {
    const rule = rules[key];
    if (rule === undefined) return isStrict ? [[key, ['Unknown field.']]] : [];
    return rule.test(value) ? [] : [[key, [rule.reason]]];
  });
  return Object.fromEntries(body.prompt === undefined ? [...wrong, ['prompt', ['Missing data for required field.']]] : wrong);
}

/** Starts the server on a free port. */
export async function startKoboldAiServer(options: KoboldAiOptions = {}): Promise<KoboldAiServer> {
  const fault = await startFaultServer();
  const bodies: Record<string, unknown>[] = [];
  let settings: Required<KoboldAiOptions> = {
    version: '1.2.5',
    model: 'KoboldAI/OPT-2.7B-Erebus',
    contextTokens: 2048,
    tokenMs: 1,
    isHeld: false,
    answer: () => 'The Danube.',
    ...options,
  };
  const gpu = createGpu(() => settings.tokenMs);

  fault.on('*', /./, () => detail(404, 'Not Found', 'generic.error_404'));
  for (const prefix of ['/api/v1', '/api/latest']) {
    fault.on('GET', `${prefix}/info/version`, () => respondJson(200, { result: settings.version }));
    fault.on('GET', `${prefix}/model`, () => respondJson(200, { result: settings.model }));
    fault.on('GET', `${prefix}/config/max_context_length`, () => respondJson(200, { value: settings.contextTokens }));
    fault.on('POST', `${prefix}/generate`, async (request): Promise<Step[]> => {
      if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
        return detail(415, 'Unsupported Media Type', 'generic.error_415');
      const body = request.json() as Record<string, unknown>;
      const wrong = complaints(body, settings.version);
      if (Object.keys(wrong).length > 0) return respondJson(422, { detail: wrong });
      if (settings.isHeld || gpu.current) return detail(503, 'Server is busy; please try again later.', 'service_unavailable');
      if (settings.model === 'ReadOnly') return detail(501, 'No model is loaded.', 'not_implemented');
      bodies.push(body);
      return respondJson(200, { results: await generate(body) });
    });
  }

  /** All results come out of one batch, and nobody can stop it. */
  async function generate(body: Record<string, unknown>) {
    const texts = Array.from({ length: Number(body.n ?? 1) }, (_, output) =>
      untilStop(toTokens(settings.answer(body, output)).slice(0, Number(body.max_length)).join(''), body),
    );
    const longest = texts.map(toTokens).reduce((left, right) => (right.length > left.length ? right : left), []);
    for await (const _token of gpu.start('', longest));
    return texts.map((text) => ({ text }));
  }

  return {
    baseUrl: fault.url,
    fault,
    gpu,
    bodies,
    set(changes) {
      settings = { ...settings, ...changes };
    },
    close: () => fault.close(),
  };
}

/** The stop sequence stays in the text. */
function untilStop(text: string, body: Record<string, unknown>): string {
  const stops = (body.stop_sequence as string[] | undefined) ?? [];
  const ends = stops.flatMap((stop) => (text.includes(stop) ? [text.indexOf(stop) + stop.length] : []));
  return text.slice(0, Math.min(text.length, ...ends));
}
