/** The same conversation with native llama.cpp, in this process: the binary that the npm package `node-llama-cpp` carries. */

import { pathToFileURL } from 'node:url';
// @ts-expect-error: a script without types
import { nodeLlama } from '../scripts/real-servers.mjs';
import type { Told } from './engine-page';

/** As much of the package as is used here. */
interface Package {
  readonly LlamaChatSession: new (options: { readonly contextSequence: Sequence; readonly systemPrompt: string }) => Session;
  getLlama(options: object): Promise<{ loadModel(options: object): Promise<Model>; dispose(): Promise<void> }>;
}
interface Model {
  createContext(options: object): Promise<{ getSequence(): Sequence }>;
  dispose(): Promise<void>;
}
interface Sequence {
  readonly tokenMeter: { readonly usedInputTokens: number; readonly usedOutputTokens: number };
}
interface Session {
  readonly sequence: Sequence;
  prompt(text: string, options: object): Promise<string>;
}

export interface NativeLlama {
  /** The next turn of a conversation, or the first of a new one. `promptTokens` is what was read, with nothing of it cached. */
  ask(text: string, maxTokens: number, isFirst: boolean): Promise<Told>;
  unload(): Promise<void>;
  close(): Promise<void>;
}

/** What the templates of the model's own say where nobody gives a system prompt. */
const systemPrompt = 'You are a helpful AI assistant named SmolLM, trained by Hugging Face';

/** Undefined, and a line in the log, where it cannot be had. */
export async function openNativeLlama(
  file: string,
  contextTokens: number,
  threads: number,
  log: (line: string) => void,
): Promise<NativeLlama | undefined> {
  const { path, missing } = nodeLlama() as { path?: string; missing?: string };
  if (path === undefined) {
    log(`without native llama.cpp: ${missing}`);
    return undefined;
  }
  const { getLlama, LlamaChatSession } = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Package;
  const llama = await getLlama({ gpu: false, build: 'never', progressLogs: false, logLevel: 'error', maxThreads: threads });
  let model: Model | undefined;
  let session: Session | undefined;
  let context: { getSequence(): Sequence; dispose?(): Promise<void> } | undefined;

  const unload = async () => {
    await model?.dispose();
    model = undefined;
    context = undefined;
    session = undefined;
  };
  return {
    async ask(text, maxTokens, isFirst) {
      const begun = performance.now();
      model ??= await llama.loadModel({ modelPath: file });
      if (!context || isFirst) {
        await context?.dispose?.();
        context = await model.createContext({ contextSize: contextTokens, threads, sequences: 1 });
        session = new LlamaChatSession({ contextSequence: context.getSequence(), systemPrompt });
      }
      if (!session) throw new Error('There is no conversation.');
      const meter = session.sequence.tokenMeter;
      const [read, written] = [meter.usedInputTokens, meter.usedOutputTokens];
      let [first, last] = [Number.NaN, Number.NaN];
      const onToken = () => {
        last = performance.now() - begun;
        if (Number.isNaN(first)) first = last;
      };
      // As Oriel samples where nobody asks for any.
      const answer = await session.prompt(text, { maxTokens, temperature: 0, repeatPenalty: { penalty: 1.1 }, onToken });
      const tokens = meter.usedOutputTokens - written;
      return { text: answer, first, last, tokens, promptTokens: meter.usedInputTokens - read, cachedTokens: 0 };
    },
    unload,
    async close() {
      await unload();
      await llama.dispose();
    },
  };
}
