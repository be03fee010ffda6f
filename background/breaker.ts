/**
 * A backend that fails call after call is left alone for a while: pages are told at once, and a fallback answers at once. Then one call at a time tries
 * whether it is back. What the person does themselves, **Test** or the chat, goes through.
 */

import type { AiError, Fault } from '../protocol/errors';
import type { ConnectionId } from '../protocol/ids';
import { limits } from '../protocol/limits';

/** Faults of a backend that is not there, in whose stead another may answer. */
const down = new Set<Fault | undefined>(['network', 'site-access', 'timeout', 'overloaded', 'server']);
export const isDown = ({ fault }: Pick<AiError, 'fault'>): boolean => down.has(fault);

export interface Breaker {
  /** @throws AiError the last failure, where nothing is to be sent now */
  check(id: ConnectionId): void;
  /** How a call, or a test, of the connection went. */
  ended(id: ConnectionId, error: AiError | undefined): void;
}

/** @param monotonic milliseconds of a clock that nobody sets */
export function createBreaker(monotonic: () => number): Breaker {
  const failing = new Map<ConnectionId, { readonly failures: number; readonly last: AiError; pausedUntil: number }>();

  return {
    check(id) {
      const state = failing.get(id);
      if (!state || state.failures < limits.breakerFailures) return;
      if (monotonic() < state.pausedUntil) throw state.last;
      // This one tries; the others are told so until it knows.
      state.pausedUntil = monotonic() + limits.breakerPause;
    },
    ended(id, error) {
      // A call that was stopped says nothing about the backend.
      if (error?.code === 'aborted') return;
      if (!error || !isDown(error)) return void failing.delete(id);
      const failures = (failing.get(id)?.failures ?? 0) + 1;
      failing.set(id, { failures, last: error, pausedUntil: monotonic() + limits.breakerPause });
    },
  };
}
