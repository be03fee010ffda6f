/** A stand-in for OpenRouter: signing in with PKCE, keys with limits, credits, models and chat in the real wire format. */
import { createHash, randomBytes } from 'node:crypto';
import { type FaultRequest, type FaultServer, respondJson, type Step, type Steps, startFaultServer } from '../faultd';
import { toTokens } from './openai-answers';

export interface OpenRouterOptions {
  answer?: string;
  /** Of the account, in US dollars. Spent ones answer 402. */
  credits?: { readonly total: number; readonly used: number };
  /** Most keys may not ask for them. */
  tellsCredits?: boolean;
  /** The page for signing in ignores what it is asked for the key. */
  ignoresTerms?: boolean;
}

interface Terms {
  readonly label: string;
  readonly limit: number | null;
  readonly limit_reset: string | null;
  readonly expires_at: string | null;
}

export interface OpenRouterServer {
  /** The site: its page for signing in is `/auth`, its API is below `/api/v1`. */
  readonly url: string;
  readonly fault: FaultServer;
  /** Keys that are good, each with what it may do. */
  readonly keys: Map<string, Terms>;
  /** Bodies of the completions that were accepted. */
  readonly chats: Record<string, unknown>[];
  set(options: OpenRouterOptions): void;
  close(): Promise<void>;
}

interface Code {
  readonly challenge: string | null;
  readonly terms: Terms;
}

const models = [
  {
    id: 'acme/one',
    name: 'Acme: One',
    context_length: 131_072,
    architecture: { input_modalities: ['text'], output_modalities: ['text'] },
    pricing: { prompt: '0.0000004', completion: '0.0000016' },
    supported_parameters: ['temperature', 'tools', 'structured_outputs'],
  },
];
const sorts = ['price', 'throughput', 'latency'];

