/** A model file that could be downloaded, as the person is asked about it, and whether anybody vouches for it. */

import type { DeviceModel } from '../../../protocol/engine';

/** Whether it is known what the right file is, or each of them. */
export const isChecked = ({ sha256, parts = [] }: Pick<DeviceModel, 'sha256' | 'parts'>): boolean =>
  parts.length > 0 ? parts.every((part) => part.sha256 !== undefined) : sha256 !== undefined;

export interface Offer {
  readonly name: string;
  readonly url: string;
  /** Absent: the server does not tell. */
  readonly bytes: number | undefined;
  readonly licence: string | undefined;
  readonly isChecked: boolean;
  readonly accept: () => void;
}
