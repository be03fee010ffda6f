/** The bytes of a model lie one behind the other, whether they came as one file or as several. */

import type { DeviceModel } from '../protocol/engine';

/** The files that they were, in their order. */
export function filesOf(bytes: Blob, { parts = [] }: Pick<DeviceModel, 'parts'>): readonly [Blob, ...Blob[]] {
  let start = 0;
  const [first, ...rest] = parts.map((part) => {
    start += part.bytes;
    return bytes.slice(start - part.bytes, start);
  });
  return first ? [first, ...rest] : [bytes];
}
