/** The relay's end of a page's private port, played by the test. Everything is synchronous, so that nothing needs to be waited for. */
import type { RelayFrame } from '../../../page/client';
import type { StreamPart } from '../../../protocol/generate';
import type { PageCall } from '../../../protocol/page-messages';

type Posted = { readonly type: string; readonly id: string; readonly call?: PageCall; readonly chars?: number };

export interface RelayEnd {
  /** For `createPageClient`. */
  readonly port: MessagePort;
  /** It answers when it is asked whether it is there. */
  isAlive: boolean;
  readonly posted: readonly Posted[];
  onPost(listener: (posted: Posted) => void): void;
  /** The ids of the calls so far. */
  ids(): readonly string[];
  request(index?: number): Extract<PageCall, { type: 'generate' }>['request'];
  send(frame: RelayFrame): void;
  parts(id: string, ...parts: readonly StreamPart[]): void;
  text(id: string, text: string, output?: number): void;
  end(id: string, value?: unknown): void;
  fail(id: string, error: { code: string; status?: number }): void;
}

export function createRelayEnd(): RelayEnd {
  const posted: Posted[] = [];
  let listener: ((posted: Posted) => void) | undefined;
  const port: { onmessage: ((event: MessageEvent) => void) | null; postMessage(message: unknown): void } = {
    onmessage: null,
    postMessage(message) {
      const copy = structuredClone(message) as Posted;
      if (copy.type === 'ping') return void (relay.isAlive && relay.send({ type: 'pong' }));
      posted.push(copy);
      listener?.(copy);
    },
  };
  const send = (frame: RelayFrame) => port.onmessage?.(new MessageEvent('message', { data: structuredClone(frame) }));
  const frame = (type: string, id: string, fields: object = {}) => send({ v: 1, type, id, ...fields } as RelayFrame);

  const relay: RelayEnd = {
    isAlive: true,
    port: port as unknown as MessagePort,
    posted,
    onPost(added) {
      listener = added;
    },
    ids: () => posted.filter(({ type }) => type === 'request').map(({ id }) => id),
    request(index = 0) {
      const call = posted.filter(({ type }) => type === 'request')[index]?.call;
      if (call?.type !== 'generate') throw new Error('There is no such completion.');
      return call.request;
    },
    send,
    parts: (id, ...parts) => frame('parts', id, { parts }),
    text: (id, text, output) =>
      frame('parts', id, { parts: [{ type: 'text-delta', text, ...(output !== undefined && { output }) }] }),
    end: (id, value) => frame('end', id, value === undefined ? {} : { value }),
    fail: (id, error) => frame('error', id, { error }),
  };
  return relay;
}
