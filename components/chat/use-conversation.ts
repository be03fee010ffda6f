/** Holds the conversation of this panel, and asks one question at a time. */

import { useEffect, useRef, useState } from 'preact/hooks';
import type { ConnectionView } from '../../protocol/ui-messages';
import { useApp } from '../context';
import { type Answer, ended, isComing, joined, messagesOf, newAnswer, type Turn } from './conversation';
import { type Kept, useKept } from './use-kept';

export interface Conversation {
  readonly turns: readonly Turn[];
  readonly isAnswering: boolean;
  readonly kept: Kept;
  /** Puts the question after the first `from` turns, after all of them by default; what stood there goes. */
  ask(text: string, connection: ConnectionView, from?: number): void;
  /** Asks for the last answer anew. */
  retry(connection: ConnectionView): void;
  stop(): void;
  /** Begins another one; the one that was kept is forgotten. */
  clear(): void;
}

/** An answer is drawn so often while it comes, and less often the longer it gets: each time all of it is read anew. */
const pauseFor = ({ text }: Answer): number => 30 + text.length / 1000;

/** @param mayKeep the vault can be read, and this is where what was kept comes back */
export function useConversation(mayKeep: boolean): Conversation {
  const { client, shell } = useApp();
  const [turns, setTurns] = useState<readonly Turn[]>([]);
  const kept = useKept(turns, setTurns, mayKeep);
  const running = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const stop = () => running.current?.abort();

  const begin = async (history: readonly Turn[], connection: ConnectionView) => {
    stop();
    const abort = new AbortController();
    running.current = abort;
    let answer = newAnswer(connection);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = () => {
      clearTimeout(timer);
      timer = undefined;
      // Another one may have begun, and the conversation gone on without this one.
      if (running.current === abort) setTurns([...history, answer]);
    };
    show();
    try {
      const { isPrivate } = await shell.window();
      const { id, defaultModel: model } = connection;
      const input = { connection: id, ...(model !== undefined && { model }), messages: messagesOf(history), isPrivate };
      for await (const part of client.chat(input, abort.signal)) {
        answer = joined(answer, part);
        timer ??= setTimeout(show, pauseFor(answer));
      }
      answer = ended(answer);
    } catch (error) {
      answer = ended(answer, error);
    }
    show();
  };

  return {
    turns,
    isAnswering: isComing(turns.at(-1)),
    kept,
    ask: (text, connection, from = turns.length) => void begin([...turns.slice(0, from), { type: 'question', text }], connection),
    retry: (connection) => void begin(turns.slice(0, -1), connection),
    stop,
    clear() {
      stop();
      running.current = undefined;
      setTurns([]);
      if (kept.isKept) kept.forget();
    },
  };
}
