/** How hard a passphrase is to guess: the parameters of argon2id, which of them are offered, and which are refused. */

export interface KdfParameters {
  readonly algorithm: 'argon2id';
  readonly memoryKiB: number;
  readonly iterations: number;
  readonly parallelism: number;
  /** 16 random bytes in base64. */
  readonly salt: string;
}

export type KdfCost = Pick<KdfParameters, 'memoryKiB' | 'iterations'>;

const MiB = 1024;

/** From hard to just enough (OWASP 2026). The first that this device computes in time is taken; the last one always. */
export const kdfCosts = [
  { memoryKiB: 64 * MiB, iterations: 3 },
  { memoryKiB: 46 * MiB, iterations: 1 },
  { memoryKiB: 19 * MiB, iterations: 2 },
] as const satisfies readonly KdfCost[];

const ceiling = { memoryKiB: 1024 * MiB, iterations: 10, parallelism: 4 };

/**
 * Weaker parameters would make a stolen vault easy to guess, wherever they came from; stronger ones than any device of today
 * takes would only hang it (security.md T67).
 */
export function isAllowedCost({ memoryKiB, iterations, parallelism }: KdfCost & { readonly parallelism: number }): boolean {
  if (memoryKiB > ceiling.memoryKiB || iterations > ceiling.iterations || parallelism > ceiling.parallelism) return false;
  return kdfCosts.some((cost) => memoryKiB >= cost.memoryKiB && iterations >= cost.iterations);
}

/** Allowed, but none that would be chosen today: renewed at the next unlock. */
export const isOutdatedCost = ({ memoryKiB, iterations, parallelism }: KdfParameters): boolean =>
  parallelism !== 1 || !kdfCosts.some((cost) => cost.memoryKiB === memoryKiB && cost.iterations === iterations);
