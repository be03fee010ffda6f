/** Follows a machine through a text, all its states at once, as the text comes. */

import { AiError } from '../protocol/errors';
import type { Machine } from './regexp';

export interface Match {
  /** Reads on. False once no text that goes on so can match. */
  push(text: string): boolean;
  /** Whether what was read matches as a whole. */
  end(): boolean;
}

/** Visits of states: less than a tenth of a second of work. */
const maxSteps = 1_000_000;

/** Counts what a check costs. @throws AiError `invalid-answer` where it takes too long */
export function createBudget(): (steps: number) => void {
  let left = maxSteps;
  return (steps) => {
    left -= steps;
    if (left < 0) throw new AiError('invalid-answer', 'The answer takes too long to check.');
  };
}

/**
 * @param isSearch whether what matches may stand anywhere in the text
 * @param spend is told each visit of a state; what it throws ends `push` and `end`
 */
export function createMatch(
  { states, start, multiline, unicode }: Machine,
  isSearch = false,
  spend: (steps: number) => void = createBudget(),
): Match {
  let current: readonly number[] = [start];
  let previous: string | undefined;
  /** Half of a character that came without its other half. */
  let half = '';
  let isFound = false;
  /** In which round each state was last seen. */
  const seen = new Uint32Array(states.length);
  let round = 0;

  const holds = (assertion: string, next: string | undefined): boolean => {
    switch (assertion) {
      case 'start':
        return previous === undefined || (multiline && isLineBreak(previous));
      case 'end':
        return next === undefined || (multiline && isLineBreak(next));
      default:
        return (isWord(previous) !== isWord(next)) === (assertion === 'boundary');
    }
  };

  /** The states that wait for a character, or have none to wait for, once it is known what comes next. */
  const settle = (next: string | undefined): { readonly waiting: readonly number[]; readonly isMatch: boolean } => {
    round += 1;
    const waiting: number[] = [];
    const open = [...current];
    let isMatch = false;
    let steps = 1;
    while (open.length > 0) {
      const index = open.pop() as number;
      if (seen[index] === round) continue;
      seen[index] = round;
      steps += 1;
      const state = states[index];
      if (state?.type === 'match') isMatch = true;
      else if (state?.type === 'char') waiting.push(index);
      else if (state?.type === 'fork') open.push(...state.next);
      else if (state && holds(state.assertion, next)) open.push(state.next);
    }
    spend(steps);
    return { waiting, isMatch };
  };

  const step = (char: string) => {
    const { waiting, isMatch } = settle(char);
    // What a search has found stays found.
    isFound ||= isSearch && isMatch;
    const next: number[] = isSearch ? [start] : [];
    for (const index of waiting) {
      const state = states[index];
      if (state?.type === 'char' && state.test(char)) next.push(state.next);
    }
    current = next;
    previous = char;
  };

  const charsOf = (text: string): readonly string[] => {
    if (!unicode) return text.split('');
    const all = half + text;
    half = /[\ud800-\udbff]$/.exec(all)?.[0] ?? '';
    return [...all.slice(0, all.length - half.length)];
  };

  const isAlive = () => current.length > 0;

  return {
    push(text) {
      for (const char of charsOf(text)) {
        if (!isAlive() || isFound) break;
        step(char);
      }
      return isAlive();
    },
    end() {
      if (half !== '') step(half);
      half = '';
      return isFound || settle(undefined).isMatch;
    },
  };
}

const isLineBreak = (char: string) => /^[\n\r\u2028\u2029]$/.test(char);
const isWord = (char: string | undefined) => char !== undefined && /^\w$/.test(char);
