/** The conversation that outlives the panel, where the person wants that: it comes back when the panel opens, and is written down after each turn. */

import { type Dispatch, type StateUpdater, useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type PersonError, toPersonError } from '../../protocol/errors';
import { useApp } from '../context';
import { keptOf, restored, type Turn } from './conversation';

export interface Kept {
  /** Not in private windows, and not before it is known what is there. */
  readonly canKeep: boolean;
  readonly isKept: boolean;
  /** Why what stands in the panel and what lies on the disk are not the same. */
  readonly failure: PersonError | undefined;
  /** Another window has kept its own conversation, or forgotten this one, since. */
  readonly isElsewhere: boolean;
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
  const [isElsewhere, setElsewhere] = useState(false);
  const isAsked = useRef(false);
  /** Of what lies on the disk as this panel found or left it; undefined until then: its conversation takes the place of any. */
  const stamp = useRef<string | undefined>(undefined);
  const last = useRef<Promise<void>>(Promise.resolve());
  const write = useCallback((work: () => Promise<void>, onError: () => void = () => undefined) => {
    last.current = last.current.then(work).then(
      () => setFailure(undefined),
      (error) => {
        setFailure(toPersonError(error));
        onError();
      },
    );
  }, []);

  useEffect(() => {
    if (!mayKeep || isAsked.current) return;
    isAsked.current = true;
    const bringBack = async () => {
      if ((await shell.window()).isPrivate) return;
      const kept = await client.call('chat-kept', {});
      setCanKeep(true);
      if (!kept) return;
      stamp.current = kept.stamp;
      setKept(true);
      setTurns((now) => (now.length === 0 ? kept.turns.map(restored) : now));
    };
    bringBack().catch(() => {
      // The background died or was locked: the next overview asks again.
      isAsked.current = false;
    });
  }, [client, shell, setTurns, mayKeep]);

  const newest = turns.at(-1);
  const isComing = newest?.type === 'answer' && newest.state.type === 'coming';
  useEffect(() => {
    if (turns.length === 0) setElsewhere(false);
    if (!isKept || isComing || turns.length === 0) return;
    // Where it cannot be written now, that is said, and the next turn writes all of it.
    write(async () => {
      const written = await client.call('chat-keep', { turns: turns.flatMap(keptOf), over: stamp.current });
      if (written !== undefined) stamp.current = written;
      setKept(written !== undefined);
      setElsewhere(written === undefined);
    });
  }, [client, isKept, isComing, turns, write]);

  return {
    canKeep,
    isKept,
    failure,
    isElsewhere,
    keep() {
      stamp.current = undefined;
      setElsewhere(false);
      setKept(true);
    },
    forget() {
      setKept(false);
      // Where that fails, it lies there still.
      write(
        () => client.call('chat-forget', { over: stamp.current }),
        () => setKept(true),
      );
    },
  };
}
