/** A model for this device, as the tests have it: weights, a server that hands them out, and a build whose one model they are. */

import { spawnSync } from 'node:child_process';
import { createReadStream, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import type { DeviceModel } from '../../../protocol/engine';
import type { BrowserName, LaunchOptions } from '../../support/browser';
import { type Oriel, openOriel } from './oriel';

export interface Weights {
  readonly file: string;
  readonly model: Omit<DeviceModel, 'url'>;
  readonly real: boolean;
}

export interface OpenedWithModel {
  readonly oriel: Oriel;
  /** How often the file was asked for, and whether a byte of it is flipped. */
  readonly served: { readonly state: { damage: boolean; requests: number } };
  close(): Promise<void>;
}

/** @param mode names the build: one for each test file, since files run side by side */
export async function openWithModel(
  name: BrowserName,
  weights: Weights,
  mode = 'device',
  launch: LaunchOptions = {},
): Promise<OpenedWithModel> {
  const served = await serveModel(weights.file);
  const extension = build(name, { ...weights.model, url: served.url }, mode);
  const oriel = await openOriel(name, {}, { ...launch, extension });
  return {
    oriel,
    served,
    async close() {
      await oriel.close();
      served.close();
      rmSync(extension, { recursive: true, force: true });
    },
  };
}

/** Serves one file on loopback; `damage` flips a byte of it. */
async function serveModel(file: string) {
  const state = { damage: false, requests: 0 };
  const server = http.createServer((_request, response) => {
    state.requests += 1;
    if (!state.damage) return createReadStream(file).pipe(response);
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    return response.end(bytes);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.gguf`, close: () => server.close() };
}

/** The product, but for the address of its one model. */
function build(browser: BrowserName, model: DeviceModel, name: string): string {
  const mode = `${name}-${model.id}`;
  const target = browser === 'chromium' ? 'chrome' : 'firefox';
  const env = { ...process.env, WXT_DEVICE_MODEL: JSON.stringify(model) };
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
