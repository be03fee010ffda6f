/** A stand-in for text-generation-webui: the OpenAI stand-in with its own fields, one loaded model that answers whatever is asked for, and its guards. */
import { type FaultRequest, respondJson } from '../faultd';
import { type OpenAiServer, type OpenAiServerOptions, startOpenAiServer } from './openai-server';

const fields = [
  'mode truncation_length top_k min_p typical_p tfs top_a top_n_sigma epsilon_cutoff eta_cutoff repetition_penalty repetition_penalty_range',
  'dynamic_temperature dynatemp_low dynatemp_high dynatemp_exponent smoothing_factor smoothing_curve mirostat_mode mirostat_tau mirostat_eta',
  'dry_multiplier dry_base dry_allowed_length xtc_threshold xtc_probability grammar_string enable_thinking',
].flatMap((line) => line.split(' '));

export interface WebUiOptions extends Omit<OpenAiServerOptions, 'models'> {
  /** What lies on its disk. */
  onDisk: string[];
  loaded?: string;
  /** Not started with `--api-key`, but with this for its models. */
  adminKey?: string;
  /** Started with `--listen`: any name will do. */
  listens?: boolean;
}

export interface WebUi extends OpenAiServer {
  readonly loads: { model_name: string; args?: object }[];
  loaded(): string | undefined;
}

export async function startWebUi({ onDisk, loaded, adminKey, listens = false, ...options }: WebUiOptions): Promise<WebUi> {
  let current = loaded;
  const loads: WebUi['loads'] = [];
  const server = await startOpenAiServer({ ...options, extraFields: fields, anyModel: () => current ?? 'None' });
  const { port } = server.fault;
  const guarded =
    (answer: (request: FaultRequest) => ReturnType<typeof respondJson>, isAdmins: boolean) => (request: FaultRequest) => {
      const isKnown = [`127.0.0.1:${port}`, `localhost:${port}`].includes(request.headers.host ?? '');
      if (!listens && !isKnown) return respondJson(400, { detail: 'Invalid host header' });
      const key = isAdmins ? (adminKey ?? options.apiKey) : options.apiKey;
      const isOpen = key === undefined || request.headers.authorization === `Bearer ${key}`;
      return isOpen ? answer(request) : respondJson(401, { detail: 'Unauthorized' });
    };
  const info = () => ({ model_name: current ?? 'None', lora_names: [], loader: current === undefined ? null : 'llama.cpp' });
  server.fault.on(
    'GET',
    '/v1/internal/model/info',
    guarded(() => respondJson(200, info()), false),
  );
  server.fault.on(
    'GET',
    '/v1/internal/model/list',
    guarded(() => respondJson(200, { model_names: onDisk }), true),
  );
  server.fault.on(
    'POST',
    '/v1/internal/model/load',
    guarded((request) => {
      const body = request.json() as WebUi['loads'][number];
      loads.push(body);
      // What was loaded is gone by then.
      current = onDisk.includes(body.model_name) ? body.model_name : undefined;
      return current === undefined ? respondJson(500, { detail: 'Failed to load the model.' }) : respondJson(200, 'OK');
    }, true),
  );
  return { ...server, loads, loaded: () => current };
}
