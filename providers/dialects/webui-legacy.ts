/** Owns the dialect of text-generation-webui before November 2023: one JSON answer, or a WebSocket beside it where that can be reached. */

import * as v from 'valibot';
import { AiError, backendError } from '../../protocol/errors';
import type { GenerateRequest, ModelInfo, StreamPart, Warning } from '../../protocol/generate';
import { limits } from '../../protocol/limits';
import { settingsOf } from '../../protocol/model-settings';
import { tokensOfText } from '../../protocol/token-estimate';
import { readJson } from '../body';
import type { Clock } from '../clock';
import { errand, exchange } from '../exchange';
import { createHttp } from '../http';
import { createLifeline, type Lifeline } from '../lifeline';
import { baseUrlOf, isNear } from '../place';
import type { BoundSocket, CatalogRow, Provider, ProviderContext } from '../provider';
import { repeatOutputs } from '../repeat-outputs';
import { type SamplerNames, toWireSamplers } from '../samplers';
import { createStopCutter } from '../stop-sequences';
import { chatTemplates } from '../templates/chat-templates';
import { chooseTemplate } from '../templates/choose-template';
import { writeChat } from '../templates/write-chat';

/** What an unset field would be is the owner's choice, so that the neutral values are always sent. */
const neutral = {
  do_sample: true,
  temperature: 1,
  top_p: 1,
  top_k: 0,
  typical_p: 1,
  tfs: 1,
  top_a: 0,
  repetition_penalty: 1,
  repetition_penalty_range: 0,
  seed: -1,
  add_bos_token: true,
  skip_special_tokens: true,
  ban_eos_token: false,
};
const samplerNames: SamplerNames = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  typicalP: 'typical_p',
  tfs: 'tfs',
  topA: 'top_a',
  repetitionPenalty: 'repetition_penalty',
  repetitionRange: 'repetition_penalty_range',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  seed: 'seed',
  mirostatMode: 'mirostat_mode',
  mirostatTau: 'mirostat_tau',
  mirostatEta: 'mirostat_eta',
  epsilonCutoff: 'epsilon_cutoff',
  etaCutoff: 'eta_cutoff',
};
const defaultContext = 2048;
const defaultAnswer = 200;

const resultsSchema = v.object({ results: v.pipe(v.array(v.object({ text: v.string() })), v.minLength(1)) });
const modelSchema = v.object({ result: v.string() });
const frameSchema = v.variant('event', [
  v.object({ event: v.literal('text_stream'), text: v.string() }),
  v.object({ event: v.literal('stream_end') }),
]);

