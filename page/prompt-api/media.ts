/** Pictures and sounds of a page, read at once and made into what every backend takes: PNG or JPEG, and 16-bit WAV. Nothing else of a file goes along. */

import type { Part } from '../../protocol/generate';
import { chosen } from '../lists';
import { NativePromise, tagOf } from '../realm';
import { exception } from './exceptions';
import type { Dictionary } from './idl';

/** The longer side of a picture; backends scale larger ones down. */
const mostPixels = 2048;
/** A picture above it is sent as JPEG. */
const mostPngBytes = 1 << 20;
/** What models of speech take. */
const sampleRate = 16_000;

const files = ['Blob', 'File', 'ArrayBuffer'];
// biome-ignore format: one line each would hide that it is one list
const pictures = [
  'ImageData', 'ImageBitmap', 'VideoFrame', 'OffscreenCanvas', 'HTMLCanvasElement', 'HTMLImageElement', 'SVGImageElement', 'HTMLVideoElement',
];
const isOneOf = (names: readonly string[], value: unknown) =>
  chosen(names, (name) => tagOf(value) === `[object ${name}]`).length > 0;
const { isView } = ArrayBuffer;

const isFile = (value: unknown): value is BlobPart => isView(value) || isOneOf(files, value);
export const isImage = (value: unknown): boolean => isFile(value) || isOneOf(pictures, value);
export const isAudio = (value: unknown): boolean => isFile(value) || tagOf(value) === '[object AudioBuffer]';

/** A copy: the page may change or give away its buffer in the next moment. */
const copyOf = (value: BlobPart) => new Blob([value]);

const dataOf = (blob: Blob): Promise<string> =>
  new NativePromise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(`${reader.result}`.replace(/^.*,/, ''));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });

/** Takes a picture of what moves before it returns; an image that still loads is waited for. */
function bitmapOf(value: unknown): Promise<ImageBitmap> {
  if (isFile(value)) return createImageBitmap(copyOf(value));
  const image = value as HTMLImageElement;
  const isLoading = image.decode !== undefined && !image.complete;
  return isLoading ? image.decode().then(() => createImageBitmap(image)) : createImageBitmap(image);
}

/** @throws SecurityError where the page may not read the picture itself, InvalidStateError where it is none */
export async function readImage(value: unknown): Promise<Part> {
  try {
    const bitmap = await bitmapOf(value);
    const scale = mostPixels / Math.max(mostPixels, bitmap.width, bitmap.height);
    const canvas = new OffscreenCanvas(Math.ceil(bitmap.width * scale), Math.ceil(bitmap.height * scale));
    const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    let blob = await canvas.convertToBlob();
    if (blob.size > mostPngBytes) {
      // JPEG knows no transparency, and would show black.
      context.globalCompositeOperation = 'destination-over';
      context.fillStyle = '#fff';
      context.fillRect(0, 0, canvas.width, canvas.height);
      blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
    }
    return { type: 'image', mediaType: blob.type, data: await dataOf(blob) };
  } catch (error) {
    if ((error as Dictionary | null)?.name === 'SecurityError') throw error;
    throw exception('InvalidStateError', 'This picture cannot be decoded.');
  }
}

/** @throws DataError where it cannot be decoded */
export async function readAudio(value: unknown): Promise<Part> {
  try {
    const audio = isFile(value) ? await decode(copyOf(value)) : (value as AudioBuffer);
    return { type: 'audio', mediaType: 'audio/wav', data: await dataOf(toWav(audio)) };
  } catch {
    throw exception('DataError', 'This sound cannot be decoded.');
  }
}

const decode = async (blob: Blob) => new OfflineAudioContext(1, 1, sampleRate).decodeAudioData(await blob.arrayBuffer());

/** All channels as one. Typed arrays are little-endian wherever a browser runs, and so is WAV. */
function toWav(audio: AudioBuffer): Blob {
  const { length, numberOfChannels, sampleRate: rate } = audio;
  const samples = new Int16Array(length);
  for (let channel = 0; channel < numberOfChannels; channel += 1) {
    const sound = audio.getChannelData(channel);
    for (let index = 0; index < length; index += 1) {
      const sample = Math.max(-1, Math.min(1, sound[index] as number)) / numberOfChannels;
      samples[index] = (samples[index] as number) + sample * 0x7fff;
    }
  }
  const bytes = 2 * length;
  // "RIFF", size, "WAVE", "fmt ", 16 bytes of PCM, one channel, rate, bytes a second, bytes and bits a sample, "data", size.
  const header = [0x46464952, 36 + bytes, 0x45564157, 0x20746d66, 16, 0x10001, rate, 2 * rate, 0x100002, 0x61746164, bytes];
  return new Blob([new Uint32Array(header), samples]);
}
