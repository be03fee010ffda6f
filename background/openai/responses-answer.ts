/** Owns the answers of the Responses API: an object with the items that were put out, or the named events in which it grows. */

import type { StreamPart } from '../../protocol/generate';
import { type Fields, present } from './fields';
import { type AnswerWriter, type Call, collectAnswer, event, type Identity, usageFields } from './wire-answer';
import type { WireErrorBody } from './wire-error';

interface GrowingItem {
  readonly type: 'message' | 'reasoning';
  readonly id: string;
  text: string;
}
type Item = GrowingItem | { readonly type: 'function_call'; readonly id: string; readonly call: Call };

/** What the object repeats of its request. */
const echoed = [
  'instructions',
  'max_output_tokens',
  'metadata',
  'temperature',
  'top_p',
  'tools',
  'tool_choice',
  'text',
  'reasoning',
];

/** `response` and the events around it (OpenAI API reference, Responses). @param body the request, of which the answer repeats a part */
export function createResponsesAnswer(body: Fields, { id, created }: Identity): AnswerWriter {
  const answer = collectAnswer();
  const items: Item[] = [];
  /** The last item, as long as more of it may come. */
  let open: GrowingItem | undefined;
  let number = 0;

  const emit = (type: string, fields: object): string => {
    const text = event({ type, sequence_number: number, ...fields }, type);
    number += 1;
    return text;
  };

  const responseOf = (status: string, error?: WireErrorBody) => ({
    id: `resp_${id}`,
    object: 'response',
    created_at: created,
    status,
    error: error ? { code: error.code, message: error.message } : null,
    incomplete_details: status === 'incomplete' ? { reason: incompleteReason() } : null,
    model: answer.model,
    output: items.map((item) => itemOf(item, 'completed')),
    parallel_tool_calls: true,
    previous_response_id: null,
    store: false,
    tool_choice: 'auto',
    tools: [],
    truncation: 'disabled',
    ...present(Object.fromEntries(echoed.map((name) => [name, body[name]]))),
    usage: usageFields(answer.usage, ['input_tokens', 'output_tokens']) ?? null,
  });

  const finish = () => answer.outputs()[0]?.finish;
  const incompleteReason = () => (finish() === 'content-filter' ? 'content_filter' : 'max_output_tokens');
  const endStatus = () => (finish() === 'length' || finish() === 'content-filter' ? 'incomplete' : 'completed');

  const place = (item: Item) => ({ item_id: item.id, output_index: items.indexOf(item) });
  const added = (item: Item) =>
    emit('response.output_item.added', { output_index: items.indexOf(item), item: itemOf(item, 'in_progress') });
  const done = (item: Item) =>
    emit('response.output_item.done', { output_index: items.indexOf(item), item: itemOf(item, 'completed') });

  const begin = (type: 'message' | 'reasoning'): string => {
    const item: GrowingItem = { type, id: `${type === 'message' ? 'msg' : 'rs'}_${id}_${items.length}`, text: '' };
    items.push(item);
    open = item;
    return (
      added(item) +
      (type === 'message'
        ? emit('response.content_part.added', { ...place(item), content_index: 0, part: textPart('') })
        : emit('response.reasoning_summary_part.added', { ...place(item), summary_index: 0, part: summaryPart('') }))
    );
  };

  const close = (): string => {
    if (!open) return '';
    const item = open;
    open = undefined;
    const at = place(item);
    const { text } = item;
    const ends =
      item.type === 'message'
        ? emit('response.output_text.done', { ...at, content_index: 0, text, logprobs: [] }) +
          emit('response.content_part.done', { ...at, content_index: 0, part: textPart(text) })
        : emit('response.reasoning_summary_text.done', { ...at, summary_index: 0, text }) +
          emit('response.reasoning_summary_part.done', { ...at, summary_index: 0, part: summaryPart(text) });
    return ends + done(item);
  };

  const grow = (type: 'message' | 'reasoning', delta: string): string => {
    const before = open?.type === type ? '' : close() + begin(type);
    // `begin` has opened one of this type.
    const item = open as GrowingItem;
    item.text += delta;
    return (
      before +
      (type === 'message'
        ? emit('response.output_text.delta', { ...place(item), content_index: 0, delta, logprobs: [] })
        : emit('response.reasoning_summary_text.delta', { ...place(item), summary_index: 0, delta }))
    );
  };

  const call = (called: Call): string => {
    const before = close();
    const item: Item = { type: 'function_call', id: `fc_${id}_${items.length}`, call: called };
    items.push(item);
    const { arguments: json, name } = called;
    return (
      before +
      added(item) +
      emit('response.function_call_arguments.delta', { ...place(item), delta: json }) +
      emit('response.function_call_arguments.done', { ...place(item), name, arguments: json }) +
      done(item)
    );
  };

  const takePart = (part: StreamPart): string => {
    switch (part.type) {
      case 'start':
        return (
          emit('response.created', { response: responseOf('in_progress') }) +
          emit('response.in_progress', { response: responseOf('in_progress') })
        );
      case 'text-delta':
        return grow('message', part.text);
      case 'reasoning-delta':
        return grow('reasoning', part.text);
      case 'tool-call':
        return call(part);
      default:
        return '';
    }
  };

  return {
    take(part) {
      answer.take(part);
      return takePart(part);
    },
    failed: (error) =>
      emit('error', { code: error.code, message: error.message, param: error.param }) +
      emit('response.failed', { response: responseOf('failed', error) }),
    end: () => close() + emit(`response.${endStatus()}`, { response: responseOf(endStatus()) }),
    whole: () => responseOf(endStatus()),
  };
}

const textPart = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] });
const summaryPart = (text: string) => ({ type: 'summary_text', text });

function itemOf(item: Item, status: 'in_progress' | 'completed'): object {
  switch (item.type) {
    case 'message': {
      const content = status === 'completed' ? [textPart(item.text)] : [];
      return { type: 'message', id: item.id, status, role: 'assistant', content };
    }
    case 'reasoning':
      return { type: 'reasoning', id: item.id, summary: status === 'completed' ? [summaryPart(item.text)] : [] };
    case 'function_call': {
      const { id: call_id, name, arguments: json } = item.call;
      return { type: 'function_call', id: item.id, status, call_id, name, arguments: status === 'completed' ? json : '' };
    }
  }
}
