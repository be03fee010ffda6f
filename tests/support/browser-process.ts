/** Starts browser processes with profiles of their own and sees that none outlives the tests. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LaunchOptions } from './browser';

export interface BrowserProcess {
  readonly pid: number;
  readonly profile: string;
  readonly child: ChildProcess;
  /** The end of what the browser wrote to stdout and stderr, for error messages. */
  stderr(): string;
  /** Resolves when it has ended. */
  readonly exited: Promise<void>;
  /** Waits a moment for the browser to end by itself, then kills it, then leaves the profile. */
  end(): Promise<void>;
}

const reaper = fileURLToPath(new URL('reaper.mjs', import.meta.url));
let endsWithParent = false;

/** A folder for a browser's user data. */
export interface Profile {
  readonly folder: string;
  /** To call when the browser has ended: the test may look into the folder, and it goes unless the test gave it. Once is enough. */
  leave(): void;
}

export function openProfile({ profile, inspectProfile }: Pick<LaunchOptions, 'profile' | 'inspectProfile'>): Profile {
  const folder = profile ?? makeProfile();
  let isLeft = false;
  return {
    folder,
    leave() {
      if (isLeft) return;
      isLeft = true;
      try {
        inspectProfile?.(folder);
      } finally {
        if (profile === undefined) removeProfile(folder);
      }
    },
  };
}

/** A new empty folder. */
export function makeProfile(): string {
  return mkdtempSync(join(tmpdir(), 'oriel-profile-'));
}

/** Removes a profile; browsers write to it up to their last moment. */
export function removeProfile(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/**
 * Sees that the browser dies and its profile goes when this process ends in any way, SIGKILL included (vitest ends its workers so).
 * Gives the function to call when the browser has ended in an orderly way.
 */
export function guard(pid: number, profile: string): () => void {
  const stdio: StdioOptions = ['pipe', 'ignore', 'ignore'];
  const child: ChildProcess = spawn(process.execPath, [reaper, String(pid), profile], { stdio, detached: true });
  child.unref();
  (child.stdin as Socket | null)?.unref();
  endWithParent();
  return () => child.kill('SIGKILL');
}

/** A vitest worker whose vitest was killed would stay for ever, and its browsers with it. */
function endWithParent() {
  if (endsWithParent || !process.connected) return;
  endsWithParent = true;
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
}

/** Starts a browser with so many pipes from file descriptor 3 on; what it says goes to a file in the profile. */
export function startProcess(executable: string, args: string[], profile: Profile, pipes = 0): BrowserProcess {
  const log = join(profile.folder, 'browser.log');
  const said = openSync(log, 'a');
  const stdio: StdioOptions = ['ignore', said, said, ...Array.from({ length: pipes }, () => 'pipe' as const)];
  const child: ChildProcess = spawn(executable, args, { stdio });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.once('error', () => undefined);
  const pid = child.pid;
  if (pid === undefined)
    throw new Error(`${executable} could not be started. Run "node scripts/setup.mjs", or set ORIEL_CHROMIUM and ORIEL_FIREFOX.`);
  const release = guard(pid, profile.folder);
  return {
    pid,
    profile: profile.folder,
    child,
    exited,
    stderr: () => readFileSync(log, 'utf8').slice(-2000),
    async end() {
      const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
      await exited;
      clearTimeout(timer);
      release();
      profile.leave();
    },
  };
}

/** Kills by process id and ignores a process that is gone. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // ESRCH: it has ended by itself.
  }
}

/** The browser of this machine, or the one named by the environment. */
export function executableOf(name: 'chromium' | 'firefox'): string {
  if (name === 'chromium') return process.env.ORIEL_CHROMIUM ?? '/usr/bin/chromium';
  return process.env.ORIEL_FIREFOX ?? '/usr/bin/firefox-esr';
}
