/** Decides whether a call may go on, must ask the person, or is refused. Pure: everything it knows is passed in. */

import { limits } from '../protocol/limits';
import { isLive, isOpen, type SiteState } from './grants';

export type GateDecision = { readonly type: 'allow' } | { readonly type: 'ask' } | { readonly type: 'deny' };

export interface GateInput {
  readonly site: SiteState;
  /** Plain http from another machine. */
  readonly insecure: boolean;
  readonly now: number;
}

/** Authority is shown by presence: what no line here allows is asked or refused. */
export function decide({ site, insecure, now }: GateInput): GateDecision {
  if (site.blockedAt !== undefined) return { type: 'deny' };
  if (insecure && !site.useHere) return { type: 'deny' };
  if (isGranted(site, now)) return { type: 'allow' };
  if (site.refusals && site.refusals.count >= limits.refusalsPerVisit) return { type: 'deny' };
  return { type: 'ask' };
}

/** Whether the site holds a grant now: it may then also know the name of the model. */
export function isGranted(site: SiteState, now: number): boolean {
  if (site.blockedAt !== undefined) return false;
  return (site.visit !== undefined && isOpen(site.visit, now)) || (site.always !== undefined && isLive(site.always, now));
}
