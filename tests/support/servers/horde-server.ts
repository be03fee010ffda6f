/** A stand-in for AI Horde: orders, a queue, volunteers with limits, kudos, rate limits, and ids that expire. */
import { type FaultRequest, type FaultServer, respondJson, type Step, startFaultServer } from '../faultd';
import { type HordeOrder, type HordeRefusal, refuse, refuseOrder } from './horde-rules';

export type { HordeOrder } from './horde-rules';

export interface HordeWorker {
  name: string;
  models: string[];
  max_length: number;
  max_context_length: number;
  online?: boolean;
  maintenance_mode?: boolean;
}

interface Settings {
  workers: HordeWorker[];
  /** Kudos by key. The anonymous key is always there, and has none. */
  users: Record<string, number>;
  /** Milliseconds in the queue, and at work. */
  queueMs: number;
  workMs: number;
  answer: (order: HordeOrder, index: number) => string;
  /** Of every generation. */
  state: 'ok' | 'censored' | 'csam';
  /** The volunteers fail at the last of the generations. */
  isFaulted: boolean;
  /** Milliseconds without a poll after which an id is gone. */
  expiryMs: number;
  /** Waiting orders of one user. */
  concurrency: number;
  /** The next so many requests get the page of the front end's maintenance. */
  down: number;
  /** The next so many polls are too many. */
  limited: number;
}

export interface HordeServer {
  readonly baseUrl: string;
  readonly fault: FaultServer;
  /** Accepted, in order, as they came out of the rules. */
  readonly orders: HordeOrder[];
  /** Ids that were cancelled. */
  readonly cancelled: string[];
  /** How often each id was asked for. */
  polls(): number;
  set(changes: Partial<Settings>): void;
  close(): Promise<void>;
}

interface HordeJob {
  readonly order: HordeOrder;
  readonly key: string;
  readonly at: number;
  seenAt: number;
}

const anonymous = '0000000000';
const maintenance: Step[] = [
  { type: 'status', code: 503 },
  { type: 'headers', headers: { 'content-type': 'text/html' } },
  { type: 'write', data: '<!DOCTYPE html><html><head><title>AI Horde maintenance</title></head><body>Back soon</body></html>' },
  { type: 'end' },
];
const tooMany = () => respondJson(429, { message: '60 per 1 minute' }, { 'retry-after': '1', 'x-ratelimit-remaining': '0' });
const refusal = ({ status, body }: HordeRefusal) => respondJson(status, body);

