/** A stand-in for llama.cpp's server: the OpenAI stand-in with its own fields, `/props`, and the time that loading takes. */
import { type FaultRequest, respondJson, type Steps } from '../faultd';
import { type OpenAiServer, type OpenAiServerOptions, startOpenAiServer } from './openai-server';

/** It ignores what it does not know, and these it knows. */
const samplers = [
  'top_k min_p typical_p top_n_sigma repeat_penalty repeat_last_n mirostat mirostat_tau mirostat_eta dry_multiplier dry_base dry_allowed_length',
  'dry_penalty_last_n xtc_threshold xtc_probability dynatemp_range dynatemp_exponent chat_template_kwargs',
].flatMap((line) => line.split(' '));

export interface LlamaServer extends OpenAiServer {
  /** While true, every route answers that the model is loading. */
  setLoading(isLoading: boolean): void;
}

export async function startLlamaServer(options: OpenAiServerOptions = {}): Promise<LlamaServer> {
  const models = options.models ?? ['qwen3-8b.gguf'];
  const server = await startOpenAiServer({ extraFields: samplers, ...options, models });
  const headers = { server: 'llama.cpp' };
  let isLoading = false;
  const error = (code: number, message: string, type: string) => respondJson(code, { error: { code, message, type } }, headers);
  const loading = () => error(503, 'Loading model', 'unavailable_error');
  const route = (path: string, answer: (request: FaultRequest) => Steps) =>
    server.fault.on('GET', path, (request) => (isLoading ? loading() : answer(request)));
  route('/health', () => respondJson(200, { status: 'ok' }, headers));
  const props = { default_generation_settings: { n_ctx: 8192 }, total_slots: 1, build_info: 'b6500-1234abcd' };
  route('/props', (request) =>
    options.apiKey !== undefined && request.headers.authorization !== `Bearer ${options.apiKey}`
      ? error(401, 'Invalid API Key', 'authentication_error')
      : respondJson(200, props, headers),
  );
  // Open to everyone, key or not.
  const data = models.map((id) => ({ id, object: 'model', owned_by: 'llamacpp', meta: { n_ctx_train: 40_960 } }));
  route('/v1/models', () => respondJson(200, { object: 'list', data }, headers));
  return {
    ...server,
    setLoading(loads) {
      isLoading = loads;
      server.hold(loads ? loading : undefined);
    },
  };
}
