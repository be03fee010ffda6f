/** A background that answers from a table, behind the real channel and the real schemas. */

import { type Client, createClient } from '../../../components/client';
import { type ChannelPort, type Reply, serveChannel } from '../../../protocol/channel';
import { AiError, toPersonError } from '../../../protocol/errors';
import { parseUiFrame, type UnreadUiCall } from '../../../protocol/ui-frames';
import { parseUiCall } from '../../../protocol/ui-inputs';
import type { Overview, UiCall, UiEvent, UiOperation } from '../../../protocol/ui-messages';

import type { VaultView } from '../../../protocol/vault-messages';

interface End extends ChannelPort {
  deliver(message: unknown): void;
  closed(): void;
}

function end(other: () => End): End {
  const onMessage: ((message: unknown) => void)[] = [];
  const onDisconnect: (() => void)[] = [];
  return {
    // As runtime ports do: a copy, later.
    postMessage: (message) => queueMicrotask(() => other().deliver(structuredClone(message))),
    disconnect: () => queueMicrotask(() => other().closed()),
    onMessage: { addListener: (listener) => void onMessage.push(listener) },
    onDisconnect: { addListener: (listener) => void onDisconnect.push(listener) },
    deliver: (message) => {
      for (const listener of onMessage) listener(message);
    },
    closed: () => {
      for (const listener of onDisconnect) listener();
    },
  };
}

type Answers = { readonly [Operation in UiOperation]?: (input: never, reply: Reply) => unknown };

export interface FakeBackground {
  readonly client: Client;
  readonly calls: UiCall[];
  push(overview: Partial<Overview>): void;
  /** As when the browser ends the background: every port closes. */
  die(): void;
}

export const vault: VaultView = { type: 'open', autoLock: '60m', isRestored: false, isAdviceDismissed: false };
export const nothing: Overview = { connections: [], approvals: [], running: [], failures: [], vault };

export function fakeBackground(start: Partial<Overview> = {}, answers: Answers = {}): FakeBackground {
  let overview: Overview = { ...nothing, ...start };
  const calls: UiCall[] = [];
  let server: { push(event: UiEvent): void; disconnect(): void } | undefined;
  const connect = () => {
    const near: End = end(() => far);
    const far: End = end(() => near);
    server = serveChannel<UnreadUiCall, UiEvent>(far, {
      parse: parseUiFrame,
      toError: toPersonError,
      async handle(unread, reply) {
        const call = parseUiCall(unread);
        if (!call) throw new AiError('invalid-request', `The background refuses ${JSON.stringify(unread)}.`);
        calls.push(call);
        const answer = answers[call.type] as ((input: unknown, reply: Reply) => unknown) | undefined;
        if (answer) return answer(call.input, reply);
        return call.type === 'overview' ? overview : undefined;
      },
    });
    return near;
  };
  return {
    client: createClient(connect),
    calls,
    push(change) {
      overview = { ...overview, ...change };
      server?.push({ type: 'overview', overview });
    },
    die: () => server?.disconnect(),
  };
}
