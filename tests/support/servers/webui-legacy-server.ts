/** A stand-in for text-generation-webui before November 2023: blocking answers on one port, a WebSocket on another, and a model that closing does not stop. */
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { type FaultServer, respondJson, startFaultServer } from '../faultd';
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
  readonly asked: LegacyRequest[];
  /** How many tokens the model has computed, wanted or not. */
  readonly computed: number;
  set(options: LegacyOptions): void;
  close(): Promise<void>;
}

/** @param streamPort 5005 where a browser is to find it; else any */
export async function startLegacyServer(options: LegacyOptions = {}, streamPort = 0): Promise<LegacyServer> {
  const fault = await startFaultServer();
  const sockets = new WebSocketServer({ host: '127.0.0.1', port: streamPort, path: '/api/v1/stream' });
  await new Promise<void>((resolve) => sockets.once('listening', () => resolve()));
  const asked: LegacyRequest[] = [];
  let settings = options;
  let computed = 0;
  let isStopped = false;

  const tokensFor = (body: LegacyRequest) => {
    asked.push(body);
    return toTokens((settings.answer ?? (() => ' The Danube.'))(body)).slice(0, body.max_new_tokens);
  };

  async function stream(socket: WebSocket, body: LegacyRequest) {
    isStopped = false;
    let text = '';
    for (const [index, token] of tokensFor(body).entries()) {
      await new Promise((resolve) => setTimeout(resolve, settings.tokenDelayMs ?? 0));
      if (isStopped) break;
      computed += 1;
      if (index === settings.breaksAfter) return socket.close();
      text += token;
      // The stop string itself is removed; of a socket that is gone it takes no notice.
      if (body.stopping_strings.some((stop) => text.includes(stop))) break;
      socket.send(JSON.stringify({ event: 'text_stream', message_num: index, text: token }));
    }
    socket.send(JSON.stringify({ event: 'stream_end', message_num: 0 }));
  }

  sockets.on('connection', (socket) => {
    socket.on('error', () => undefined);
    socket.once('message', (data) => void stream(socket, JSON.parse(String(data)) as LegacyRequest));
  });
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
    streamUrl: `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}/api`,
    fault,
    asked,
    get computed() {
      return computed;
    },
    set(changes) {
      settings = { ...settings, ...changes };
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
      await fault.close();
    },
  };
}
