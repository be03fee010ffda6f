/** A client that speaks the wire by hand, wrong frames included, and keeps what it was answered. */
import type { ChannelPort, ServerFrame } from '../../../protocol/channel';

type Frame = ServerFrame<unknown>;

export interface Wire {
  readonly frames: readonly Frame[];
  /** The frames of one request, without those that say that it waits or runs. */
  of(id: string): readonly Frame[];
  send(message: unknown): void;
  request(id: string, call: unknown, activated?: boolean): void;
  /** Resolves with the first frame, past or to come, that matches. */
  until(matches: (frame: Frame) => boolean): Promise<Frame>;
  settled(id: string): Promise<Frame>;
}

const isOf = (frame: Frame, id: string) => frame.type !== 'event' && frame.id === id;
const settles = (frame: Frame) => frame.type === 'end' || frame.type === 'error';

export function createWire(port: ChannelPort): Wire {
  const frames: Frame[] = [];
  const waiting = new Set<() => void>();

  port.onMessage.addListener((message) => {
    // What our own server sent: it is compared, not trusted.
    frames.push(message as Frame);
    for (const look of waiting) look();
  });

  const until = (matches: (frame: Frame) => boolean) =>
    new Promise<Frame>((resolve) => {
      const look = () => {
        const found = frames.find(matches);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });

  return {
    frames,
    of: (id) => frames.filter((frame) => isOf(frame, id) && frame.type !== 'waiting' && frame.type !== 'running'),
    send: (message) => port.postMessage(message),
    request: (id, call, activated = true) => port.postMessage({ v: 1, type: 'request', id, call, activated }),
    until,
    settled: (id) => until((frame) => isOf(frame, id) && settles(frame)),
  };
}
