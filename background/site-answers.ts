/** What a page may learn without an answer of a model: what it is allowed, what its model can do, how long a request is. Nobody is ever asked for it. */

import type { ModelInfo } from '../protocol/generate';
import { settingsOf } from '../protocol/model-settings';
import type { Measure, PageModel, SiteCapabilities } from '../protocol/page-messages';
import { type Scope, scopes } from '../protocol/scopes';
import type { RequestContent } from '../protocol/ui-messages';
import type { Connections } from './connections';
import type { ConnectionRecord } from './database';
import { isShut } from './gate';
import type { Grants, SiteState } from './grants';
import type { PageIdentity } from './identity';
import { inputTokensAbout } from './prices';
import type { Router } from './router';
import { anyModel, hasScope } from './scopes';

export interface SiteAnswers {
  capabilities(page: PageIdentity): Promise<SiteCapabilities>;
  /** Those that the site may name as its `model`; the backend may be asked for its list. */
  models(page: PageIdentity): Promise<readonly PageModel[]>;
  measure(content: RequestContent): Measure;
}

interface SiteAnswersDeps {
  readonly grants: Pick<Grants, 'stateOf'>;
  readonly connections: Pick<Connections, 'list' | 'isListed' | 'models' | 'knownModel'>;
  readonly router: Pick<Router, 'plan'>;
}

/** The model's name where the site may not know it. */
export const unknownModel = 'default';

/** Enough to fit into, and too little to recognise a model by (security.md 5.2). */
const contextSteps = [8_000, 32_000, 128_000, 1_000_000];

const rounded = (tokens: number | undefined): number | undefined =>
  tokens === undefined ? undefined : (contextSteps.findLast((step) => step <= tokens) ?? tokens);

export function createSiteAnswers({ grants, connections, router }: SiteAnswersDeps): SiteAnswers {
  /** What the site holds now; nothing where it is shut out. */
  const heldBy = (site: SiteState, insecure: boolean): readonly Scope[] =>
    isShut(site, insecure) || site.mute ? [] : scopes.filter((scope) => site.grants.some((grant) => hasScope(grant, scope)));

  const look = async (page: PageIdentity) => {
    const site = await grants.stateOf(page);
    const held = heldBy(site, page.insecure);
    const [first] = held.includes('generate') ? await router.plan(page, undefined) : [];
    const connection = first && (await connections.list()).find(({ id }) => id === first.connection);
    return connection ? { site, held, connection, model: first.model } : undefined;
  };

  const modelOf = (connection: ConnectionRecord, id: string | undefined, held: readonly Scope[]): PageModel =>
    told(id ?? unknownModel, id === undefined ? undefined : asSet(connection, id, connections.knownModel(connection, id)), held);

  /** A backend that does not tell its list has one model to offer: the one that answers. */
  const listOf = async ({ id }: ConnectionRecord): Promise<readonly ModelInfo[]> => connections.models(id).catch(() => []);

  return {
    async capabilities(page) {
      const found = await look(page);
      if (!found) return { state: 'ask' };
      const { held, connection, model } = found;
      return { state: 'allowed', scopes: held, model: modelOf(connection, model, held) };
    },

    async models(page) {
      const found = await look(page);
      if (!found) return [{ id: unknownModel }];
      const { site, held, connection, model } = found;
      const answering = modelOf(connection, model, held);
      if (!held.includes('models.choose') || !held.includes('models.read')) return [answering];
      const isAllowed = (id: string) => site.grants.some(({ models }) => models.includes(anyModel) || models.includes(id));
      const others = (await listOf(connection)).filter(({ id }) => id !== model && isAllowed(id));
      return [answering, ...others.map((info) => told(info.id, asSet(connection, info.id, info), held))];
    },

    measure: (content) => ({ tokens: inputTokensAbout(content), estimated: true }),
  };
}

/** With the context that the person gives this model under Advanced; a server that has loaded less of it knows better. */
function asSet(connection: ConnectionRecord, id: string, info: ModelInfo | undefined): ModelInfo | undefined {
  const { contextTokens } = settingsOf(connection, id);
  if (contextTokens === undefined) return info;
  return { ...(info ?? { id, name: id }), contextTokens: Math.min(contextTokens, info?.contextTokens ?? contextTokens) };
}

/** Of what is known as much as the site may know. */
function told(id: string, info: ModelInfo | undefined, held: readonly Scope[]): PageModel {
  const { contextTokens, maxOutputTokens, inputs, capabilities } = info ?? {};
  const isNamed = held.includes('models.read');
  const context = isNamed ? contextTokens : rounded(contextTokens);
  return {
    id: isNamed ? id : unknownModel,
    ...(context !== undefined && { contextTokens: context }),
    ...(isNamed && maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(inputs && { inputs }),
    ...(capabilities && { capabilities }),
  };
}
