/** Two ends of a port in memory, as the browser has it: values are cloned, a dead port throws, and only the other end hears of a disconnect. */
import type { ChannelPort } from '../../../protocol/channel';

export interface FakePort extends ChannelPort {
  readonly isConnected: boolean;
}

interface End extends FakePort {
  readonly receive: (message: unknown) => void;
  readonly drop: () => void;
}

export function createPorts(): { readonly near: FakePort; readonly far: FakePort } {
  let connected = true;

  const createEnd = (other: () => End): End => {
    const onMessage: ((message: unknown) => void)[] = [];
    const onDisconnect: (() => void)[] = [];
    return {
      get isConnected() {
        return connected;
      },
      postMessage(message) {
        if (!connected) throw new Error('Attempting to use a disconnected port object');
        other().receive(structuredClone(message));
      },
      disconnect() {
        if (!connected) return;
        connected = false;
        other().drop();
      },
      onMessage: { addListener: (listener) => onMessage.push(listener) },
      onDisconnect: { addListener: (listener) => onDisconnect.push(listener) },
      receive(message) {
        for (const listener of onMessage) listener(message);
      },
      drop() {
        for (const listener of onDisconnect) listener();
      },
    };
  };

  const near: End = createEnd(() => far);
  const far: End = createEnd(() => near);
  return { near, far };
}
