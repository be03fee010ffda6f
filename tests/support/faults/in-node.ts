/** The whole background in node, its requests over real sockets and minutes passing in a second: where every fault meets every format. */
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { AiErrorCode } from '../../../protocol/errors';
import { limits } from '../../../protocol/limits';
import { type Clock, createClock } from '../../../providers/clock';
import { createProvider } from '../../../providers/create-provider';
import { type Background, createBackground, type Screen } from '../../background/support/background';
import { createStore } from '../../background/support/device';
import { onDemandWith } from '../../background/support/on-demand';
import { senderOf } from '../../background/support/pages';
import type { Wire } from '../../protocol/support/wire';
import type { FaultDialect, StandIn } from './dialects';
import type { Asker, Outcome, RunningCall } from './judge';
import type { Bed } from './run';

/** In a hurry a minute without a word is a second and a half, more than a busy machine keeps quiet by itself; pauses before another try are always short. */
const hurried = (milliseconds: number): number => Math.max(1500, milliseconds / speed);
const speed = 300;
const shortened = (milliseconds: number): number => (milliseconds < 10_000 ? milliseconds / 10 : milliseconds);

/** Time as the providers see it, which a test may hurry. */
function createTestClock() {
  const clock = createClock(Date.now);
  let isHurried = false;
  const hurriedClock: Clock = {
    now: () => Date.now() * (isHurried ? speed : 1),
    random: () => Math.random() / 2,
    after(milliseconds, callback) {
      // The end of all patience stays far away, so that it does not do the work of the limits before it.
      const isLong = isHurried && milliseconds >= 10_000 && milliseconds < limits.requestTimeout;
      return clock.after(isLong ? hurried(milliseconds) : shortened(milliseconds), callback);
    },
  };
  return {
    clock: hurriedClock,
    hurry(is: boolean) {
      isHurried = is;
    },
  };
}

/** A background that is connected to the backend of a dialect. */
export async function openInNode(dialect: FaultDialect, server: StandIn): Promise<Bed> {
  const time = createTestClock();
  const background = createBackground({
    fetch: (input, init) => fetch(reroute(String(input), dialect, server), init as RequestInit),
    openSocket(url) {
      const socket = new WebSocket(url.replace(':5005', `:${server.fault.port}`));
      // Without a listener this one throws where a browser's only closes.
      socket.on('error', () => undefined);
      return socket as unknown as globalThis.WebSocket;
    },
    onDemand: {
      ...onDemandWith(createStore()),
      backends: async () => ({
        ...(await onDemandWith(createStore()).backends()),
        createProvider: (row, context) => createProvider(row, context, time.clock),
      }),
    },
  });
  const { type, ...rest } = await background.screen().call('connection-add', {
    providerId: dialect.providerId,
    baseUrl: server.address,
    key: dialect.key,
    defaultModel: dialect.model,
  });
  if (type !== 'connected') throw new Error(`${dialect.name} cannot be connected: ${JSON.stringify(rest)}`);
  const screen = background.screen();
  return { asker: (site) => openSite(background, screen, site), hurry: time.hurry };
}

/** To the stand-in in place of the vendor. */
function reroute(url: string, { hosts = [] }: FaultDialect, server: StandIn): string {
  const { host, pathname, search } = new URL(url);
  return hosts.includes(host) ? `${server.fault.url}${pathname}${search}` : url;
}

let calls = 0;

async function openSite(background: Background, screen: Screen, site: string): Promise<Asker> {
  const origin = `https://${site}.test`;
  const page = background.page(senderOf({ origin, documentId: `document of ${site}` }));
  let isAllowed = false;

  const account = async () => (await background.database.accounts.get(origin))?.days ?? {};

  return {
    async ask() {
      calls += 1;
      const id = `call-${calls}`;
      page.request(id, { type: 'generate', request: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] } });
      if (!isAllowed) await allow(screen);
      isAllowed = true;
      return callOf(page, id);
    },
    errorOf: (code: AiErrorCode) => new RegExp(`^${code}$`),
    booked: async () => Object.values(await account()).reduce((sum, { microUsd, metered }) => sum + microUsd + metered, 0),
    logged: () => background.database.activity.filter(({ siteKey }) => siteKey === origin).count(),
  };
}

async function allow(screen: Screen): Promise<void> {
  for (;;) {
    const [card] = (await screen.call('overview', {})).approvals;
    if (card) return void (await screen.call('approval-decide', { id: card.id, digest: card.digest, decision: 'allow-always' }));
    await delay(2);
  }
}

function callOf(page: Wire, id: string): RunningCall {
  const text = () =>
    page.frames
      .flatMap((frame) => (frame.type === 'parts' && frame.id === id ? frame.parts : []))
      .map((part) => (part.type === 'text-delta' ? part.text : ''))
      .join('');
  return {
    text: async () => text(),
    abort: async () => page.send({ v: 1, type: 'abort', id }),
    async settled(timeoutMs) {
      const giveUp = new AbortController();
      const end = await Promise.race([page.settled(id), delay(timeoutMs, undefined, { signal: giveUp.signal })]);
      giveUp.abort();
      if (end === undefined) return undefined;
      const outcome: Outcome = {
        error: end.type === 'error' ? end.error.code : undefined,
        text: text(),
        seen: JSON.stringify(page.of(id)),
      };
      return outcome;
    },
  };
}
