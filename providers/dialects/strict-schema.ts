/** Owns the question whether a JSON Schema is one that OpenAI enforces (`strict: true`); any other is a 400 there. */

type Schema = Readonly<Record<string, unknown>>;

const refused = [
  'allOf',
  'not',
  'if',
  'then',
  'else',
  'oneOf',
  'patternProperties',
  'propertyNames',
  'dependentSchemas',
  'dependentRequired',
];

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * True where every object forbids further properties and requires all of its own, and no refused keyword occurs
 * (OpenAI guide, Structured Outputs, "Supported schemas"). The root must be an object.
 */
export const isStrictSchema = (schema: Schema): boolean => schema.type === 'object' && isEnforceable(schema);

function isEnforceable(schema: unknown): boolean {
  if (!isSchema(schema)) return false;
  if (refused.some((keyword) => keyword in schema)) return false;
  if (typeof schema.pattern === 'string' && /\(\?<?[=!]/.test(schema.pattern)) return false;
  if (schema.type === 'object' && !isClosedObject(schema)) return false;
  return childrenOf(schema).every(isEnforceable);
}

function isClosedObject({ additionalProperties, properties, required }: Schema): boolean {
  if (additionalProperties !== false || !isSchema(properties)) return false;
  return Array.isArray(required) && Object.keys(properties).every((name) => required.includes(name));
}

function childrenOf({ properties, items, anyOf, $defs, definitions }: Schema): unknown[] {
  const named = [properties, $defs, definitions].filter(isSchema).flatMap((schemas) => Object.values(schemas));
  return [...named, ...(items === undefined ? [] : [items]), ...(Array.isArray(anyOf) ? anyOf : [])];
}
