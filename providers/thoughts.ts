/**
 * Owns the telling apart of thought and answer where a backend sends both as one text, the thought in tags before the answer. Only what stands at
 * the very beginning is a thought: an answer that speaks about such tags is left alone, and so is every model that is not known to think.
 */

import type { GenerateRequest, StreamPart } from '../protocol/generate';
import type { CatalogRow, Provider, ProviderContext } from './provider';
import { heldBack } from './stop-sequences';
import { insiders } from './thinkers';

const tags = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['<thought>', '</thought>'],
  ['<seed:think>', '</seed:think>'], // Seed-OSS
  ['<mm:think>', '</mm:think>'], // MiniMax-M3
  ['[THINK]', '[/THINK]'], // Magistral
] as const;

/** Each of them, written out: to make it of the list takes longer at each start of the background than all the rest of this file. */
const anyTag = /<\/?(?:think|thinking|thought|seed:think|mm:think)>|\[\/?THINK\]/;
const longestTag = Math.max(...tags.flat().map((tag) => tag.length));

/** Either may be empty. */
export interface Split {
  readonly thought: string;
  readonly said: string;
}

export interface ThoughtSplitter {
  /** What of the text so far is known to be one or the other. What could be the beginning of a tag is held back. */
  push(text: string): Split;
  /** What was held back. A thought that was never closed is one all the same. */
  end(): Split;
  /** The backend tells them apart by itself: whatever comes is said. */
  leave(): void;
}

/**
 * Gives the same however the text is cut into pieces. Blanks around the tags belong to neither.
 * @param mayBeginInside a text without an opening tag is held back until the closing one proves that it began with a thought, or until its
 *   end proves that it did not: the answer of a backend that hides its thoughts looks the same at its beginning
 */
export function createThoughtSplitter(mayBeginInside = false): ThoughtSplitter {
  let state: 'before' | 'unsure' | 'in' | 'after' | 'out' = 'before';
  let held = '';
  let close = '';
  let tail = '';
  /** Blanks before the next word are dropped: at the beginning of a thought, and of the answer after it. */
  let isFresh = true;

  const fresh = (text: string): string => {
    const shown = isFresh ? text.trimStart() : text;
    if (shown !== '') isFresh = false;
    return shown;
  };

  function open(): void {
    const start = held.trimStart();
    const found = tags.find(([tag]) => start.startsWith(tag));
    if (found !== undefined) {
      state = 'in';
      close = found[1];
      held = start.slice(found[0].length);
    } else if (!tags.some(([tag]) => tag.startsWith(start))) state = mayBeginInside ? 'unsure' : 'out';
  }

  /** A thought may be long: with each piece only its end is searched. */
  function findClose(text: string): void {
    tail = tail === '' ? held : tail.slice(-longestTag) + text;
    const found = anyTag.exec(tail)?.[0];
    if (found === undefined) return;
    // Where a tag is opened first, the answer speaks about tags.
    close = found;
    state = tags.some(([, tag]) => tag === found) ? 'in' : 'out';
  }

  function think(): Split {
    const end = held.indexOf(close);
    if (end === -1) {
      const keep = heldBack(held, [close]);
      const thought = fresh(held.slice(0, held.length - keep));
      held = held.slice(held.length - keep);
      return { thought, said: '' };
    }
    const thought = fresh(held.slice(0, end));
    const rest = held.slice(end + close.length);
    held = '';
    state = 'after';
    isFresh = true;
    return { thought, said: fresh(rest) };
  }

  return {
    push(text) {
      if (state === 'after') return { thought: '', said: fresh(text) };
      held += text;
      if (state === 'before') open();
      if (state === 'unsure') findClose(text);
      if (state === 'in') return think();
      if (state !== 'out') return { thought: '', said: '' };
      const said = held;
      held = '';
      return { thought: '', said };
    },
    end() {
      const rest = held;
      held = '';
      return state === 'in' ? { thought: fresh(rest), said: '' } : { thought: '', said: rest };
    },
    leave() {
      state = 'out';
    },
  };
}

/**
 * Whether this answer may begin with a thought: the row says it of the model's name, or the backend's list of the model itself. An answer that
 * was begun for the model is none that it begins.
 */
export const thinksAloud = (
  { quirks }: CatalogRow,
  { known }: Pick<ProviderContext, 'known'>,
  { messages, model = '' }: Pick<GenerateRequest, 'messages' | 'model'>,
): boolean =>
  quirks.thinksAloud !== undefined &&
  messages.at(-1)?.role !== 'assistant' &&
  (quirks.thinksAloud.test(model) || known?.(model)?.capabilities?.includes('reasoning') === true);

/** Whether an answer that thinks aloud may begin inside of its thought. */
export const beginsInside = ({ model = '', reasoningEffort }: Pick<GenerateRequest, 'model' | 'reasoningEffort'>): boolean =>
  insiders.test(model) && reasoningEffort !== 'none';

/** `generate` with each thought as `reasoning-delta`. */
export const withThoughtsApart = (
  row: CatalogRow,
  context: Pick<ProviderContext, 'known'>,
  generate: Provider['generate'],
): Provider['generate'] =>
  async function* (request, signal, job) {
    const splitters = new Map<number, ThoughtSplitter>();
    let isOn = thinksAloud(row, context, request);
    for await (const part of generate(request, signal, job)) {
      // AI Horde and others pick the model themselves.
      if (part.type === 'start') isOn ||= thinksAloud(row, context, { ...request, model: part.model });
      if (isOn && isOfOutput(part)) yield* takePart(part, splitters);
      else yield part;
    }
  };

type OutputPart = Extract<StreamPart, { readonly output?: number | undefined }>;
const isOfOutput = (part: StreamPart): part is OutputPart =>
  part.type === 'text-delta' || part.type === 'reasoning-delta' || part.type === 'tool-call' || part.type === 'finish';

function takePart(part: OutputPart, splitters: Map<number, ThoughtSplitter>): readonly StreamPart[] {
  const number = part.output ?? 0;
  const splitter = splitters.get(number) ?? createThoughtSplitter();
  splitters.set(number, splitter);
  if (part.type === 'text-delta') return splitParts(splitter.push(part.text), part);
  if (part.type === 'reasoning-delta') splitter.leave();
  return [...splitParts(splitter.end(), part), part];
}

/** @param like whose number the parts take */
export function splitParts({ thought, said }: Split, { output }: { readonly output?: number | undefined }): StreamPart[] {
  const numbered = output === undefined ? {} : { output };
  return [
    ...(thought === '' ? [] : [{ type: 'reasoning-delta', text: thought, ...numbered } as const]),
    ...(said === '' ? [] : [{ type: 'text-delta', text: said, ...numbered } as const]),
  ];
}
