/** Tells what goes out to a backend for an answer, as it goes: without the key, which egress adds after this. */

import type { BoundFetch, OpenSocket, ProviderContext } from '../providers/provider';

export type OnSent = (body: string) => void;

export function watched(context: ProviderContext, onSent: OnSent): ProviderContext {
  const send: BoundFetch = (url, init) => {
    if (init?.asksFor === 'answer' && init.body !== undefined) onSent(init.body);
    return context.fetch(url, init);
  };
  const socket: OpenSocket = async (url, signal) => {
    const bound = await context.socket(url, signal);
    const sendFrame = (text: string) => {
      onSent(text);
      bound.send(text);
    };
    return { ...bound, send: sendFrame };
  };
  return { ...context, fetch: send, socket };
}
