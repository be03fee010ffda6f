/** The one GPU of a Kobold stand-in: a generation at a time, token by token, which goes on whether or not somebody still listens. */

export interface Generation {
  readonly genkey: string;
  readonly tokens: readonly string[];
  /** How many tokens it has made. */
  made: number;
  /** It was told to stop, or runs no more. */
  over: boolean;
  aborted: boolean;
}

export interface Gpu {
  readonly current: Generation | undefined;
  /** All that ever started, in order. */
  readonly generations: readonly Generation[];
  /** Throws where one runs: whoever asks has to look first. Yields each token when it is made; a listener that leaves changes nothing. */
  start(genkey: string, tokens: readonly string[]): AsyncGenerator<string, void, undefined>;
  abort(): void;
  /** Settles when nothing runs. */
  idle(): Promise<void>;
}

/** @param tokenMs milliseconds for each token */
export function createGpu(tokenMs: () => number): Gpu {
  const generations: Generation[] = [];
  const waiting = new Set<() => void>();
  let current: Generation | undefined;

  const wake = () => {
    for (const resolve of [...waiting]) resolve();
    waiting.clear();
  };
  const change = () => new Promise<void>((resolve) => waiting.add(resolve));

  async function work(generation: Generation) {
    while (generation.made < generation.tokens.length && !generation.aborted) {
      await new Promise((resolve) => setTimeout(resolve, tokenMs()));
      if (!generation.aborted) generation.made += 1;
      wake();
    }
    generation.over = true;
    current = undefined;
    wake();
  }

  return {
    get current() {
      return current;
    },
    generations,
    start(genkey, tokens) {
      if (current) throw new Error('The GPU works already.');
      const generation: Generation = { genkey, tokens, made: 0, over: false, aborted: false };
      current = generation;
      generations.push(generation);
      void work(generation);
      return (async function* () {
        for (let next = 0; ; next++) {
          while (next >= generation.made && !generation.over) await change();
          const token = generation.tokens[next];
          if (next >= generation.made || token === undefined) return;
          yield token;
        }
      })();
    },
    abort() {
      if (current) current.aborted = true;
      wake();
    },
    async idle() {
      while (current) await change();
    },
  };
}
