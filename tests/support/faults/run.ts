/** Which faults meet which formats, one lane after the other, and what came of them. */
import { type FaultDialect, faultDialects, type StandIn } from './dialects';
import { type Fault, faults, withoutMinutes } from './faults';
import { type Asker, judge, type Verdict } from './judge';

/** Names of a fault and a dialect, where not all are meant. */
export interface Chosen {
  readonly dialect?: string | undefined;
  readonly fault?: string | undefined;
  /** `2/4`: every fourth fault from the second on, for formats that take long. */
  readonly part?: string | undefined;
}

/** A backend that is connected, somewhere. */
export interface Bed {
  /** A site of its own. */
  asker(site: string): Promise<Asker>;
  /** Lets minutes pass in a second, where that can be had. */
  hurry?(isOn: boolean): void;
}

export const chosenDialects = ({ dialect }: Chosen): readonly FaultDialect[] =>
  faultDialects.filter(({ name }) => dialect === undefined || name === dialect);

export const chosenFaults = ({ fault, part = '1/1' }: Chosen): readonly Fault[] => {
  const [nth = 1, parts = 1] = part.split('/').map(Number);
  return faults.filter(({ name }, index) => (fault === undefined || name === fault) && index % parts === nth - 1);
};

/** Two calls each, of the twenty that a site may start at once. */
const faultsPerSite = 9;

/** Those that can happen to it, one after the other against one backend. */
export async function runLane(
  lane: readonly Fault[],
  { dialect, server, bed, browser, patienceMs, sites = 's' }: Lane,
  onVerdict: (verdict: Verdict) => void,
): Promise<void> {
  let asker: Asker | undefined;
  let count = 0;
  for (const one of lane) {
    const fault = bed.hurry ? one : withoutMinutes(one, dialect);
    const expected = fault.expected(dialect);
    if (!expected) continue;
    if (!asker || count % faultsPerSite === 0) asker = await bed.asker(`${sites}-${dialect.name}-${count}`);
    count += 1;
    bed.hurry?.(fault.waits !== undefined);
    onVerdict(await judge(fault, expected, { dialect, server, browser, asker, patienceMs }));
  }
}

interface Lane {
  readonly dialect: FaultDialect;
  readonly server: StandIn;
  readonly bed: Bed;
  readonly browser: string;
  readonly patienceMs: number;
  /** What the names of its sites begin with. */
  readonly sites?: string;
}
