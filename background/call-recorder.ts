/** Takes down what is asked and answered in one call, where the person wants that kept. Nothing of it exists in a call that is not recorded. */

import type { AskedPart, CallContent, ContentAnswer } from '../protocol/activity';
import type { GenerateRequest, Part, StreamPart } from '../protocol/generate';
import { limits } from '../protocol/limits';

export interface CallRecorder {
  /** The body of a request to the backend; it carries no key, which egress adds as a header. */
  sent(body: string): void;
  watch(parts: AsyncIterable<StreamPart>): AsyncIterable<StreamPart>;
  content(): CallContent;
}

/** Media in a body: too long for a word of any language, and nothing to read. */
const media = /[\w+/=-]{4096,}/g;
/** Three bytes of a file are four characters of base64. */
const base64Bytes = (data: string): number => Math.round((data.length / 4) * 3);

function askedPart(part: Part): AskedPart {
  if (part.type !== 'image' && part.type !== 'audio') return part;
  return { type: part.type, mediaType: part.mediaType, bytes: base64Bytes(part.data) };
}

/** Text up to a bound, of which it tells whether it was reached. */
function createText() {
  const pieces: string[] = [];
  let room: number = limits.contentChars;
  return {
    add(text: string): void {
      if (room > 0) pieces.push(text.slice(0, room));
      room -= text.length;
    },
    read: () => pieces.join(''),
    isCut: () => room < 0,
  };
}

export function createCallRecorder({ messages, ...parameters }: GenerateRequest): CallRecorder {
  const sent: string[] = [];
  let sentRoom: number = limits.contentChars;
  const outputs = new Map<
    number,
    { readonly text: ReturnType<typeof createText>; readonly reasoning: ReturnType<typeof createText> }
  >();
  const toolCalls: { readonly output: number; readonly name: string; readonly arguments: string }[] = [];

  const outputOf = (number: number) => {
    const known = outputs.get(number);
    if (known) return known;
    const created = { text: createText(), reasoning: createText() };
    outputs.set(number, created);
    return created;
  };

  const note = (part: StreamPart) => {
    if (part.type === 'text-delta') outputOf(part.output ?? 0).text.add(part.text);
    if (part.type === 'reasoning-delta') outputOf(part.output ?? 0).reasoning.add(part.text);
    if (part.type === 'tool-call') {
      const { output = 0, name, arguments: given } = part;
      outputOf(output);
      toolCalls.push({ output, name, arguments: given });
    }
  };

  const answers = (): ContentAnswer[] =>
    [...outputs.entries()]
      .sort(([one], [other]) => one - other)
      .map(([number, { text, reasoning }]) => ({
        text: text.read(),
        reasoning: reasoning.read(),
        toolCalls: toolCalls.filter(({ output }) => output === number).map(({ output: _, ...call }) => call),
      }));

  return {
    sent(body) {
      const text = body.replace(media, '…');
      // A body that is sent again, because the first try failed, is the same one.
      if (text === sent.at(-1)) return;
      if (sentRoom > 0) sent.push(text.slice(0, sentRoom));
      sentRoom -= text.length;
    },

    async *watch(parts) {
      for await (const part of parts) {
        note(part);
        yield part;
      }
    },

    content() {
      const isCut = sentRoom < 0 || [...outputs.values()].some(({ text, reasoning }) => text.isCut() || reasoning.isCut());
      const asked = messages.map(({ role, content }) => ({ role, content: content.map(askedPart) }));
      return { asked, parameters, sent: [...sent], answers: answers(), isCut };
    },
  };
}
