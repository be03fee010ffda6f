/**
 * The vendors' hosts, played on this machine: a proxy to which the browser sends every https request, and which hands those to known hosts to
 * their stand-ins. Requests to any other host are refused and remembered, so that a test sees who was asked.
 */
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';

/** Self-signed, known to everyone, and good for nothing but this proxy: the browsers of these tests believe any certificate. */
const pem = (file: string) => readFileSync(new URL(`tls/${file}.pem`, import.meta.url));

export interface Vendors {
  readonly port: number;
  /** Hosts that were asked for and are nobody's stand-in. */
  readonly refused: readonly string[];
  /** `away`: whoever connects is cut off, and so are those that are connected. `asks`: it wants a name and a password first. */
  set(state: 'open' | 'away' | 'asks'): void;
  close(): Promise<void>;
}

/** @param hosts the port on 127.0.0.1 of each host's stand-in, which speaks plain HTTP; may be added to later */
export async function startVendors(hosts: ReadonlyMap<string, number>): Promise<Vendors> {
  const refused: string[] = [];
  let state: 'open' | 'away' | 'asks' = 'open';
  const open = new Set<net.Socket>();
  const secureContext = tls.createSecureContext({ key: pem('key'), cert: pem('cert') });

  const server = net.createServer((client) => {
    open.add(client);
    client.on('close', () => open.delete(client));
    client.on('error', () => client.destroy());
    if (state === 'away') return void client.destroy();
    client.once('data', (head) => {
      if (state === 'asks')
        return void client.end(
          'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n',
        );
      const host = /^CONNECT ([^: ]+):443 /.exec(head.toString('latin1'))?.[1];
      const port = host === undefined ? undefined : hosts.get(host);
      if (port === undefined) {
        refused.push(host ?? head.toString('latin1').split('\r', 1)[0] ?? '');
        client.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      const plain = new tls.TLSSocket(client, { isServer: true, secureContext, ALPNProtocols: ['http/1.1'] });
      const upstream = net.connect(port, '127.0.0.1');
      open.add(upstream);
      // Whoever leaves takes the other end along: the tests measure when a stand-in's socket closes.
      for (const [one, other] of [
        [plain, upstream],
        [upstream, plain],
      ] as const) {
        one.pipe(other);
        one.on('close', () => other.destroy());
        one.on('error', () => other.destroy());
      }
      upstream.on('close', () => open.delete(upstream));
      client.on('close', () => upstream.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    port: (server.address() as net.AddressInfo).port,
    refused,
    set(next) {
      state = next;
      if (state !== 'open') for (const socket of open) socket.destroy();
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
