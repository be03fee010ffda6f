/** A model for this device, as the tests have it: weights, a server that hands them out, and a build whose one model they are. */

import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DeviceModel } from '../../../protocol/engine';
import type { BrowserName, LaunchOptions } from '../../support/browser';
import { type ModelHubServer, sha256Of, startModelHub } from '../../support/servers/model-hub';
import { type Oriel, openOriel } from './oriel';

export interface Weights {
  readonly file: string;
  readonly model: Omit<DeviceModel, 'url'>;
  readonly real: boolean;
}

export interface OpenedWithModel {
  readonly oriel: Oriel;
  /** Where the file comes from, with its faults. */
  readonly hub: ModelHubServer;
  close(): Promise<void>;
}

/** @param mode names the build: one for each test file, since files run side by side */
export async function openWithModel(
  name: BrowserName,
  weights: Weights,
  mode = 'device',
  launch: LaunchOptions = {},
): Promise<OpenedWithModel> {
  const hub = await startModelHub();
  hub.put('oriel/tests', 'model.gguf', readFileSync(weights.file));
  const model = { ...weights.model, url: hub.fileUrl('oriel/tests', 'model.gguf') };
  const extension = build(name, model, hub.origin, mode);
  const oriel = await openOriel(name, {}, { ...launch, extension });
  return {
    oriel,
    hub,
    async close() {
      await oriel.close();
      await hub.close();
      rmSync(extension, { recursive: true, force: true });
    },
  };
}

/** The product, but for the address of its one model. */
function build(browser: BrowserName, model: DeviceModel, hubOrigin: string, name: string): string {
  const mode = `${name}-${model.id}`;
  const target = browser === 'chromium' ? 'chrome' : 'firefox';
  const env = { ...process.env, WXT_DEVICE_MODEL: JSON.stringify(model), WXT_MODEL_HUB: hubOrigin };
  const { status, stderr } = spawnSync(
    process.execPath,
    ['node_modules/wxt/bin/wxt.mjs', 'build', '-b', target, '--mode', mode],
    { env, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return resolve('.output', `${target}-mv3-${mode}`);
}

export const findWeights = async (): Promise<Weights> => {
  const scripts = resolve('scripts/model-weights.mjs');
  return (await import(scripts)).findWeights({ cacheDir: resolve('.cache/models') });
};

export const makeToy = async (): Promise<{ weights: Weights; answer: string }> => {
  const { findWeights: find } = await import(resolve('scripts/model-weights.mjs'));
  const { toyAnswer } = await import(resolve('scripts/make-toy-model.mjs'));
  // With no source to ask, what is left is the model that the script writes.
  return { weights: await find({ cacheDir: resolve('.cache/models'), log: () => undefined, sources: [] }), answer: toyAnswer };
};

/** The same with bytes behind it that nobody reads: long enough that a browser which ends loses only a part of it. */
export function makeLonger({ file, model, real }: Weights, bytes: number): Weights {
  const longer = Buffer.concat([readFileSync(file), Buffer.alloc(bytes)]);
  const path = `${file}.${process.pid}.long`;
  writeFileSync(path, longer);
  return { file: path, real, model: { ...model, bytes: longer.length, sha256: sha256Of(longer) } };
}
