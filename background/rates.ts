/**
 * How often and how many at once: a token bucket for each site, and places for what runs, of each site, on each connection and in all. Who is over waits
 * its turn; sites take turns, so that one that asks much does not hold up one that asks little.
 */

import { AiError } from '../protocol/errors';
import type { ConnectionId } from '../protocol/ids';
import { limits } from '../protocol/limits';
import type { Subject } from '../protocol/ui-messages';
import { subjectKey } from './identity';
import type { KeepAlive } from './keep-alive';

export interface Turn {
  readonly subject: Subject;
  readonly connectionId: ConnectionId;
  /** How many the backend runs at once for one account, where it says so. */
  readonly concurrent?: number | undefined;
  readonly signal: AbortSignal;
  /** Called where it does not begin at once. */
  readonly onQueue: () => void;
}

export interface Rates {
  /** Resolves, when it is this call's turn, to how it gives up its place. @throws AiError `rate-limited` where too many wait, `aborted` */
  enter(turn: Turn): Promise<() => void>;
}

interface RatesDeps {
  readonly keepAlive: KeepAlive;
  /** Milliseconds of a clock that nobody sets. */
  readonly monotonic: () => number;
}

interface Waiting {
  readonly site: string;
  /** Each with how many may run under it. */
  readonly places: readonly (readonly [key: string, most: number])[];
  readonly begin: () => void;
}

export function createRates({ keepAlive, monotonic }: RatesDeps): Rates {
  const waiting: Waiting[] = [];
  const running = new Map<string, number>();
  const buckets = createBuckets(monotonic);
  /** When each site had its last turn, as a count. */
  const lastTurn = new Map<string, number>();
  let turns = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const occupy = (places: Waiting['places'], change: 1 | -1) => {
    for (const [key] of places) {
      const count = (running.get(key) ?? 0) + change;
      if (count === 0) running.delete(key);
      else running.set(key, count);
    }
  };
  const hasPlace = ({ places }: Waiting) => places.every(([key, most]) => (running.get(key) ?? 0) < most);
  const turnOf = ({ site }: Waiting) => lastTurn.get(site) ?? 0;

  const begin = (call: Waiting) => {
    waiting.splice(waiting.indexOf(call), 1);
    turns += 1;
    lastTurn.set(call.site, turns);
    buckets.take(call.site);
    occupy(call.places, 1);
    call.begin();
  };

  /** Begins whatever may begin, the site first that had its turn longest ago. */
  const next = (): void => {
    clearTimeout(timer);
    while (true) {
      const ready = waiting.filter(hasPlace);
      const [first] = ready.filter(({ site }) => buckets.wait(site) === 0).sort((one, other) => turnOf(one) - turnOf(other));
      if (first) {
        begin(first);
        continue;
      }
      // The others are woken by whoever leaves.
      if (ready.length > 0) timer = setTimeout(next, Math.min(...ready.map(({ site }) => buckets.wait(site))));
      if (waiting.length === 0) lastTurn.clear();
      return;
    }
  };

  const refuseCrowds = (site: string) => {
    const ofSite = waiting.filter((other) => other.site === site).length;
    if (ofSite >= limits.queuePerSubject || waiting.length >= limits.queueTotal)
      throw new AiError('rate-limited', 'Too many calls wait already.');
  };

  return {
    async enter({ subject, connectionId, concurrent = limits.runsPerConnection, signal, onQueue }) {
      const site = subjectKey(subject);
      signal.throwIfAborted();
      refuseCrowds(site);
      const places = [
        [`site ${site}`, limits.runsPerSubject],
        [`connection ${connectionId}`, Math.min(concurrent, limits.runsPerConnection)],
        ['all', limits.runsTotal],
      ] as const;
      const letGo = keepAlive.hold();
      let hasBegun = false;
      try {
        await new Promise<void>((resolve, reject) => {
          const entry: Waiting = {
            site,
            places,
            begin() {
              hasBegun = true;
              signal.removeEventListener('abort', abort);
              resolve();
            },
          };
          const abort = () => {
            waiting.splice(waiting.indexOf(entry), 1);
            reject(signal.reason);
            next();
          };
          signal.addEventListener('abort', abort, { once: true });
          waiting.push(entry);
          next();
          if (!hasBegun) onQueue();
        });
      } finally {
        letGo();
      }
      let isThere = true;
      return () => {
        if (!isThere) return;
        isThere = false;
        occupy(places, -1);
        next();
      };
    },
  };
}

/** One bucket a site, full at first. A bucket that is full again is forgotten. */
function createBuckets(monotonic: () => number) {
  const buckets = new Map<string, { readonly level: number; readonly at: number }>();
  const levelOf = (site: string): number => {
    const bucket = buckets.get(site);
    if (!bucket) return limits.requestBurst;
    return Math.min(limits.requestBurst, bucket.level + (monotonic() - bucket.at) / limits.requestEvery);
  };
  return {
    /** Milliseconds until there is one to take. */
    wait: (site: string): number => {
      const level = levelOf(site);
      return level >= 1 ? 0 : Math.ceil((1 - level) * limits.requestEvery);
    },
    take(site: string): void {
      const level = levelOf(site);
      for (const other of buckets.keys()) if (levelOf(other) >= limits.requestBurst) buckets.delete(other);
      buckets.set(site, { level: level - 1, at: monotonic() });
    },
  };
}
