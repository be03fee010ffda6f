/** What **Models** asks: to bring a model file here, to look for one, to hear what runs. A part of the table of ui-api.ts. */

import type { DeviceFile } from '../protocol/device-messages';
import type { DeviceModel, EngineStatus, ModelPart } from '../protocol/engine';
import { AiError, backendError } from '../protocol/errors';
import { isLoopback } from '../protocol/ids';
import { newModelId } from '../protocol/model-id';
import { partsOf } from '../protocol/model-parts';
import type { ModelHub } from '../providers/model-hub';
import { readRange } from './content-range';
import type { Downloads } from './downloads';
import type { Egress } from './egress';

export interface DeviceApiDeps {
  readonly downloads: Downloads;
  readonly hub: ModelHub;
  readonly egress: Pick<Egress, 'download'>;
  readonly engine: { status(): Promise<EngineStatus | undefined>; unload(modelId: string): Promise<unknown> };
}

/** How long the hub has for what is no download. */
const answerTimeout = 20_000;
const magic = 'GGUF';
/** What Oriel loads of a model of which nothing is known yet; its file may say less. */
const contextTokens = 4096;

export function createDeviceApi({ downloads, hub, egress, engine }: DeviceApiDeps) {
  const soon = () => AbortSignal.timeout(answerTimeout);

  /** Its first bytes tell whether it is a model at all: an address may lead to a page that wants a login. */
  const measureOne = async (url: string) => {
    const response = await egress.download(url, soon(), { range: `bytes=0-${magic.length - 1}` }).catch((cause) => {
      throw backendError('network', 'Nothing answers at this address.', { cause });
    });
    const range = readRange(response, 0);
    if (!range || !response.body) {
      await response.body?.cancel();
      throw backendError('server', 'There is no file at this address.', { status: response.status });
    }
    if ((await firstText(response.body, magic.length)) !== magic)
      throw backendError('malformed', 'There is no model file at this address.', { detail: 'It is not a GGUF file.' });
    return { ...(range.total !== undefined && { bytes: range.total }) };
  };

  /** Where the address is that of one part, all of them are looked for beside it. */
  const measure = async (address: string): Promise<Pick<DeviceModel, 'bytes' | 'parts'>> => {
    const [path = '', ...query] = address.split(/(?=[?#])/);
    const name = path.slice(path.lastIndexOf('/') + 1);
    const known = partsOf(name);
    if (!known) return measureOne(address);
    const parts: ModelPart[] = [];
    for (const one of known.names) {
      const url = [path.slice(0, -name.length), one, ...query].join('');
      const { bytes } = await measureOne(url);
      // What was received is divided among the parts by their lengths.
      if (bytes === undefined) throw backendError('server', 'The server does not say how long the parts are.');
      parts.push({ url, bytes });
    }
    return { bytes: sizeOf(parts), parts };
  };

  /** Where nothing tells what the right file is, the way to it must be safe. */
  const add = async ({ name, ...file }: DeviceFile) => {
    const { parts = [{ url: file.url, sha256: file.sha256 }] } = file;
    if (parts.some(({ url, sha256 }) => sha256 === undefined && !isSafe(new URL(url))))
      throw new AiError('invalid-request', 'A file from an unencrypted address needs a checksum.', { field: 'sha256' });
    const taken = (await downloads.views()).map(({ model }) => model.id);
    // Of a model in parts each has its own checksum.
    const whole = file.parts && { bytes: sizeOf(file.parts), sha256: undefined };
    const model: DeviceModel = { ...file, ...whole, id: newModelId(name, taken), name, contextTokens };
    downloads.add(model);
    // Who asked sees in the overview how it goes; a failure is kept there.
    downloads.download(model.id).catch(() => undefined);
    return { modelId: model.id };
  };

  return {
    'device-download': ({ modelId }: { readonly modelId: string }) => downloads.download(modelId),
    'device-pause': async ({ modelId }: { readonly modelId: string }) => downloads.pause(modelId),
    'device-add': add,
    'device-measure': ({ url }: { readonly url: string }) => measure(url),
    'device-imported': async () => downloads.imported(),
    'device-engine': async () => {
      const status = await engine.status();
      if (status?.measured) await downloads.measured(status.measured.modelId, status.measured.speed);
      return status;
    },
    'device-remove': async ({ modelId }: { readonly modelId: string }) => {
      await engine.unload(modelId);
      await downloads.remove(modelId);
    },
    'hub-search': ({ query }: { readonly query: string }) => hub.search(query, soon()),
    'hub-files': ({ repository }: { readonly repository: string }) => hub.files(repository, soon()),
  };
}

const isSafe = ({ protocol, hostname }: URL) => protocol === 'https:' || isLoopback(hostname);

const sizeOf = (parts: readonly ModelPart[]) => parts.reduce((sum, { bytes }) => sum + bytes, 0);

async function firstText(body: ReadableStream<Uint8Array>, length: number): Promise<string> {
  const reader = body.getReader();
  let text = '';
  while (text.length < length) {
    const { done, value } = await reader.read();
    if (done) break;
    text += String.fromCharCode(...value.subarray(0, length));
  }
  await reader.cancel();
  return text.slice(0, length);
}
