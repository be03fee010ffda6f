/** The person of a fake wallet: what the site is allowed, what they say when they are asked, and that they may change their mind. */

import { FakeFailure } from './fake-errors';
import type { GenerateRequest, Model, Permission, Scope, Wish } from './types';

/** `waits`: until the test calls `allow` or `refuse`. */
export type FakePersonAnswer = 'allows' | 'refuses' | 'waits';

const scopes: readonly Scope[] = ['generate', 'models.read', 'models.choose', 'tools', 'image.in', 'audio.in', 'embed'];
/** Every permission holds them. */
const always: readonly Scope[] = ['generate', 'models.read'];

interface Waiting {
  readonly needed: readonly Scope[];
  readonly settle: (isAllowed: boolean) => void;
}

export interface FakePerson {
  permission(): Permission;
  isGranted(): boolean;
  /** Resolves when the site may. @throws FakeFailure `not-allowed` */
  ask(needed: readonly Scope[], signal: AbortSignal | undefined): Promise<void>;
  onChange(listener: (permission: Permission) => void): void;
  says: FakePersonAnswer;
  allow(): void;
  refuse(): void;
  grant(wishes?: readonly Wish[]): void;
  revoke(): void;
}

export function createFakePerson(model: () => Model, says: FakePersonAnswer): FakePerson {
  let held: readonly Scope[] = [];
  const listeners = new Set<(permission: Permission) => void>();
  const waiting = new Set<Waiting>();

  const permission = (): Permission =>
    held.length > 0 ? { state: 'granted', scopes: held, model: model() } : { state: 'prompt' };

  const hold = (next: readonly Scope[]) => {
    if (next.join() === held.join()) return;
    held = next;
    for (const listener of listeners) listener(permission());
  };
  const add = (needed: readonly Scope[]) => hold(scopes.filter((scope) => [...held, ...always, ...needed].includes(scope)));

  const answer = (isAllowed: boolean) => {
    for (const { needed, settle } of [...waiting]) {
      if (isAllowed) add(needed);
      settle(isAllowed);
    }
  };

  const wait = (needed: readonly Scope[], signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      const done = () => {
        waiting.delete(one);
        signal?.removeEventListener('abort', onAbort);
      };
      const onAbort = () => {
        done();
        reject(signal?.reason);
      };
      const one: Waiting = {
        needed,
        settle(isAllowed) {
          done();
          if (isAllowed) resolve();
          else reject(new FakeFailure('not-allowed'));
        },
      };
      waiting.add(one);
      signal?.addEventListener('abort', onAbort);
    });

  const person: FakePerson = {
    says,
    permission,
    isGranted: () => held.length > 0,
    async ask(needed, signal) {
      if (needed.every((scope) => held.includes(scope))) return;
      // A person takes longer than a script: nobody is answered in the same task.
      const asked = wait(needed, signal);
      if (person.says !== 'waits') setTimeout(() => answer(person.says === 'allows'));
      await asked;
    },
    onChange: (listener) => void listeners.add(listener),
    allow: () => answer(true),
    refuse: () => answer(false),
    grant: (wishes = []) => add(wishes),
    revoke: () => hold([]),
  };
  return person;
}

/** What a request takes beside text. */
export function scopesOf({ messages, tools }: GenerateRequest): readonly Scope[] {
  const parts = messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content.map(({ type }) => type)));
  const has = (...types: string[]) => parts.some((type) => types.includes(type));
  return [
    'generate',
    ...(tools !== undefined || has('tool-call', 'tool-result') ? (['tools'] as const) : []),
    ...(has('image') ? (['image.in'] as const) : []),
    ...(has('audio') ? (['audio.in'] as const) : []),
  ];
}
