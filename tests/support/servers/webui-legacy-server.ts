/** A stand-in for text-generation-webui before November 2023: blocking answers on one port, a WebSocket on another, and a model that closing does not stop. */
import { type FaultRequest, type FaultServer, respondJson, type Step, startFaultServer } from '../faultd';
import { toTokens } from './openai-answers';

export interface LegacyOptions {
  model?: string;
  answer?: (body: LegacyRequest) => string;
  tokenDelayMs?: number;
  /** Closes the socket after so many tokens, as a crash does. */
  breaksAfter?: number;
}

export interface LegacyRequest {
  prompt: string;
  max_new_tokens: number;
  stopping_strings: string[];
}

export interface LegacyServer {
  readonly baseUrl: string;
  readonly streamUrl: string;
  readonly fault: FaultServer;
  /** The server of the port for streams. */
  readonly streamFault: FaultServer;
  readonly asked: LegacyRequest[];
  /** How many tokens the model has computed, wanted or not. */
  readonly computed: number;
  set(options: LegacyOptions): void;
  close(): Promise<void>;
}

/** @param streamPort 5005 where a browser is to find it; else any */
export async function startLegacyServer(options: LegacyOptions = {}, streamPort = 0): Promise<LegacyServer> {
  const fault = await startFaultServer();
  const streamFault = await startFaultServer({ port: streamPort });
  const asked: LegacyRequest[] = [];
  let settings = options;
  let computed = 0;
  let isStopped = false;

  const tokensFor = (body: LegacyRequest) => {
    asked.push(body);
    return toTokens((settings.answer ?? (() => ' The Danube.'))(body)).slice(0, body.max_new_tokens);
  };

  async function* stream(request: FaultRequest): AsyncGenerator<Step> {
    yield { type: 'upgrade' };
    const asking = await request.nextFrame();
    if (asking === undefined) return;
    isStopped = false;
    const body = JSON.parse(asking) as LegacyRequest;
    const event = (fields: object): Step => ({ type: 'frame', data: JSON.stringify(fields) });
    const sent: Step[] = [];
    // The model works on, whoever listens: of a socket that is gone it takes no notice.
    const work = compute(body, (text, index) => sent.push(event({ event: 'text_stream', message_num: index, text })));
    let isOver = false;
    void work.then(() => {
      isOver = true;
    });
    while (!isOver || sent.length > 0) {
      const step = sent.shift();
      if (step) yield step;
      else yield { type: 'delay', ms: 1 };
    }
    if (await work) yield event({ event: 'stream_end', message_num: 0 });
  }

  /** False where it crashed. */
  async function compute(body: LegacyRequest, say: (token: string, index: number) => void): Promise<boolean> {
    let text = '';
    for (const [index, token] of tokensFor(body).entries()) {
      await new Promise((resolve) => setTimeout(resolve, settings.tokenDelayMs ?? 0));
      if (isStopped) return true;
      computed += 1;
      if (index === settings.breaksAfter) return false;
      text += token;
      // The stop string itself is removed.
      if (body.stopping_strings.some((stop) => text.includes(stop))) return true;
      say(token, index);
    }
    return true;
  }

  streamFault.on('GET', '/api/v1/stream', stream);
  fault.on('GET', '/api/v1/model', () => respondJson(200, { result: settings.model ?? 'TheBloke_Llama-2-13B-GPTQ' }));
  fault.on('POST', '/api/v1/generate', (request) =>
    respondJson(200, { results: [{ text: tokensFor(request.json() as LegacyRequest).join('') }] }),
  );
  fault.on('POST', '/api/v1/stop-stream', () => {
    isStopped = true;
    return respondJson(200, { results: 'success' });
  });

  return {
    baseUrl: `${fault.url}/api`,
    streamUrl: `ws://127.0.0.1:${streamFault.port}/api`,
    fault,
    streamFault,
    asked,
    get computed() {
      return computed;
    },
    set(changes) {
      settings = { ...settings, ...changes };
    },
    async close() {
      await streamFault.close();
      await fault.close();
    },
  };
}