export async function startOpenRouterServer(options: OpenRouterOptions = {}): Promise<OpenRouterServer> {
  const fault = await startFaultServer();
  const keys = new Map<string, Terms>();
  const codes = new Map<string, Code>();
  const chats: Record<string, unknown>[] = [];
  let settings: OpenRouterOptions = options;
  const complain = (code: number, message: string) => respondJson(code, { error: { code, message }, user_id: 'user_1' });

  const html = (status: number, body: string): Step[] => [
    { type: 'status', code: status },
    { type: 'headers', headers: { 'content-type': 'text/html; charset=utf-8' } },
    { type: 'write', data: `<!doctype html><title>OpenRouter</title>${body}` },
    { type: 'end' },
  ];

  /** The page on which the person says yes: one link, to where the code is made. */
  function authPage({ query }: FaultRequest): Steps {
    const callback = query.get('callback_url') ?? '';
    if (!/^https:\/\//.test(callback) && !/^http:\/\/(localhost|127\.0\.0\.1)[:/]/.test(callback))
      return html(400, 'Invalid callback_url');
    if (query.has('code_challenge') && !['S256', 'plain', null].includes(query.get('code_challenge_method')))
      return html(400, 'Invalid code_challenge_method');
    const href = `/auth/approve?${query}`.replaceAll('&', '&amp;');
    return html(200, `<p>Oriel asks for a key.</p><a id="approve" href="${href}">Authorize</a>`);
  }

  function approve({ query }: FaultRequest): Steps {
    const code = randomBytes(16).toString('hex');
    const isAsked = !settings.ignoresTerms;
    codes.set(code, {
      challenge: query.get('code_challenge'),
      terms: {
        label: (isAsked && query.get('key_label')) || 'Unnamed',
        limit: isAsked && query.has('limit') ? Number(query.get('limit')) : null,
        limit_reset: (isAsked && query.get('usage_limit_type')) || null,
        expires_at: (isAsked && query.get('expires_at')) || null,
      },
    });
    const callback = new URL(query.get('callback_url') ?? '');
    callback.searchParams.set('code', code);
    return [{ type: 'redirect', to: callback.href }];
  }

  function exchange(request: FaultRequest): Steps {
    if (request.headers.authorization !== undefined) return complain(400, 'No key is wanted here.');
    const { code = '', code_verifier = '', code_challenge_method } = request.json() as Record<string, string>;
    const made = codes.get(code);
    if (made === undefined) return complain(403, `Invalid code ${code}`);
    codes.delete(code);
    // A code that was made without a challenge is anybody's: PKCE is optional there.
    if (made.challenge !== null) {
      if (code_challenge_method !== 'S256') return complain(400, 'Invalid code_challenge_method');
      const hash = createHash('sha256').update(code_verifier).digest('base64url');
      if (hash !== made.challenge) return complain(403, `Invalid code ${code} or code_verifier ${code_verifier}`);
    }
    const key = `sk-or-v1-${randomBytes(32).toString('hex')}`;
    keys.set(key, made.terms);
    return respondJson(200, { key, user_id: 'user_1' });
  }

  const guarded = (answer: (request: FaultRequest, terms: Terms) => Steps) => (request: FaultRequest) => {
    const terms = keys.get((request.headers.authorization ?? '').replace(/^Bearer /, ''));
    return terms === undefined ? complain(401, 'User not found.') : answer(request, terms);
  };

  const keyOf = (terms: Terms) => ({
    ...terms,
    limit_remaining: terms.limit,
    usage: 0,
    usage_daily: 0,
    is_free_tier: false,
  });

  function credits(): Steps {
    const { tellsCredits = false, credits: { total, used } = { total: 20, used: 12.5 } } = settings;
    if (!tellsCredits) return complain(403, 'Only management keys can fetch credits.');
    return respondJson(200, { data: { total_credits: total, total_usage: used } });
  }

  function chat(request: FaultRequest): Steps {
    const body = request.json() as Record<string, unknown>;
    const { sort } = (body.provider ?? {}) as { sort?: string };
    if (sort !== undefined && !sorts.includes(sort)) return complain(400, 'provider.sort: invalid enum value');
    if (!models.some(({ id }) => id === body.model)) return complain(400, `${body.model} is not a valid model ID`);
    const { credits: { total, used } = { total: 20, used: 0 } } = settings;
    if (used >= total) return complain(402, 'Insufficient credits');
    chats.push(body);
    return stream(String(body.model));
  }

  function* stream(model: string): Generator<Step> {
    const tokens = toTokens(settings.answer ?? 'The Danube.');
    const base = { id: 'gen-1', provider: 'Acme', model, object: 'chat.completion.chunk', created: 1_795_340_000 };
    const write = (fields: object): Step => ({ type: 'write', data: `data: ${JSON.stringify({ ...base, ...fields })}\n\n` });
    const choice = (delta: object, finish_reason: string | null) => ({ choices: [{ index: 0, delta, finish_reason }] });
    yield { type: 'headers', headers: { 'content-type': 'text/event-stream' } };
    yield { type: 'write', data: ': OPENROUTER PROCESSING\n\n' };
    for (const content of tokens) yield write(choice({ role: 'assistant', content }, null));
    const usage = { prompt_tokens: 12, completion_tokens: tokens.length, cost: 0.0000132, is_byok: false };
    yield write({ ...choice({ content: '' }, 'stop'), usage });
    yield { type: 'write', data: 'data: [DONE]\n\n' };
    yield { type: 'end' };
  }

  fault.on('*', /./, () => html(404, 'Not found'));
  fault.on('GET', '/auth', authPage);
  fault.on('GET', '/auth/approve', approve);
  fault.on('POST', '/api/v1/auth/keys', exchange);
  fault.on(
    'GET',
    '/api/v1/key',
    guarded((_request, terms) => respondJson(200, { data: keyOf(terms) })),
  );
  fault.on('GET', '/api/v1/credits', guarded(credits));
  fault.on('GET', '/api/v1/models', () => respondJson(200, { data: models }));
  fault.on('POST', '/api/v1/chat/completions', guarded(chat));

  return {
    url: fault.url,
    fault,
    keys,
    chats,
    set(changes) {
      settings = { ...settings, ...changes };
    },
    close: () => fault.close(),
  };
}

/** What a person does on the page: reads it and says yes. Resolves to where the site then sends the browser. */
export async function approveSignIn(page: URL | string): Promise<string> {
  const shown = await fetch(page);
  const [, href = ''] = /<a id="approve" href="([^"]*)"/.exec(await shown.text()) ?? [];
  if (href === '') throw new Error(`The page says ${shown.status} and has nothing to approve.`);
  const approved = await fetch(new URL(href.replaceAll('&amp;', '&'), page), { redirect: 'manual' });
  return approved.headers.get('location') ?? '';
}
