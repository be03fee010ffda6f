/** Owns the arguments of a tool call for APIs that take them as an object: a model may have written anything. */

type Json = Readonly<Record<string, unknown>>;

/** The object that `json` is; anything else is told back to the model as it wrote it. */
export function toArguments(json: string): Json {
  if (json.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  } catch {
    // Broken JSON is what a model was cut short in, or got wrong; it goes back as text.
  }
  return { arguments: json };
}
