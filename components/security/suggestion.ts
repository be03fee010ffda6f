/** Makes up a passphrase that nobody can guess and that can be remembered. */

import { words } from './words';

const count = 6;
export const suggestionBits = Math.floor(count * Math.log2(words.length));

export function suggestPassphrase(random = (numbers: Uint16Array<ArrayBuffer>) => crypto.getRandomValues(numbers)): string {
  // 1,024 divides 65,536: every word is as likely as any other.
  return Array.from(random(new Uint16Array(count)), (number) => words[number % words.length]).join('-');
}
