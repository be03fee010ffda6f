/** The model that a new connection starts with. Apart from what knows the rows: the script that takes this along would read them all once more. */

import type { ModelInfo } from '../protocol/generate';
import type { CatalogRow } from '../providers/provider';

/** The model to start with: the row's suggestion, else one that is loaded, else the first. */
export function suggestModel(row: CatalogRow, models: readonly ModelInfo[]): string | undefined {
  const suggested = row.suggestedModels?.find((id) => models.some((model) => model.id === id));
  return suggested ?? models.find(({ loaded }) => loaded)?.id ?? models[0]?.id;
}
