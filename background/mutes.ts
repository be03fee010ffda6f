/** The rest that a person gets from a site that keeps asking: three refusals within half a minute mute it, each time for longer. */

import { limits } from '../protocol/limits';
import type { Area } from './browser-api';
import { createStored } from './stored';

/** `until` absent: until the person takes the mute back. */
export interface Mute {
  readonly since: number;
  readonly until?: number | undefined;
}

interface Muted {
  /** The refusals that still count. */
  readonly refusedAt: readonly number[];
  /** How often it was muted. */
  readonly count: number;
  readonly mute?: Mute | undefined;
}

export interface Mutes {
  of(key: string, time: number): Promise<Mute | undefined>;
  refused(key: string, time: number): Promise<void>;
  /** The person asked for it, or allowed the site: nothing is held against it any more. */
  lift(key: string): Promise<void>;
}

/** Survives the death of the background and the closing of tabs; the browser's end forgives. */
export function createMutes(session: Area): Mutes {
  const stored = createStored<Readonly<Record<string, Muted>>>(session, 'mutes', {});

  const muteFor = (count: number, since: number): Mute => {
    const time = limits.muteTimes[count];
    return time === undefined ? { since } : { since, until: since + time };
  };

  return {
    async of(key, time) {
      const mute = (await stored.get())[key]?.mute;
      // A clock that went back does not end it early: it only ever ends by passing its end.
      return mute && (mute.until === undefined || time < mute.until) ? mute : undefined;
    },

    refused: (key, time) =>
      stored.update((all) => {
        const old = all[key] ?? { refusedAt: [], count: 0 };
        const refusedAt = [...old.refusedAt.filter((at) => Math.abs(time - at) < limits.muteWindow), time];
        const isEnough = refusedAt.length >= limits.muteRefusals;
        const muted: Muted = isEnough
          ? { refusedAt: [], count: old.count + 1, mute: muteFor(old.count, time) }
          : { ...old, refusedAt };
        return { ...all, [key]: muted };
      }),

    lift: (key) => stored.update(({ [key]: _, ...others }) => others),
  };
}
