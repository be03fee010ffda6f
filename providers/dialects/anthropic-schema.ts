/** Owns the fitting of a JSON Schema to those that Claude enforces; what is taken out is said in words, where the model reads it. */

type Schema = Readonly<Record<string, unknown>>;

/** Refused with a 400 (Anthropic guide, Structured outputs, "JSON Schema limitations"). */
const refused = new Set(
  ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength', 'pattern'].concat(
    ['minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties', 'propertyNames', 'patternProperties'],
    ['default', 'examples'],
  ),
);
const formats = new Set(['date-time', 'date', 'time', 'duration', 'email', 'hostname', 'uri', 'uuid', 'ipv4', 'ipv6']);
const named = ['properties', '$defs', 'definitions'];
/** Mean more than can be enforced or said in a few words. */
const conditions = ['not', 'if', 'then', 'else', 'dependentSchemas', 'dependentRequired'];

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * False for what would lose its meaning: conditions, references that lead back to themselves, and objects whose names are free, since every
 * object must forbid names beside its own.
 */
export function canEnforce(schema: Schema): boolean {
  const targets = new Map<string, unknown>();
  for (const keyword of ['$defs', 'definitions'])
    for (const [name, value] of Object.entries(schema[keyword] ?? {})) targets.set(`#/${keyword}/${name}`, value);
  const fine = new Set<string>();

  function isFineTarget(reference: string, path: readonly string[]): boolean {
    if (fine.has(reference)) return true;
    if (path.includes(reference) || !targets.has(reference)) return false;
    const isFound = isFine(targets.get(reference), [...path, reference]);
    if (isFound) fine.add(reference);
    return isFound;
  }

  function isFine(value: unknown, path: readonly string[]): boolean {
    if (Array.isArray(value)) return value.every((item) => isFine(item, path));
    if (!isSchema(value)) return true;
    if (conditions.some((keyword) => keyword in value) || isMap(value)) return false;
    if (typeof value.$ref === 'string' && !isFineTarget(value.$ref, path)) return false;
    const parts = named.flatMap((keyword) => Object.values(value[keyword] ?? {}));
    return [value.items, value.anyOf, value.oneOf, value.allOf, ...parts].every((part) => isFine(part, path));
  }

  return isFine(schema, []);
}

const isMap = ({ type, properties }: Schema): boolean =>
  type === 'object' && !(isSchema(properties) && Object.keys(properties).length > 0);

/** The same schema as far as it can be enforced. */
export function toClaudeSchema(schema: Schema): Schema {
  const kept: Record<string, unknown> = {};
  const said: string[] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === '$schema' || keyword === 'additionalProperties') continue;
    if (isRefused(keyword, value)) said.push(`${keyword}: ${JSON.stringify(value)}`);
    else if (keyword === 'oneOf') kept.anyOf = clean(value);
    else if (named.includes(keyword) && isSchema(value)) kept[keyword] = mapValues(value, clean);
    else kept[keyword] = ['items', 'anyOf', 'allOf'].includes(keyword) ? clean(value) : value;
  }
  if (schema.type === 'object' || isSchema(schema.properties)) kept.additionalProperties = false;
  if (said.length > 0) kept.description = [schema.description, `{${said.join(', ')}}`].filter(Boolean).join('\n');
  return kept;
}

const isRefused = (keyword: string, value: unknown): boolean =>
  (refused.has(keyword) && !(keyword === 'minItems' && (value === 0 || value === 1))) ||
  (keyword === 'format' && !formats.has(String(value)));

const mapValues = (schemas: Schema, change: (value: unknown) => unknown): Schema =>
  Object.fromEntries(Object.entries(schemas).map(([name, value]) => [name, change(value)]));

function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  return isSchema(value) ? toClaudeSchema(value) : value;
}
