/** Signing in at a provider in place of pasting a key: what the person chooses for the key that is made then. */

import type { Period } from './budgets';
import type { MicroUsd } from './ids';

/** Days after which the key stops working. */
export const signInDays = [30, 90, 365] as const;
export type SignInDays = (typeof signInDays)[number];

export interface SignInTerms {
  /** What the key may spend in a period. */
  readonly limit: MicroUsd;
  readonly period: Period;
  readonly days: SignInDays;
}