export async function startHordeServer(options: Partial<Settings> = {}): Promise<HordeServer> {
  const fault = await startFaultServer();
  const orders: HordeOrder[] = [];
  const cancelled: string[] = [];
  const jobs = new Map<string, HordeJob>();
  let polls = 0;
  let settings: Settings = {
    workers: [{ name: 'Basement A4000', models: ['koboldcpp/Fimbulvetr-11B-v2'], max_length: 512, max_context_length: 8192 }],
    users: {},
    queueMs: 0,
    workMs: 0,
    answer: () => ' The Danube.',
    state: 'ok',
    isFaulted: false,
    expiryMs: 60_000,
    concurrency: 30,
    down: 0,
    limited: 0,
    ...options,
  };

  const kudosOf = (key: string) => (key === anonymous ? 0 : settings.users[key]);
  const isLive = ({ online = true, maintenance_mode = false }: HordeWorker) => online && !maintenance_mode;
  const canServe = ({ models, params }: HordeOrder) =>
    settings.workers.some(
      (worker) =>
        isLive(worker) &&
        (models.length === 0 || models.some((model) => worker.models.includes(model))) &&
        worker.max_length >= (params.max_length ?? 80) &&
        worker.max_context_length >= (params.max_context_length ?? 2048),
    );
  const isDone = ({ at }: HordeJob) => Date.now() - at >= settings.queueMs + settings.workMs;

  function statusOf(job: HordeJob) {
    const { n = 1 } = job.order.params;
    const isPossible = canServe(job.order);
    const isOver = settings.isFaulted || (isPossible && isDone(job));
    const isWorking = !isOver && isPossible && Date.now() - job.at >= settings.queueMs;
    const model = job.order.models[0] ?? settings.workers[0]?.models[0];
    const generations = Array.from({ length: isOver ? (settings.isFaulted ? n - 1 : n) : 0 }, (_, index) => ({
      ...{ text: settings.answer(job.order, index), seed: 0, worker_id: 'w-1', worker_name: 'Basement A4000', model },
      ...{ state: settings.state, gen_metadata: [] },
    }));
    return {
      ...{ finished: generations.length, processing: isWorking ? n : 0, restarted: 0, waiting: isOver || isWorking ? 0 : n },
      // Done is also what failed.
      ...{ done: isOver, faulted: settings.isFaulted, wait_time: isOver ? 0 : 40, queue_position: isOver || isWorking ? 0 : 3 },
      ...{ kudos: 12, is_possible: isPossible, generations },
    };
  }

  function submit(request: FaultRequest): Step[] {
    const key = request.headers.apikey;
    const kudos = key === undefined ? undefined : kudosOf(key);
    if (key === undefined || kudos === undefined)
      return refusal(
        refuse(
          401,
          'InvalidAPIKey',
          'No user matching sent API Key. Have you remembered to register at https://aihorde.net/register ?',
        ),
      );
    const order = request.json() as HordeOrder;
    const refused = refuseOrder(order, kudos > 0);
    if (refused) return refusal(refused);
    const waiting = [...jobs.values()].filter((job) => job.key === key && !isDone(job)).length;
    if (waiting >= settings.concurrency)
      return refusal(
        refuse(429, 'TooManyPrompts', `Parallel requests (${waiting}) exceeded user limit (${settings.concurrency}).`),
      );
    orders.push(order);
    const id = `6f1c0e0a-3b52-4b3e-9d5f-${String(orders.length).padStart(12, '0')}`;
    jobs.set(id, { order, key, at: Date.now(), seenAt: Date.now() });
    const warning = canServe(order) ? {} : { message: 'Warning: No available workers can fulfill this request.' };
    return respondJson(202, { id, kudos: 12, ...warning });
  }

  function status(request: FaultRequest): Step[] {
    const id = request.path.split('/').at(-1) ?? '';
    const job = jobs.get(id);
    if (request.method === 'GET') {
      polls += 1;
      if (settings.limited > 0) {
        settings.limited -= 1;
        return tooMany();
      }
    }
    if (!job || Date.now() - job.seenAt >= settings.expiryMs)
      return refusal(refuse(404, 'RequestNotFound', `Text Request with ID '${id}' not found.`));
    job.seenAt = Date.now();
    const answer = statusOf(job);
    if (request.method === 'DELETE') {
      cancelled.push(id);
      jobs.delete(id);
    }
    return respondJson(200, answer);
  }

  const open = (answer: (request: FaultRequest) => Step[]) => (request: FaultRequest) => {
    if (settings.down === 0) return answer(request);
    settings.down -= 1;
    return maintenance;
  };

  fault.on('POST', '/api/v2/generate/text/async', open(submit));
  fault.on('GET', /^\/api\/v2\/generate\/text\/status\//, open(status));
  fault.on('DELETE', /^\/api\/v2\/generate\/text\/status\//, open(status));
  fault.on(
    'GET',
    '/api/v2/find_user',
    open(({ headers: { apikey = '' } }) => {
      const kudos = kudosOf(apikey);
      if (kudos === undefined) return refusal(refuse(404, 'UserNotFound', 'No user matching sent API Key was found.'));
      const user = apikey === anonymous ? { username: 'Anonymous#0', id: 0 } : { username: 'ada#123', id: 123 };
      return respondJson(200, { ...user, kudos, concurrency: settings.concurrency, trusted: false });
    }),
  );
  fault.on(
    'GET',
    '/api/v2/status/models',
    // By default it lists the models of pictures.
    open(({ query }) => {
      const names =
        query.get('type') === 'text' ? [...new Set(settings.workers.filter(isLive).flatMap(({ models }) => models))] : [];
      return respondJson(
        200,
        names.map((name) => ({ name, count: 1, performance: 28.4, queued: 0, jobs: 0, eta: 0, type: 'text' })),
      );
    }),
  );
  fault.on(
    'GET',
    '/api/v2/workers',
    open(() =>
      respondJson(
        200,
        settings.workers.map((worker) => ({ type: 'text', online: true, maintenance_mode: false, ...worker })),
      ),
    ),
  );

  return {
    baseUrl: `${fault.url}/api/v2`,
    fault,
    orders,
    cancelled,
    polls: () => polls,
    set(changes) {
      settings = { ...settings, ...changes };
    },
    close: () => fault.close(),
  };
}
