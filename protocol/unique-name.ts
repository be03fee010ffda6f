/** Names that tell alike things apart. */

import { limits } from './limits';

/** The name itself where it is free, else with the first number from 2 on that is: "OpenAI", "OpenAI 2", "OpenAI 3". */
export function uniqueName(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  const stem = name.replace(/ \d+$/, '').slice(0, limits.nameChars - 6);
  for (let number = 2; ; number += 1) {
    const numbered = `${stem} ${number}`;
    if (!taken.includes(numbered)) return numbered;
  }
}
