/** Whether a list of models names the chosen one. */

import type { ModelInfo } from '../protocol/generate';

/** What may follow the name that a list has: OpenRouter's `:online`, Ollama's `:latest` that is left out. */
const variant = /:[\w.-]+$/;
/** Claude's and OpenAI's names without a date mean the newest of them, and lists name that one. */
const dated = /^-(?:\d{8}|\d{4}-\d{2}-\d{2}|latest)$/;

/**
 * The chosen model, where the list names it neither as it is written nor in a form that its backend takes for it. Of a backend that tells
 * no list nothing is said.
 */
export function unlistedModel(model: string | undefined, models: readonly ModelInfo[]): string | undefined {
  if (model === undefined || models.length === 0) return undefined;
  const names = new Set([model, model.replace(variant, ''), `${model}:latest`]);
  const isListed = models.some(({ id }) => names.has(id) || (id.startsWith(model) && dated.test(id.slice(model.length))));
  return isListed ? undefined : model;
}
