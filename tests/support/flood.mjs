/**
 * A WebSocket server that says one thing without end and hears nothing, not even that the client ends it. In a thread of its own, so that whoever
 * tests is not flooded too. `workerData`: the port, what a frame says, and whether it is binary. Posts when it is ready, and when a flood begins and is gone.
 */

import { createHash } from 'node:crypto';
import net from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const payload = Buffer.from(workerData.text);
// Short and unmasked: RFC 6455, section 5.2.
const frame = Buffer.concat([Buffer.from([workerData.isBinary ? 0x82 : 0x81, payload.length]), payload]);
const block = Buffer.concat(Array.from({ length: 2000 }, () => frame));

net
  .createServer((socket) => {
    let head = '';
    let isTaken = false;
    let sent = 0;
    const pour = () => {
      if (socket.destroyed) return;
      sent += block.length;
      socket.write(block, () => setImmediate(pour));
    };
    socket.on('data', (bytes) => {
      if (isTaken) return;
      head += bytes.toString('latin1');
      const key = /sec-websocket-key: *(\S+)/i.exec(head)?.[1];
      if (!head.includes('\r\n\r\n') || !key) return;
      isTaken = true;
      const accept = createHash('sha1').update(`${key}${guid}`).digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
      );
      // With what is asked, it begins.
      socket.once('data', () => {
        parentPort.postMessage({ type: 'begun' });
        pour();
      });
    });
    socket.on('error', () => undefined);
    socket.on('close', () => parentPort.postMessage({ type: 'gone', megabytes: sent / 1e6 }));
  })
  .listen(workerData.port, '127.0.0.1', () => parentPort.postMessage({ type: 'ready' }));
