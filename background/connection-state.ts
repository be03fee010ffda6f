/** What is concluded about a connection from what its backend said: whether it needs the person, and the model to start with. */

import type { ModelInfo } from '../protocol/generate';
import type { CatalogRow } from '../providers/provider';

/** Faults that stay until somebody does something about them. */
export const needsAttention = new Set<string | undefined>([
  'auth',
  'forbidden',
  'origin-refused',
  'host-refused',
  'payment',
  'model-not-found',
  'no-model',
  'network',
  'redirect',
  'content-type',
  'secret-missing',
  'engine',
]);

/** The model to start with: the row's suggestion, else one that is loaded, else the first. */
export function suggestModel(row: CatalogRow, models: readonly ModelInfo[]): string | undefined {
  const suggested = row.suggestedModels?.find((id) => models.some((model) => model.id === id));
  return suggested ?? models.find(({ loaded }) => loaded)?.id ?? models[0]?.id;
}
