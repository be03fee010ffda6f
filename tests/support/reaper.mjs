/** A process of its own that outlives the tests by a moment: kills a browser and removes its profile when its starter has gone, however that ended. */
import { rmSync } from 'node:fs';

const [pid, profile] = process.argv.slice(2);

// Whoever ends the tests must not end this as well.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
// The pipe to the starter closes even when that was killed.
process.stdin.on('end', reap).on('error', reap).resume();

function reap() {
  try {
    process.kill(Number(pid), 'SIGKILL');
  } catch {
    // ESRCH: the browser has ended by itself.
  }
  setTimeout(() => rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }), 300);
}
