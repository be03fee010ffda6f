/** The models that can run on this device: dated data from model-list.json, which scripts/ read as well. */

import type { DeviceModel } from '../protocol/engine';
import list from './model-list.json';

/**
 * What a person may download: the smallest first, which is what `npm start` and the tests take; what makes embeddings stands behind all.
 * `contextTokens` is what Oriel loads, not what the model was trained for: 2048 tokens of SmolLM2 cost 47 MB beside its weights, all of its 8192
 * would cost 190 MB.
 * A build for `npm start` and the end-to-end tests puts its own model in the list's place, so that the product's own way
 * of downloading can be pointed at this machine.
 */
export const deviceModels: readonly DeviceModel[] = chooseModels(import.meta.env.WXT_DEVICE_MODEL);

/** Where models are searched. */
export const hubOrigin: string = import.meta.env.WXT_MODEL_HUB ?? list.hub;

/** The list, or the one model of `override`, a JSON text. Throws where it is malformed: that is a developer's mistake. */
export function chooseModels(override: string | undefined): readonly DeviceModel[] {
  return override ? [parseDeviceModel(override)] : (list.models as readonly DeviceModel[]);
}

function parseDeviceModel(text: string): DeviceModel {
  const fields: unknown = JSON.parse(text);
  if (typeof fields !== 'object' || fields === null) throw new Error('WXT_DEVICE_MODEL must be a JSON object.');
  const read = <T>(name: keyof DeviceModel, isRight: (value: unknown) => value is T): T => {
    const value = Reflect.get(fields, name);
    if (!isRight(value)) throw new Error(`WXT_DEVICE_MODEL: "${name}" is missing or wrong.`);
    return value;
  };
  return {
    id: read('id', isText),
    name: read('name', isText),
    url: read('url', isHttpUrl),
    sha256: read('sha256', isSha256),
    bytes: read('bytes', isCount),
    contextTokens: read('contextTokens', isCount),
    licence: read('licence', isText),
    ...(Reflect.get(fields, 'mark') === 'test' && { mark: 'test' }),
  };
}

// Declarations, not constants: the list above is made before the end of this file is reached.
function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
function isHttpUrl(value: unknown): value is string {
  return isText(value) && /^https?:/.test(value) && URL.canParse(value);
}
function isSha256(value: unknown): value is string {
  return isText(value) && /^[0-9a-f]{64}$/.test(value);
}
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}