/** A provider for `POST {base}/v1/generate` and the frames of `ws://HOST:5005/api/v1/stream` (text-generation-webui, snapshot-2023-10-29, extensions/api). */
export function createWebuiLegacy(row: CatalogRow, context: ProviderContext, clock: Clock): Provider {
  const { connection, fetch, socket } = context;
  const http = createHttp({ fetch, clock, isLocal: isNear(row, connection), headers: {} });
  const base = baseUrlOf(row, connection) ?? '';
  const [streamBase = ''] = row.companions?.(base) ?? [];

  async function build(request: GenerateRequest) {
    const model = request.model ?? '';
    const { contextTokens = defaultContext, template } = settingsOf(connection, model);
    const format = chatTemplates[chooseTemplate(model, template)];
    const most = request.maxOutputTokens ?? defaultAnswer;
    const { system, prompt, left } = await writeChat(request.messages, format, { tokens: Math.max(1, contextTokens - most) });
    const samplers = toWireSamplers(request, samplerNames);
    const isGreedy = request.temperature === 0;
    const stop = [...new Set([...format.stop, ...(request.stop ?? [])])];
    const cut: Warning[] = left > 0 ? [{ type: 'history-cut', messages: left }] : [];
    return {
      body: {
        ...neutral,
        ...samplers.fields,
        ...(isGreedy && { do_sample: false, temperature: 1 }),
        prompt: system + prompt,
        max_new_tokens: most,
        truncation_length: contextTokens,
        stopping_strings: stop,
      },
      stop,
      warnings: [...cut, ...samplers.warnings],
    };
  }

  /** Closing the socket does not stop the model; the call's own lifeline is over by then. */
  async function stopModel(): Promise<void> {
    const lifeline = createLifeline(new AbortController().signal, clock, limits.probeTimeout);
    // A server that cannot be told goes on until it has said everything; nobody waits for that.
    await http.call('POST', `${base}/v1/stop-stream`, {}, lifeline).catch(() => undefined);
    lifeline.close();
  }

  /** Absent where the second port cannot be reached, or says nothing: many had only the first one open. */
  async function openStream(lifeline: Lifeline): Promise<BoundSocket | undefined> {
    const late = new AbortController();
    // Ends the handshake alone: the call goes on by the first port.
    const cancelTimer = clock.after(limits.probeTimeout, () => late.abort());
    try {
      const opened = socket(`${streamBase}/v1/stream`, AbortSignal.any([lifeline.signal, late.signal]));
      return await lifeline.wait(opened, limits.requestTimeout);
    } catch (error) {
      if (lifeline.signal.aborted) throw error;
      return undefined;
    } finally {
      cancelTimer();
    }
  }

  /** A frame is a token at least. A flood of them would keep everything else from its turn, the stop of the page too. */
  async function* readFrames(stream: BoundSocket, lifeline: Lifeline, tokens: number): AsyncGenerator<string> {
    const patience = limits.progressTimeout.local;
    for (let count = 0; ; count += 1) {
      if (count > tokens * 1.2 + 100) throw backendError('too-large', 'The answer is longer than what was asked for.');
      const frame = await lifeline.wait(stream.receive(), count === 0 ? limits.headersTimeout.local : patience);
      if (frame === undefined) throw backendError('interrupted', 'The answer broke off.');
      const read = v.safeParse(frameSchema, parseJson(frame));
      if (!read.success) throw backendError('malformed', 'The backend sent a frame that is none.');
      if (read.output.event === 'stream_end') return;
      yield read.output.text;
    }
  }

  /** Status 200 comes before the model begins, so that a failure looks like an answer that is empty or cut. */
  async function readWhole(body: Readonly<Record<string, unknown>>, lifeline: Lifeline): Promise<string> {
    const answer = await http.post(`${base}/v1/generate`, body, lifeline);
    try {
      const read = v.safeParse(resultsSchema, await readJson(answer.body));
      if (!read.success) throw backendError('interrupted', 'The server failed while it answered.');
      return read.output.results[0]?.text ?? '';
    } catch (error) {
      if (error instanceof AiError && error.fault === 'malformed')
        throw backendError('interrupted', 'The server failed while it answered.', { cause: error });
      throw error;
    } finally {
      answer.body.cancel();
    }
  }

  const generateOnce: Provider['generate'] = (request, signal) =>
    exchange(signal, clock, async function* (lifeline) {
      const { body, stop, warnings } = await build(request);
      const cutter = createStopCutter(stop);
      const stream = await openStream(lifeline);
      let said = '';
      let isOver = false;
      const deltas = (piece: string): StreamPart[] => {
        // The blank between the opening of the answer and its first word belongs to the format.
        const text = said === '' ? piece.replace(/^ /, '') : piece;
        said += text;
        return text === '' ? [] : [{ type: 'text-delta', text }];
      };
      try {
        const start: StreamPart = { type: 'start', model: request.model ?? '', warnings };
        if (stream) {
          stream.send(JSON.stringify(body));
          yield start;
          for await (const text of readFrames(stream, lifeline, body.max_new_tokens)) {
            yield* deltas(cutter.push(text));
            if (cutter.stopped) break;
          }
          isOver = !cutter.stopped;
        } else {
          yield { type: 'progress', stage: 'processing' };
          const text = await readWhole(body, lifeline);
          isOver = true;
          yield start;
          yield* deltas(cutter.push(text));
        }
        yield* deltas(cutter.end());
        const outputTokens = Math.ceil(tokensOfText(said));
        yield { type: 'usage', usage: { inputTokens: Math.ceil(tokensOfText(body.prompt)), outputTokens, estimated: true } };
        // It does not say why it ended.
        yield { type: 'finish', reason: outputTokens < body.max_new_tokens * 0.9 ? 'stop' : 'other' };
      } finally {
        stream?.close();
        if (!isOver) void stopModel();
      }
    });

  return {
    models: (signal) =>
      errand(signal, clock, async (lifeline): Promise<readonly ModelInfo[]> => {
        const read = v.safeParse(modelSchema, await http.get(`${base}/v1/model`, lifeline));
        if (!read.success) throw backendError('malformed', 'The backend sent a model that is none.');
        const { result } = read.output;
        if (result === '' || result === 'None') throw backendError('no-model', 'The server has no model loaded.');
        return [{ id: result, name: result, inputs: ['text'], loaded: true }];
      }),
    async *generate(request, signal) {
      refuseUnsupported(request);
      yield* repeatOutputs(generateOnce, request, signal);
    },
  };
}

function refuseUnsupported({ tools = [], responseFormat }: GenerateRequest): void {
  const field = tools.length > 0 ? 'tools' : responseFormat?.type === 'json-schema' && 'responseFormat';
  if (field) throw backendError('not-supported', 'This server only continues text.', { field });
}

function parseJson(frame: string): unknown {
  try {
    return JSON.parse(frame);
  } catch {
    // What it is not is said by the schema.
    return undefined;
  }
}
