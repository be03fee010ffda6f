/** What a decision on a card leaves of its site: the grant on the terms that were shown, a refusal, a block. */

import { scopes } from '../protocol/scopes';
import type { Decision } from '../protocol/ui-messages';
import type { ApprovalRecord } from './approval-cards';
import { decide } from './gate';
import type { Grants, Terms } from './grants';
import type { Rules } from './rules';
import { anyModel, type Choice, classicScopes, furthest, type Grant } from './scopes';

interface SiteDecisionDeps {
  readonly grants: Grants;
  readonly rules: Pick<Rules, 'answerWith'>;
}

export interface SiteDecision {
  /** @param choices who was shown to answer */
  apply(record: ApprovalRecord, decision: Exclude<Decision, 'add'>, choices: readonly Choice[]): Promise<void>;
  /** Whether what the site was just allowed answers another of its cards too: nothing is let through that it does not cover. */
  answersToo(record: ApprovalRecord, choices: readonly Choice[]): Promise<boolean>;
}

export function createSiteDecision({ grants, rules }: SiteDecisionDeps): SiteDecision {
  const terms = async (record: ApprovalRecord, choices: readonly Choice[]): Promise<Terms> => ({
    scopes: scopes.filter((scope) => record.scopes.includes(scope) || classicScopes.includes(scope)),
    place: furthest(choices.map(({ place }) => place)),
    ...(await pinOf(record, choices)),
  });

  /** Whom the person picked on this card, or on one before it in the same visit. */
  const pinOf = async (record: ApprovalRecord, [first]: readonly Choice[]): Promise<Pick<Grant, 'connection' | 'models'>> => {
    const { changed } = record;
    if (changed) return { connection: changed.connection, models: [changed.model ?? anyModel] };
    const { grants: held } = await grants.stateOf(record);
    const pinned = held.find(({ connection }) => connection === first?.connection);
    return pinned ? { connection: pinned.connection, models: pinned.models } : { connection: 'active', models: [anyModel] };
  };

  const allowAlways = async (record: ApprovalRecord, choices: readonly Choice[]) => {
    const agreed = await terms(record, choices);
    // In a private window Always is a visit, and nothing of it is written down.
    if (!record.changed || record.isPrivate) return grants.allowAlways(record, agreed);
    await rules.answerWith(record.subject, record.changed);
    await grants.follow(record);
    return grants.allowAlways(record, { ...agreed, connection: 'active', models: [anyModel] });
  };

  const decisions: Readonly<
    Record<Exclude<Decision, 'add'>, (record: ApprovalRecord, choices: readonly Choice[]) => Promise<void>>
  > = {
    deny: grants.refuse,
    never: grants.block,
    'allow-request': async (record, choices) => grants.allowSession(record, await terms(record, choices)),
    'allow-visit': async (record, choices) => grants.allowVisit(record, await terms(record, choices)),
    'allow-always': allowAlways,
  };

  return {
    apply: (record, decision, choices) => decisions[decision](record, choices),

    async answersToo(record, choices) {
      if (record.notice?.type === 'holds') return false;
      const use = { scopes: record.scopes, choices };
      return decide({ site: await grants.stateOf(record), use, insecure: record.insecure }).type === 'allow';
    },
  };
}
