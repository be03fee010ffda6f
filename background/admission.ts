/** Turns a flood of calls of one site away before anything is looked up for them: a page may ask ten thousand times in one task. */

import { AiError } from '../protocol/errors';
import { limits } from '../protocol/limits';
import { type PageIdentity, subjectKey } from './identity';

export interface Admission {
  /** Returns how to leave again. @throws AiError `rate-limited` */
  enter(page: Pick<PageIdentity, 'subject'>): () => void;
}

export function createAdmission(): Admission {
  const inside = new Map<string, number>();
  return {
    enter({ subject }) {
      const key = subjectKey(subject);
      const count = inside.get(key) ?? 0;
      if (count >= limits.admissionPerSubject) throw new AiError('rate-limited', 'Too many calls at once.');
      inside.set(key, count + 1);
      return () => {
        const left = (inside.get(key) as number) - 1;
        if (left > 0) inside.set(key, left);
        else inside.delete(key);
      };
    },
  };
}
