/** Picks who answers: the connection and the model that the person chose, for this site or for all, whatever model a page names. */

import { AiError, backendError, toAiError } from '../protocol/errors';
import type { ConnectionId } from '../protocol/ids';
import { type ModelSettings, mergeSettings, settingsOf } from '../protocol/model-settings';
import type { Subject } from '../protocol/ui-messages';
import { placeOf } from '../providers/place';
import { isDown } from './breaker';
import { connectionGone } from './connection-list';
import { rowOfConnection } from './connection-state';
import type { Connections } from './connections';
import type { ConnectionRecord } from './database';
import type { Grants } from './grants';
import type { Site } from './identity';
import { type Named, namedBy, type Rules } from './rules';
import { anyModel, type Choice, type Grant, hasScope } from './scopes';

export interface Route {
  readonly connection: ConnectionRecord;
  readonly model: string;
  /** What the person set for this site, this model and this connection. */
  readonly settings: ModelSettings;
}

export interface Router {
  /** Who answers this site, and who in their stead, in this order. Empty where nobody may. */
  plan(site: Site, asked: string | undefined): Promise<readonly Choice[]>;
  /** @throws AiError `invalid-request` where the connection is gone */
  choose(named: Named & { readonly connection: ConnectionId }): Promise<Choice>;
  /** @throws AiError `not-allowed` where the connection is gone, fault `no-model` where it has none, or why it cannot be asked */
  open(choice: Choice, subject: Subject): Promise<Route>;
}

interface RouterDeps {
  readonly connections: Connections;
  readonly grants: Grants;
  readonly rules: Rules;
}

export function createRouter({ connections, grants, rules }: RouterDeps): Router {
  /** The wish of a page that may choose, where the connection lists it. */
  const wish = async (connection: ConnectionRecord, asked: string | undefined) => {
    if (asked === undefined) return undefined;
    if (!connections.isListed(connection.id)) {
      // A backend that cannot be asked for its list answers with the model that is set.
      await connections.models(connection.id).catch(() => undefined);
    }
    return connections.knownModel(connection, asked)?.id;
  };

  return {
    async plan(site, asked) {
      const [rule, { grants: held }, list, active] = await Promise.all([
        rules.of(site.subject),
        grants.stateOf(site),
        connections.list(),
        connections.active(),
      ]);
      const find = (id: ConnectionId | undefined) => list.find((connection) => connection.id === id);
      // What the person picked on the card for this visit is their last word.
      const named = held.map(pinnedBy).find((pin) => find(pin.connection)) ?? namedBy(rule, asked);
      const namedOne = find(named.connection);
      const first = namedOne ?? active;
      if (!first) return [];
      // The model of a connection that is gone says nothing about another one.
      const model = namedOne || named.connection === undefined ? named.model : undefined;
      const mayChoose = held.some((grant) => hasScope(grant, 'models.choose'));
      const chosen = mayChoose ? await wish(first, asked) : undefined;
      const others = (rule?.fallback ?? []).flatMap((id) => find(id) ?? []).filter(({ id }) => id !== first.id);
      const choices = [choiceOf(first, chosen ?? model), ...others.map((other) => choiceOf(other, undefined))];
      return choices.filter(({ place }) => !rule?.onlyThisComputer || place === 'this-computer');
    },

    async choose({ connection, model }) {
      const found = (await connections.list()).find(({ id }) => id === connection);
      if (!found) throw connectionGone();
      return choiceOf(found, model);
    },

    async open({ connection: id, model }, subject) {
      const routeTo = async (connection: ConnectionRecord, to: string): Promise<Route> => {
        const forSite = (await rules.of(subject))?.settings;
        return { connection, model: to, settings: mergeSettings(settingsOf(connection, to), forSite) };
      };
      await connections.ready();
      const find = async () => (await connections.list()).find((connection) => connection.id === id);
      const connection = await find();
      if (!connection) throw new AiError('not-allowed', 'The connection is gone.');
      if (model !== undefined) return routeTo(connection, model);
      // A server that was off when it was connected: it may have a model now.
      const test = await connections.test(id);
      if (test.type === 'failed') throw new AiError(test.error.code, 'It lists no models.', test.error);
      const tested = await find();
      if (tested?.defaultModel === undefined) throw backendError('no-model', 'The backend names no model.');
      return routeTo(tested, tested.defaultModel);
    },
  };
}

const choiceOf = (connection: ConnectionRecord, model: string | undefined): Choice => ({
  connection: connection.id,
  model: model ?? connection.defaultModel,
  place: placeOf(rowOfConnection(connection), connection),
});

function pinnedBy({ connection, models }: Grant): Named {
  if (connection === 'active') return {};
  const [model] = models;
  return { connection, model: model === anyModel ? undefined : model };
}

/** In whose stead another may answer: a backend that is not there, or takes no more requests for now. */
const isReplaceable = (error: AiError) => isDown(error) || error.fault === 'rate-limit';

/**
 * Lets the first of them answer that can. Another one is tried only before anything was delivered.
 * @param attempt says by `delivered` that something reached the page
 */
export async function firstToAnswer(
  choices: readonly Choice[],
  attempt: (choice: Choice, delivered: () => void) => Promise<void>,
): Promise<void> {
  let isDelivered = false;
  const delivered = () => {
    isDelivered = true;
  };
  for (const [index, choice] of choices.entries()) {
    try {
      return await attempt(choice, delivered);
    } catch (error) {
      const isLast = index === choices.length - 1;
      if (isLast || isDelivered || !isReplaceable(toAiError(error))) throw error;
    }
  }
}
