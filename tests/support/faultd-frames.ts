/** Frames of a WebSocket as a server sees them (RFC 6455, section 5): short text frames, and the closing of either side. */
import { createHash } from 'node:crypto';

/** Section 1.3. */
const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const opcodes = { text: 1, close: 8 } as const;

/** The head that takes the handshake with this `sec-websocket-key`. */
export const upgradeHead = (key: string): string =>
  [
    'HTTP/1.1 101 Switching Protocols',
    'upgrade: websocket',
    'connection: Upgrade',
    `sec-websocket-accept: ${createHash('sha1').update(`${key}${guid}`).digest('base64')}`,
    '\r\n',
  ].join('\r\n');

export const textFrame = (data: string | Uint8Array): Buffer => frame(opcodes.text, Buffer.from(data as string));
/** Status 1000, a normal end. */
export const closeFrame = (): Buffer => frame(opcodes.close, Buffer.from([3, 232]));

function frame(opcode: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  if (head.length === 2) head[1] = payload.length;
  if (head.length === 4) {
    head[1] = 126;
    head.writeUInt16BE(payload.length, 2);
  }
  if (head.length === 10) {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(payload.length), 2);
  }
  return Buffer.concat([head, payload]);
}

interface FrameListener {
  onText(text: string): void;
  onClose(): void;
}

/** Reads what a client sends: masked, and never in fragments. */
export function createFrameReader({ onText, onClose }: FrameListener) {
  let buffer = Buffer.alloc(0);

  function take(): boolean {
    if (buffer.length < 2) return false;
    const [first = 0, second = 0] = buffer;
    const short = second & 0x7f;
    const lengthEnd = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (buffer.length < lengthEnd + 4) return false;
    const length = short === 126 ? buffer.readUInt16BE(2) : short === 127 ? Number(buffer.readBigUInt64BE(2)) : short;
    const end = lengthEnd + 4 + length;
    if (buffer.length < end) return false;
    const mask = buffer.subarray(lengthEnd, lengthEnd + 4);
    const payload = Buffer.from(buffer.subarray(lengthEnd + 4, end)).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    buffer = buffer.subarray(end);
    if ((first & 0x0f) === opcodes.text) onText(Buffer.from(payload).toString('utf8'));
    if ((first & 0x0f) === opcodes.close) onClose();
    return true;
  }

  return {
    feed(bytes: Uint8Array) {
      buffer = Buffer.concat([buffer, bytes]);
      while (take());
    },
  };
}
