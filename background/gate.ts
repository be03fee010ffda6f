/** Decides whether a call may go on, must ask the person, or is refused. Pure: everything it knows is passed in. */

import type { Place } from '../protocol/generate';
import { limits } from '../protocol/limits';
import type { Scope } from '../protocol/scopes';
import type { SiteView } from '../protocol/ui-messages';
import type { SiteState } from './grants';
import { covers, furthest, hasScope, isFurther, missing, type Use } from './scopes';

export type GateDecision =
  | { readonly type: 'allow' }
  /** `until`: as far as the site's words were let go until now, where this call would take them further. */
  | { readonly type: 'ask'; readonly until?: Place | undefined }
  | { readonly type: 'deny' };

export interface GateInput {
  readonly site: SiteState;
  /** Undefined where the operation is unknown. */
  readonly use: Use | undefined;
  /** Plain http from another machine. */
  readonly insecure: boolean;
}

/** Authority is shown by presence: what no line here allows is asked or refused. */
export function decide({ site, use, insecure }: GateInput): GateDecision {
  if (!use || isShut(site, insecure)) return { type: 'deny' };
  if (site.mute !== undefined) return { type: 'deny' };
  if (!site.asksEveryTime && site.grants.some((grant) => covers(grant, use))) return { type: 'allow' };
  // Who wants to be asked each time says no to a call, not to the site.
  if (!asksOnceMore(site) && !site.asksEveryTime) return { type: 'deny' };
  return { type: 'ask', until: goesFurther(site, use) };
}

const asksOnceMore = ({ refusals }: Pick<SiteState, 'refusals'>): boolean => (refusals?.count ?? 0) < limits.refusalsPerVisit;

/** What no decision about one call can open. */
export const isShut = (site: SiteState, insecure: boolean): boolean =>
  site.blockedAt !== undefined || (insecure && !site.useHere);

/** Whether the site holds this scope now, whoever answers: it may then also know the name of the model. */
export const isGranted = (site: SiteState, scope: Scope): boolean =>
  site.blockedAt === undefined && site.grants.some((grant) => hasScope(grant, scope));

function goesFurther({ grants }: SiteState, use: Use): Place | undefined {
  const sufficient = grants.filter((grant) => missing(grant, use).length === 0);
  if (sufficient.length === 0) return undefined;
  const until = furthest(sufficient.map(({ place }) => place));
  return use.choices.some(({ place }) => isFurther(place, until)) ? until : undefined;
}

/** How the site stands, in the order in which the gate looks. */
export function standing({ blockedAt, useHere, mute, grants, refusals }: SiteState, insecure: boolean): SiteView['state'] {
  if (blockedAt !== undefined) return { type: 'blocked', since: blockedAt };
  if (insecure && !useHere) return { type: 'insecure' };
  if (mute) return { type: 'muted', at: mute.since, ...(mute.until !== undefined && { until: mute.until }) };
  const always = grants.find(({ mode }) => mode === 'always');
  if (always) return { type: 'always', since: always.issuedAt, lastUsedAt: always.lastUsedAt };
  const [visit] = grants;
  if (visit) return { type: 'visit', since: visit.issuedAt };
  if (!refusals) return { type: 'none' };
  return { type: 'refused', at: refusals.at, ...(asksOnceMore({ refusals }) && { asksOnceMore: true }) };
}
