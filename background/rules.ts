/** The rules of the sites: who answers them, whose words stay on this computer, who is asked about each call. They lie in the site's record. */

import { AiError } from '../protocol/errors';
import type { ConnectionId } from '../protocol/ids';
import type { SiteRule } from '../protocol/site-rules';
import type { Subject } from '../protocol/ui-messages';
import type { SiteRecords } from './site-records';

/** Who is named to answer; what is absent is as for every site. */
export interface Named {
  readonly connection?: ConnectionId | undefined;
  readonly model?: string | undefined;
}

export interface Rules {
  of(subject: Subject): Promise<SiteRule | undefined>;
  /** @throws AiError `invalid-request` where a model is mapped twice */
  set(subject: Subject, rule: SiteRule): Promise<void>;
  /** Only who answers; the rest of the site's rule stays. */
  answerWith(subject: Subject, answer: Named): Promise<void>;
}

export const noRule: SiteRule = { fallback: [], onlyThisComputer: false, asksEveryTime: false, mapped: [] };

export function createRules(records: SiteRecords): Rules {
  return {
    of: async (subject) => (await records.of(subject))?.rule,

    async set(subject, rule) {
      const asked = rule.mapped.map((entry) => entry.asked);
      if (new Set(asked).size < asked.length)
        throw new AiError('invalid-request', 'A model is mapped twice.', { field: 'mapped' });
      await records.change(subject, (record) => ({ ...record, rule: saysNothing(rule) ? undefined : rule }));
    },

    answerWith: (subject, { connection, model }) =>
      records.change(subject, (record) => ({ ...record, rule: { ...(record.rule ?? noRule), connection, model } })),
  };
}

/** Whom the rule names where a page asks for this model, or for none. */
export function namedBy(rule: SiteRule | undefined, asked: string | undefined): Named {
  return rule?.mapped.find((entry) => entry.asked === asked) ?? { connection: rule?.connection, model: rule?.model };
}

const saysNothing = ({ connection, model, fallback, onlyThisComputer, asksEveryTime, mapped, settings }: SiteRule): boolean =>
  connection === undefined &&
  model === undefined &&
  fallback.length === 0 &&
  mapped.length === 0 &&
  settings === undefined &&
  !onlyThisComputer &&
  !asksEveryTime;
