/**
 * The data key while the vault is unlocked, in `storage.session` alone, and when it must go. Whatever is odd about what is stored there, or
 * about the clock, means locked (security.md T70).
 */

import { type Bytes, fromBase64, toBase64 } from '../protocol/base64';
import { limits } from '../protocol/limits';
import type { AutoLock } from '../protocol/vault-messages';
import type { Area } from './browser-api';
import { createStored } from './stored';

export interface Unlocked {
  /** Undefined while locked. Looking is no use: it puts nothing off. */
  get(): Promise<Bytes | undefined>;
  set(key: Bytes): Promise<void>;
  drop(): Promise<void>;
  /** The person, or a request that they allowed, used the vault. */
  used(): Promise<void>;
  /** The time to lock was changed. */
  retime(): Promise<void>;
}

interface UnlockedDeps {
  readonly session: Area;
  readonly now: () => number;
  readonly autoLock: () => Promise<AutoLock>;
  /** Wakes the background at this time, or no longer. */
  readonly setAlarm: (at: number | undefined) => Promise<void>;
}

interface Stay {
  readonly key: string;
  readonly usedAt: number;
  readonly lockAt: number | 'session';
}

const minute = 60_000;
const idleTimes = { '5m': 5 * minute, '15m': 15 * minute, '60m': 60 * minute, '4h': 240 * minute } as const;
/** An alarm that rings a little early would find nothing to do. */
const alarmMargin = 1000;
const longest = idleTimes['4h'];
/** 32 bytes in base64. */
const dataKey = /^[\w+/]{43}=$/;

function isStay(value: unknown): value is Stay {
  if (typeof value !== 'object' || value === null) return false;
  const { key, usedAt, lockAt } = value as Record<string, unknown>;
  return (
    typeof key === 'string' && dataKey.test(key) && Number.isFinite(usedAt) && (lockAt === 'session' || Number.isFinite(lockAt))
  );
}

function isCurrent({ usedAt, lockAt }: Stay, now: number): boolean {
  if (now < usedAt - limits.clockTolerance) return false;
  return lockAt === 'session' || (now < lockAt && lockAt - usedAt <= longest);
}

export function createUnlocked({ session, now, autoLock, setAlarm }: UnlockedDeps): Unlocked {
  const stored = createStored<unknown>(session, 'unlocked', undefined);

  const drop = async () => {
    await stored.update(() => undefined);
    await setAlarm(undefined);
  };

  const current = async (): Promise<Stay | undefined> => {
    const value = await stored.get();
    if (value === undefined) return undefined;
    if (isStay(value) && isCurrent(value, now())) return value;
    await drop();
    return undefined;
  };

  const keep = async (key: string) => {
    const after = await autoLock();
    const usedAt = now();
    const lockAt = after === 'session' ? after : usedAt + idleTimes[after];
    await stored.update(() => ({ key, usedAt, lockAt }) satisfies Stay);
    await setAlarm(lockAt === 'session' ? undefined : lockAt + alarmMargin);
  };

  return {
    async get() {
      const stay = await current();
      return stay && fromBase64(stay.key);
    },
    set: (key) => keep(toBase64(key)),
    drop,
    async used() {
      const stay = await current();
      if (stay && Math.abs(now() - stay.usedAt) >= limits.activityStep) await keep(stay.key);
    },
    async retime() {
      const stay = await current();
      if (stay) await keep(stay.key);
    },
  };
}
