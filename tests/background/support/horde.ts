/** AI Horde as the background meets it: orders are taken at once, and worked on until the test says that they are done. */
import type { Backend } from './backend';

export interface Horde {
  /** What was asked, as method and path below the base URL. */
  asked(): readonly string[];
  orders(): number;
  polls(): number;
  cancelled(): number;
  /** Where a job stands; `silent`: a poll is not answered at all, as when the background dies over it. */
  state: 'queued' | 'silent' | 'done' | 'faulted';
  /** An order is not answered. */
  isDeaf: boolean;
  kudos: number;
}

const base = 'https://aihorde.net/api/v2';
const jobId = '6f1c0e0a-3b52-4b3e-9d5f-0c1d2e3f4a5b';
const never = new Promise<Response>(() => undefined);

export function playHorde(backend: Backend): Horde {
  const asked = () =>
    backend.sent.filter(({ url }) => url.startsWith(base)).map(({ method, url }) => `${method} ${url.slice(base.length)}`);
  const count = (start: string) => asked().filter((one) => one.startsWith(start)).length;
  const horde: Horde = {
    asked,
    orders: () => count('POST /generate/text/async'),
    polls: () => count('GET /generate/text/status/'),
    cancelled: () => count(`DELETE /generate/text/status/${jobId}`),
    state: 'queued',
    isDeaf: false,
    kudos: 540,
  };
  const status = () => {
    const isOver = horde.state === 'done' || horde.state === 'faulted';
    const generations = horde.state === 'done' ? [{ text: ' The Danube.', model: 'm', state: 'ok' }] : [];
    const place = isOver ? { wait_time: 0, queue_position: 0 } : { wait_time: 40, queue_position: 3 };
    return Response.json({ done: isOver, faulted: horde.state === 'faulted', is_possible: true, generations, ...place });
  };
  backend.otherwise = ({ method, url }) => {
    if (!url.startsWith(base)) return undefined;
    const path = url.slice(base.length);
    if (path === '/find_user') return Response.json({ id: 123, kudos: horde.kudos });
    if (path.startsWith('/status/models')) return Response.json([{ name: 'm', count: 1 }]);
    if (path.startsWith('/workers'))
      return Response.json([{ online: true, models: ['m'], max_length: 512, max_context_length: 4096 }]);
    if (method === 'POST') return horde.isDeaf ? never : Response.json({ id: jobId, kudos: 12 }, { status: 202 });
    if (method === 'GET' && horde.state === 'silent') return never;
    return status();
  };
  return horde;
}
