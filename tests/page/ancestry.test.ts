import { expect, test } from 'vitest';
import { hasOwnFramesOnly } from '../../page/relay';

/** Windows from the top to the innermost; what is another origin's throws when it is asked. */
function frames(...origins: string[]): Window {
  const own = origins.at(-1);
  let parent: object | undefined;
  for (const origin of origins) {
    const frame: { parent?: object; origin?: string } = {};
    Object.defineProperty(frame, 'origin', {
      get() {
        if (origin === own || origin === 'told') return origin;
        throw new DOMException('Blocked a frame', 'SecurityError');
      },
    });
    frame.parent = parent ?? frame;
    parent = frame;
  }
  return parent as Window;
}

test.each<[string, string[], boolean]>([
  ['a top document', ['a'], true],
  ['a frame of its own site', ['a', 'a'], true],
  ['a frame in a frame of its own site', ['a', 'a', 'a'], true],
  ['a frame of another site', ['b', 'a'], false],
  ['T5 a frame inside another site inside its own', ['a', 'b', 'a'], false],
  ['a frame whose parent tells another origin', ['told', 'a'], false],
])('%s', (_name, origins, expected) => {
  expect(hasOwnFramesOnly(frames(...origins))).toBe(expected);
});
