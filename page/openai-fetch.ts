/**
 * `window.ai.fetch`: a `fetch` whose one server is Oriel. What it carries is read and written in the background; here a request becomes a
 * call, and what comes back a `Response`. It fetches nothing: another address is refused.
 */

import type { AiErrorCode, PageError } from '../protocol/errors';
import * as limits from '../protocol/page-limits';
import type { PageClient } from './client';
import {
  abort,
  chain,
  encode,
  methodOf,
  NativeAbortController,
  NativePromise,
  NativeRequest,
  NativeResponse,
  NativeTypeError,
  requestSignalOf,
  signalOf,
  textOf,
  urlOf,
} from './realm';
import { follow, request, streamed } from './requests';

/** No name on the web, so that nothing is sent anywhere where Oriel does not answer. */
export const baseURL = 'https://oriel.invalid/v1';

/** What answers where the background cannot: its own answers say more. */
const statuses: Partial<Record<AiErrorCode, number>> = {
  'not-allowed': 403,
  'too-large': 413,
  'invalid-request': 400,
  'rate-limited': 429,
  'invalid-state': 410,
};

const failure = ({ code }: PageError): Response =>
  new NativeResponse(`{"error":{"message":"Oriel could not answer: ${code}.","type":"${code}","param":null,"code":"${code}"}}`, {
    status: statuses[code] ?? 502,
    headers: { 'content-type': 'application/json', 'x-should-retry': 'false' },
  });

/** Whether a request goes to Oriel. Query and fragment mean nothing to it. */
export const isOurs = (url: string): boolean => pathOf(url)[0] === '/';

/** What follows `baseURL`. Firefox makes the methods of strings when they are first looked at, which every page would pay for. */
function pathOf(url: string): string {
  let path = '';
  for (let index = 0; index < url.length; index += 1) {
    if (index >= baseURL.length) path += url[index];
    else if (url[index] !== baseURL[index]) return '';
  }
  return path;
}

interface Whole extends ResponseInit {
  readonly body: string;
}

export function createOpenAiFetch(client: PageClient): typeof fetch {
  const send = (asked: Request, body: string, resolve: (response: Response) => void, reject: (reason: unknown) => void): void => {
    if (body.length > limits.bodyChars) {
      resolve(failure({ code: 'too-large' }));
      return;
    }
    const stopping = new NativeAbortController();
    const stop = (reason: unknown) => abort(stopping, reason);
    let push: ((chunk: Uint8Array) => void) | undefined;
    const call = { type: 'openai', endpoint: `${methodOf(asked)} ${pathOf(urlOf(asked))}`, body } as const;

    follow(requestSignalOf(asked), stop);
    const answered = request<Whole>(client, call, {
      signal: signalOf(stopping),
      onPart(part) {
        if (part.type !== 'text-delta') return;
        if (!push) {
          const stream = streamed<Uint8Array>(undefined, (given, cancelled) => {
            push = given;
            follow(cancelled, stop);
            return answered;
          });
          resolve(new NativeResponse(stream, { headers: { 'content-type': 'text/event-stream' } }));
        }
        push?.(encode(part.text));
      },
      toError(error) {
        if (!push) resolve(failure(error));
        return new NativeTypeError('The answer was cut short.');
      },
    });
    chain(
      answered,
      (whole) => {
        // The background is ours: it answers with a status, headers and a body.
        if (!push) resolve(new NativeResponse(whole.body, whole));
      },
      reject,
    );
  };

  return (input, init) =>
    new NativePromise((resolve, reject) => {
      const asked = new NativeRequest(input, init);
      if (!isOurs(urlOf(asked))) throw new NativeTypeError(`window.ai.fetch answers ${baseURL} only.`);
      chain(textOf(asked), (body) => send(asked, body, resolve, reject), reject);
    });
}
