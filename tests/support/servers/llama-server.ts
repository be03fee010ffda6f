/** A stand-in for llama.cpp's server: the OpenAI stand-in with its own fields, `/props`, and the time that loading takes. */
import { respondJson } from '../faultd';
import { type OpenAiServer, type OpenAiServerOptions, startOpenAiServer } from './openai-server';

/** It ignores what it does not know, and these it knows. */
const samplers = [
  'top_k min_p typical_p top_n_sigma repeat_penalty repeat_last_n mirostat mirostat_tau mirostat_eta dry_multiplier dry_base dry_allowed_length',
  'dry_penalty_last_n xtc_threshold xtc_probability dynatemp_range dynatemp_exponent chat_template_kwargs',
].flatMap((line) => line.split(' '));

export interface LlamaServer extends OpenAiServer {
  /** While true, every route but its page answers that the model is loading. */
  setLoading(isLoading: boolean): void;
}

export async function startLlamaServer(options: OpenAiServerOptions = {}): Promise<LlamaServer> {
  const models = options.models ?? ['qwen3-8b.gguf'];
  const server = await startOpenAiServer({ extraFields: samplers, ...options, models });
  const headers = { server: 'llama.cpp' };
  const error = (code: number, message: string, type: string) => respondJson(code, { error: { code, message, type } }, headers);
  const props = { default_generation_settings: { n_ctx: 8192 }, total_slots: 1, build_info: 'b6500-1234abcd' };
  server.fault.on('GET', '/props', ({ headers: sent }) =>
    options.apiKey !== undefined && sent.authorization !== `Bearer ${options.apiKey}`
      ? error(401, 'Invalid API Key', 'authentication_error')
      : respondJson(200, props, headers),
  );
  // Open to everyone, key or not.
  const list = { object: 'list', data: models.map((id) => ({ id, object: 'model', owned_by: 'llamacpp', meta: { n_ctx_train: 40_960 } })) };
  server.fault.on('GET', '/v1/models', respondJson(200, list, headers));
  return {
    ...server,
    setLoading(isLoading) {
      server.fault.on('GET', '/health', isLoading ? error(503, 'Loading model', 'unavailable_error') : respondJson(200, { status: 'ok' }));
      server.hold(isLoading ? () => error(503, 'Loading model', 'unavailable_error') : undefined);
    },
  };
}
