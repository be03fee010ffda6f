/** The conversation that outlives the panel, where the person wants that: it comes back when the panel opens, and is written down after each turn. */

import { type Dispatch, type StateUpdater, useEffect, useRef, useState } from 'preact/hooks';
import { type PersonError, toPersonError } from '../../protocol/errors';
import { useApp } from '../context';
import { keptOf, restored, type Turn } from './conversation';

export interface Kept {
  /** Not in private windows, and not before it is known what is there. */
  readonly canKeep: boolean;
  readonly isKept: boolean;
  /** Why what stands in the panel and what lies on the disk are not the same. */
  readonly failure: PersonError | undefined;
  keep(): void;
  /** It goes from the disk, and stays in the panel. */
  forget(): void;
}

/** @param mayKeep the vault can be read, and this is where what was kept comes back */
export function useKept(turns: readonly Turn[], setTurns: Dispatch<StateUpdater<readonly Turn[]>>, mayKeep: boolean): Kept {
  const { client, shell } = useApp();
  const [canKeep, setCanKeep] = useState(false);
  const [isKept, setKept] = useState(false);
  const [failure, setFailure] = useState<PersonError>();
  const isAsked = useRef(false);

  useEffect(() => {
    if (!mayKeep || isAsked.current) return;
    isAsked.current = true;
    const bringBack = async () => {
      if ((await shell.window()).isPrivate) return;
      const kept = await client.call('chat-kept', {});
      setCanKeep(true);
      if (!kept) return;
      setKept(true);
      setTurns((now) => (now.length === 0 ? kept.map(restored) : now));
    };
    bringBack().catch(() => {
      // The background died or was locked: the next overview asks again.
      isAsked.current = false;
    });
  }, [client, shell, setTurns, mayKeep]);

  const last = turns.at(-1);
  const isComing = last?.type === 'answer' && last.state.type === 'coming';
  useEffect(() => {
    if (!isKept || isComing || turns.length === 0) return;
    // Where it cannot be written now, that is said, and the next turn writes all of it.
    client.call('chat-keep', { turns: turns.flatMap(keptOf) }).then(
      () => setFailure(undefined),
      (error) => setFailure(toPersonError(error)),
    );
  }, [client, isKept, isComing, turns]);

  return {
    canKeep,
    isKept,
    failure,
    keep: () => setKept(true),
    forget() {
      setKept(false);
      client.call('chat-forget', {}).then(
        () => setFailure(undefined),
        (error) => {
          // It lies there still.
          setKept(true);
          setFailure(toPersonError(error));
        },
      );
    },
  };
}
