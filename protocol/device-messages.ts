/** What the page **Models** and the connection form ask about models for this device. A part of the table of ui-messages.ts. */

import type { DeviceModel, DeviceModelState, EngineStatus, ModelPart } from './engine';
import type { PersonError } from './errors';

export interface DeviceModelView {
  readonly model: DeviceModel;
  /** `failed` keeps what was received: the download can go on from there. */
  readonly state: DeviceModelState | { readonly type: 'failed'; readonly error: PersonError; readonly receivedBytes: number };
}

/** A model file somewhere, with what is known of it. */
export type DeviceFile = Pick<DeviceModel, 'name' | 'bytes' | 'sha256' | 'licence' | 'parts'> & { readonly url: string };

/** What the model hub finds. */
export interface HubRepository {
  /** `owner/name` */
  readonly id: string;
  /** In the last month. */
  readonly downloads?: number | undefined;
  readonly licence?: string | undefined;
}

/** One model of a repository: a file, or several that belong together. */
export interface HubFile {
  readonly name: string;
  readonly url: string;
  readonly bytes: number;
  readonly sha256?: string | undefined;
  readonly parts?: readonly ModelPart[] | undefined;
}

/** Each operation with its input and what it resolves to. */
export interface DeviceOperations {
  'device-download': { input: { readonly modelId: string }; output: undefined };
  'device-pause': { input: { readonly modelId: string }; output: undefined };
  /** Starts the download of a file that is not on the shelf; resolves to the id that it has from now on. */
  'device-add': { input: DeviceFile; output: { readonly modelId: string } };
  /** Looks whether a model file is at this address, how long it is where the server tells, and for the other parts where it is one of several. */
  'device-measure': { input: { readonly url: string }; output: Pick<DeviceModel, 'bytes' | 'parts'> };
  /** One of Oriel's pages has brought a file. */
  'device-imported': { input: unknown; output: undefined };
  /** Undefined while nothing runs that could compute. */
  'device-engine': { input: unknown; output: EngineStatus | undefined };
  'hub-search': { input: { readonly query: string }; output: readonly HubRepository[] };
  /** The model files of one repository that this engine can take, the smallest first. */
  'hub-files': { input: { readonly repository: string }; output: readonly HubFile[] };
  'device-remove': { input: { readonly modelId: string }; output: undefined };
}
