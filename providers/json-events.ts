/** Owns the step from server-sent events to the JSON that they carry, for APIs where every event is one document. */

import { backendError } from '../protocol/errors';
import type { Body } from './body';
import { readSse } from './sse';

/** The documents of an event stream, each in its turn. Throws AiError `malformed`, or `interrupted` where the last one is cut off. */
export async function* readJsonEvents(body: Body): AsyncGenerator<unknown, void, undefined> {
  for await (const { data, complete } of readSse(body.read)) {
    body.progressed();
    // `[DONE]` ends no stream of these APIs, but servers that imitate them send it.
    if (data.trim() === '' || data === '[DONE]') continue;
    yield parse(data, complete);
  }
}

function parse(data: string, complete: boolean): unknown {
  try {
    return JSON.parse(data);
  } catch {
    // The message of the exception quotes the answer, which belongs into no log.
    if (!complete) throw backendError('interrupted', 'The answer broke off.');
    throw backendError('malformed', 'The backend sent broken JSON.');
  }
}
