/** What AI Horde accepts as an order, and in which words it refuses one (backends/local.md §4.1, §4.5). */

export interface HordeOrder {
  prompt: string;
  params: Record<string, number> & { stop_sequence?: string[] };
  models: string[];
  workers?: string[];
  worker_blacklist?: boolean;
  trusted_workers?: boolean;
  slow_workers?: boolean;
  allow_downgrade?: boolean;
}

export interface HordeRefusal {
  status: number;
  body: Record<string, unknown>;
}

const ranges: Record<string, readonly [number, number]> = {
  n: [1, 20],
  max_length: [16, 4096],
  max_context_length: [80, 1_048_576],
  temperature: [0, 5],
  top_p: [0.001, 1],
  top_k: [0, 200],
  top_a: [0, 1],
  min_p: [0, 1],
  typical: [0, 1],
  tfs: [0, 1],
  rep_pen: [1, 3],
  rep_pen_range: [0, 4096],
  rep_pen_slope: [0, 10],
  smoothing_factor: [0, 10],
  dynatemp_range: [0, 5],
  dynatemp_exponent: [0, 5],
};

/** Above it kudos are wanted in advance. */
export const upfrontLength = 512;

export const refuse = (status: number, rc: string, message: string): HordeRefusal => ({ status, body: { message, rc } });

const invalid = (field: string, complaint: string): HordeRefusal => ({
  status: 400,
  body: { errors: { [field]: complaint }, message: 'Input payload validation failed' },
});

/** Undefined where the order is taken; one that wants kudos its user does not have is cut where it may be. */
export function refuseOrder(order: HordeOrder, hasKudos: boolean): HordeRefusal | undefined {
  const { prompt, params = {}, workers = [] } = order;
  if (typeof prompt !== 'string' || prompt === '') return refuse(400, 'MissingPrompt', 'You cannot specify an empty prompt.');
  for (const [name, [least, most]] of Object.entries(ranges)) {
    const value = params[name];
    if (value === undefined) continue;
    if (typeof value !== 'number') return invalid(`params.${name}`, `'${value}' is not of type 'number'`);
    if (value < least) return invalid(`params.${name}`, `${value} is less than the minimum of ${least}`);
    if (value > most) return invalid(`params.${name}`, `${value} is greater than the maximum of ${most}`);
  }
  const stops = params.stop_sequence ?? [];
  if (stops.length > 128 || new Set(stops).size < stops.length || stops.join('').length > 2000)
    return invalid('params.stop_sequence', 'is too long or has non-unique elements');
  if (workers.length > 5) return invalid('workers', 'is too long');
  const { max_length: length = 80, max_context_length: context = 2048 } = params;
  if (length > context) return refuse(400, 'TokenOverflow', 'You cannot request more tokens than your context length.');
  const isDear = length > upfrontLength || order.slow_workers === false;
  if (!isDear || hasKudos) return undefined;
  if (!order.allow_downgrade)
    return refuse(
      403,
      'KudosUpfront',
      `Due to heavy demand, for requests over ${upfrontLength} tokens, the client needs to already have the required kudos.`,
    );
  order.params.max_length = Math.min(length, upfrontLength);
  order.slow_workers = true;
  return undefined;
}
