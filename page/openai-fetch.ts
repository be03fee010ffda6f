/**
 * `window.ai.fetch`: a `fetch` whose one server is Oriel. What it carries is read and written in the background; here a request becomes a
 * call, and what comes back a `Response`. It fetches nothing: another address is refused.
 */

import type { AiErrorCode, PageError } from '../protocol/errors';
import { pageLimits as limits } from '../protocol/limits';
import type { PageClient } from './client';
import {
  abortedOf,
  chain,
  closeStream,
  encode,
  enqueue,
  failStream,
  listen,
  methodOf,
  NativePromise,
  NativeReadableStream,
  NativeRequest,
  NativeResponse,
  NativeTypeError,
  reasonOf,
  requestSignalOf,
  slice,
  textOf,
  unlisten,
  urlOf,
} from './realm';

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
export const isOurs = (url: string): boolean => slice(url, 0, baseURL.length + 1) === `${baseURL}/`;

export function createOpenAiFetch({ start }: PageClient): typeof fetch {
  const send = (
    request: Request,
    body: string,
    resolve: (response: Response) => void,
    reject: (reason: unknown) => void,
  ): void => {
    const signal = requestSignalOf(request);
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;

    const fail = (reason: unknown) => {
      if (controller) failStream(controller, reason);
      else reject(reason);
    };
    const onAbort = () => {
      stop();
      fail(reasonOf(signal));
    };
    const settled = () => unlisten(signal, 'abort', onAbort);

    if (abortedOf(signal)) {
      reject(reasonOf(signal));
      return;
    }
    if (body.length > limits.bodyChars) {
      resolve(failure({ code: 'too-large' }));
      return;
    }
    listen(signal, 'abort', onAbort);
    const stop = start(
      { type: 'openai', endpoint: `${methodOf(request)} ${slice(urlOf(request), baseURL.length)}`, body },
      {
        onPart(part) {
          if (part.type !== 'text-delta') return;
          if (!controller) {
            const source = {
              __proto__: null,
              start(given: ReadableStreamDefaultController<Uint8Array>) {
                controller = given;
              },
              cancel() {
                settled();
                stop();
              },
            };
            const headers = { 'content-type': 'text/event-stream' };
            resolve(new NativeResponse(new NativeReadableStream(source as UnderlyingDefaultSource<Uint8Array>), { headers }));
          }
          if (controller) enqueue(controller, encode(part.text));
        },
        onEnd(answer) {
          settled();
          if (controller) return closeStream(controller);
          // The background is ours: it answers with a status, headers and a body.
          const whole = answer as ResponseInit & { readonly body: string };
          resolve(new NativeResponse(whole.body, whole));
        },
        onError(error) {
          settled();
          if (controller) fail(new NativeTypeError('The answer was cut short.'));
          else resolve(failure(error));
        },
      },
    );
  };

  return (input, init) =>
    new NativePromise((resolve, reject) => {
      const request = new NativeRequest(input, init);
      if (!isOurs(urlOf(request))) throw new NativeTypeError(`window.ai.fetch answers requests to ${baseURL} and no others.`);
      chain(textOf(request), (body) => send(request, body, resolve, reject), reject);
    });
}
