/** The wire formats as the fault matrix meets them: each with its stand-in, and what a fault must know of its answers. */
import type { FaultServer } from '../faultd';
import type { ParsedRequest } from '../faultd-request';
import { startAnthropicServer } from '../servers/anthropic-server';
import { startGeminiServer } from '../servers/gemini-server';
import { startHordeServer } from '../servers/horde-server';
import { startKoboldAiServer } from '../servers/koboldai-server';
import { startKoboldCppServer } from '../servers/koboldcpp-server';
import { startNovelAiServer } from '../servers/novelai-server';
import { startOllamaServer } from '../servers/ollama-server';
import { startOpenAiServer } from '../servers/openai-server';
import { startResponsesServer } from '../servers/responses-server';
import { startLegacyServer } from '../servers/webui-legacy-server';

export interface StandIn {
  /** The server whose answers are disturbed. */
  readonly fault: FaultServer;
  /** Further ones of the same backend. */
  readonly others?: readonly FaultServer[];
  /** What a person types; absent where the vendor's host is fixed. */
  readonly address?: string;
  /** From now on it says this. */
  say(text: string): void;
  close(): Promise<void>;
}

export interface FaultDialect {
  readonly name: string;
  /** Of the catalog. */
  readonly providerId: string;
  /** As the form lists it. */
  readonly provider: string;
  readonly key?: string;
  /** Chosen where the backend's first is not the one that speaks this format. */
  readonly model?: string;
  /** Vendors' hosts that the stand-in plays. */
  readonly hosts?: readonly string[];
  /** How an answer comes: events, lines, one document, frames of a WebSocket. */
  readonly framing: 'sse' | 'ndjson' | 'json' | 'frames';
  /** Time limits are longer for a backend near by. */
  readonly isLocal: boolean;
  /** What asks for its answer is a GET. */
  readonly asksByGet?: boolean;
  /** Somebody bills by use. */
  readonly isMetered: boolean;
  /** Writes up to the first text of an answer, that one included. */
  readonly opening: number;
  /** Writes after the last text until the reason of the end; absent where no write tells it before the last byte. */
  readonly finish?: number;
  /** What a failure in the middle of an answer looks like, under status 200. It holds `secretWords`. */
  readonly failure?: string;
  /** How often a failure that may pass is tried, the first time included. */
  readonly tries: number;
  /** The requests that ask for the answer. */
  asks(request: ParsedRequest): boolean;
  start(): Promise<StandIn>;
}

/** What a backend says that no page may read. */
export const secretWords = 'SECRET-WORDS-OF-THE-BACKEND';

const post = (path: string | RegExp) => (request: ParsedRequest) =>
  request.method === 'POST' && (typeof path === 'string' ? path === request.path : path.test(request.path));
const sse = (data: object, name?: string) => `${name ? `event: ${name}\n` : ''}data: ${JSON.stringify(data)}\n\n`;

const openAiChat: FaultDialect = {
  ...{ name: 'openai-chat', providerId: 'openai', provider: 'OpenAI', key: 'sk-test-0123456789', hosts: ['api.openai.com'] },
  ...{ framing: 'sse', isLocal: false, isMetered: true, opening: 2, finish: 1, tries: 3 },
  failure: sse({ error: { message: secretWords, type: 'server_error', code: 'server_error' } }),
  asks: post('/v1/chat/completions'),
  async start() {
    const server = await startOpenAiServer({ apiKey: 'sk-test-0123456789', models: ['gpt-4o-mini'] });
    return { ...server, say: (text) => server.set({ answer: () => text }) };
  },
};

const openAiResponses: FaultDialect = {
  ...openAiChat,
  name: 'openai-responses',
  opening: 4,
  failure: sse({ type: 'error', error: { message: secretWords, code: 'server_error', param: null } }, 'error'),
  asks: post('/v1/responses'),
  async start() {
    const server = await startResponsesServer({ apiKey: 'sk-test-0123456789' });
    return { ...server, say: (text) => server.set({ answer: () => text }) };
  },
};

const anthropic: FaultDialect = {
  ...{ name: 'anthropic', providerId: 'anthropic', provider: 'Anthropic Claude', key: 'sk-ant-0123456789' },
  ...{ hosts: ['api.anthropic.com'], framing: 'sse', isLocal: false, isMetered: true, opening: 4, finish: 2, tries: 3 },
  failure: sse({ type: 'error', error: { type: 'overloaded_error', message: secretWords } }, 'error'),
  asks: post('/v1/messages'),
  async start() {
    const server = await startAnthropicServer({ apiKey: 'sk-ant-0123456789' });
    return { ...server, say: (text) => server.set({ answer: () => text }) };
  },
};

