/** What a grant is and what it covers. Pure: authority is shown by presence, an empty list holds nothing, and an unknown operation is covered by nothing. */

import type { GenerateRequest, Part, Place } from '../protocol/generate';
import type { ConnectionId } from '../protocol/ids';
import type { PageCall } from '../protocol/page-messages';
import { type Scope, scopes } from '../protocol/scopes';
import type { Subject } from '../protocol/ui-messages';

/** What the person gives with a classic `window.ai` card: text in and out, and the name of the model that answered. */
export const classicScopes: readonly Scope[] = ['generate', 'models.read'];

/** In a grant's list of models: whichever the person chooses. */
export const anyModel = '*';

export interface Grant {
  readonly subject: Subject;
  readonly scopes: readonly Scope[];
  readonly models: readonly string[];
  /** `active`: whichever connection the person's choice and rules name. */
  readonly connection: 'active' | ConnectionId;
  /** `request`: one call, and never stored; or, where a `LanguageModel` made it, the calls of that one session. */
  readonly mode: 'request' | 'visit' | 'always';
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly lastUsedAt: number;
  /** As far as the person let the site's words travel. */
  readonly place: Place;
}

/** Who would answer. `model` is absent where the backend has not been asked for one yet. */
export interface Choice {
  readonly connection: ConnectionId;
  readonly model?: string | undefined;
  readonly place: Place;
}

/** What one call takes: its scopes, and everyone who may come to answer it. */
export interface Use {
  readonly scopes: readonly Scope[];
  readonly choices: readonly Choice[];
}

const distances: Readonly<Record<Place, number>> = { 'this-computer': 0, network: 1, cloud: 2, volunteers: 3 };

export const isFurther = (place: Place, than: Place): boolean => distances[place] > distances[than];

/** The furthest of several places; this computer where there is none. */
export const furthest = (places: readonly Place[]): Place =>
  places.reduce<Place>((found, place) => (isFurther(place, found) ? place : found), 'this-computer');

const partScopes: Readonly<Partial<Record<Part['type'], Scope>>> = {
  image: 'image.in',
  audio: 'audio.in',
  'tool-call': 'tools',
  'tool-result': 'tools',
};

function scopesOfRequest({ messages, tools }: GenerateRequest): readonly Scope[] {
  const parts = messages.flatMap(({ content }) => content.flatMap(({ type }) => partScopes[type] ?? []));
  const found = new Set<Scope>(['generate', ...(tools === undefined ? [] : (['tools'] as const)), ...parts]);
  return scopes.filter((scope) => found.has(scope));
}

/** One row an operation of a page: an operation that stands here nowhere needs what nobody can have. */
const needs: { readonly [Call in PageCall as Call['type']]: (call: Call) => readonly Scope[] } = {
  generate: ({ request }) => scopesOfRequest(request),
  connect: (call) => scopes.filter((scope) => scope === 'generate' || call.scopes.some((wish) => wish === scope)),
  capabilities: () => ['generate'],
  models: () => ['models.read'],
  measure: () => ['generate'],
  embed: () => ['embed'],
  // It stands for another call, which is looked at when it is known; by itself it may nothing.
  openai: () => [],
  'current-model': () => ['models.read'],
  'language-model': () => ['generate'],
};

/** The scopes that a call takes, or undefined where it is none of the table's. */
export function scopesOf(call: PageCall): readonly Scope[] | undefined {
  if (!Object.hasOwn(needs, call.type)) return undefined;
  // The table pairs each operation with its row; TypeScript cannot follow the lookup.
  return (needs[call.type] as (call: PageCall) => readonly Scope[])(call);
}

export const hasScope = (grant: Grant, scope: Scope): boolean => grant.scopes.includes(scope);

const coversChoice = (grant: Grant, { connection, model, place }: Choice): boolean =>
  (grant.connection === 'active' || grant.connection === connection) &&
  (grant.models.includes(anyModel) || (model !== undefined && grant.models.includes(model))) &&
  !isFurther(place, grant.place);

/** Whether the grant holds all of it. A use that needs no scope is none that the table knows, and nothing covers it. */
export function covers(grant: Grant, use: Use): boolean {
  return (
    use.scopes.length > 0 &&
    use.scopes.every((scope) => hasScope(grant, scope)) &&
    use.choices.every((choice) => coversChoice(grant, choice))
  );
}

const union = <Item>(old: readonly Item[], added: readonly Item[]): readonly Item[] => [...new Set([...old, ...added])];

/** What both together hold. The later one says how long and since when; what one connection may is not what another may. */
export function merge(old: Grant | undefined, added: Grant): Grant {
  if (!old || old.connection !== added.connection) return added;
  const models = union(old.models, added.models);
  return {
    ...added,
    scopes: scopes.filter((scope) => hasScope(old, scope) || hasScope(added, scope)),
    models: models.includes(anyModel) ? [anyModel] : models,
    place: furthest([old.place, added.place]),
  };
}

/** What a use needs beyond a grant: what the person is asked for anew. */
export const missing = (grant: Grant | undefined, use: Use): readonly Scope[] =>
  use.scopes.filter((scope) => !grant || !hasScope(grant, scope));