const gemini: FaultDialect = {
  ...{ name: 'gemini', providerId: 'gemini', provider: 'Google Gemini', key: 'AIza-0123456789' },
  ...{ hosts: ['generativelanguage.googleapis.com'], framing: 'sse', isLocal: false, isMetered: true },
  ...{ opening: 1, finish: 1, tries: 3 },
  failure: sse({ error: { code: 503, status: 'UNAVAILABLE', message: secretWords } }),
  asks: post(/:streamGenerateContent$/),
  async start() {
    const server = await startGeminiServer({ apiKey: 'AIza-0123456789' });
    return { ...server, say: (text) => server.set({ answer: () => text }) };
  },
};

const ollama: FaultDialect = {
  ...{ name: 'ollama', providerId: 'ollama', provider: 'Ollama', framing: 'ndjson', isLocal: true, isMetered: false },
  ...{ opening: 1, finish: 1, tries: 3 },
  failure: `${JSON.stringify({ error: secretWords })}\n`,
  asks: post('/api/chat'),
  async start() {
    const server = await startOllamaServer();
    return { ...server, address: server.baseUrl, say: (text) => server.set({ answer: () => text }) };
  },
};

const koboldAi: FaultDialect = {
  ...{ name: 'koboldai', providerId: 'koboldai', provider: 'KoboldAI', framing: 'json', isLocal: true, isMetered: false },
  ...{ opening: 1, tries: 3 },
  asks: post('/api/v1/generate'),
  async start() {
    const server = await startKoboldAiServer();
    return { ...server, address: server.baseUrl, say: (text) => server.set({ answer: () => text }) };
  },
};

const koboldCpp: FaultDialect = {
  ...{ name: 'koboldcpp', providerId: 'koboldcpp', provider: 'KoboldCPP', framing: 'sse', isLocal: true, isMetered: false },
  ...{ opening: 1, finish: 1, tries: 3 },
  asks: post('/api/extra/generate/stream'),
  async start() {
    const server = await startKoboldCppServer({ tokenMs: 1 });
    return { ...server, address: server.baseUrl, say: (text) => server.set({ answer: () => ` ${text}` }) };
  },
};

/** The order of an answer; how it is fetched is `hordePoll`. */
const horde: FaultDialect = {
  ...{ name: 'horde', providerId: 'ai-horde', provider: 'AI Horde', hosts: ['aihorde.net'], framing: 'json' },
  ...{ isLocal: false, isMetered: false, opening: 1, tries: 3 },
  asks: post('/api/v2/generate/text/async'),
  async start() {
    const server = await startHordeServer();
    return { ...server, say: (text) => server.set({ answer: () => ` ${text}` }) };
  },
};

const hordePoll: FaultDialect = {
  ...horde,
  name: 'horde-poll',
  asksByGet: true,
  tries: 5,
  asks: ({ method, path }) => method === 'GET' && path.startsWith('/api/v2/generate/text/status/'),
};

const novelAi: FaultDialect = {
  ...{ name: 'novelai', providerId: 'novelai', provider: 'NovelAI', key: 'pst-test-0123456789', framing: 'sse' },
  ...{ hosts: ['text.novelai.net', 'api.novelai.net'], isLocal: false, isMetered: false, opening: 1, finish: 1, tries: 3 },
  failure: sse({ error: secretWords }),
  asks: post('/oa/v1/chat/completions'),
  async start() {
    const server = await startNovelAiServer({ token: 'pst-test-0123456789', lockMs: 50 });
    return { ...server, say: (text) => server.set({ answer: () => text }) };
  },
};

const novelAiStory: FaultDialect = {
  ...novelAi,
  name: 'novelai-story',
  model: 'llama-3-erato-v1',
  // Its last token says that it is the last.
  finish: 0,
  asks: post('/ai/generate-stream'),
};

/** Its stream is a WebSocket on a port of its own, which the row fixes. */
const legacyStreamPort = 5005;
const legacyRow = {
  ...{ providerId: 'text-generation-webui-legacy', provider: 'Text generation web UI (before November 2023)' },
  ...{ isLocal: true, isMetered: false, opening: 1 },
} as const;

const legacySocket: FaultDialect = {
  ...legacyRow,
  ...{ name: 'webui-socket', framing: 'frames', finish: 1, tries: 1 },
  asks: ({ path }) => path === '/api/v1/stream',
  async start() {
    const server = await startLegacyServer({}, legacyStreamPort);
    const say = (text: string) => server.set({ answer: () => ` ${text}` });
    return { ...server, fault: server.streamFault, others: [server.fault], address: server.baseUrl, say };
  },
};

/** Where only its first port can be reached. */
const legacyWhole: FaultDialect = {
  ...legacyRow,
  ...{ name: 'webui-whole', framing: 'json', tries: 3 },
  asks: post('/api/v1/generate'),
  async start() {
    const server = await startLegacyServer();
    await server.streamFault.refuse(true);
    return { ...server, address: server.baseUrl, say: (text) => server.set({ answer: () => ` ${text}` }) };
  },
};

export const faultDialects: readonly FaultDialect[] = [
  ...[openAiChat, openAiResponses, anthropic, gemini, ollama, koboldAi, koboldCpp],
  ...[horde, hordePoll, novelAi, novelAiStory, legacySocket, legacyWhole],
];
