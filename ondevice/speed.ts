/**
 * How fast a model is on this device: by the engine's own clock, noted beside the model's file. Not in its record: a file that is written anew cannot
 * be read for a moment, and the next call reads that record.
 */

import type { DeviceSpeed } from '../protocol/engine';
import { createModelFiles, modelsDirectory, originFiles, type Root, speedName, writeJson } from './model-files';

/** What one answer took, in milliseconds. Tokens that lay in the cache were not read. */
export interface Timings {
  readonly readTokens: number;
  readonly readMs: number;
  readonly writtenTokens: number;
  readonly writtenMs: number;
}

/** Of fewer tokens the time says little. */
const fewestTokens = 8;
/** What differs less is the same: the file is not written after each answer. */
const likeness = 0.1;

/** Takes down what an answer took. Resolves to what is known by then; undefined where nothing was measured, or the model is gone. */
export type NoteSpeed = (modelId: string, timings: Timings) => Promise<DeviceSpeed | undefined>;

export function createSpeedNotes(root: Root = originFiles): NoteSpeed {
  const files = createModelFiles(root);
  return async (modelId, timings) => {
    const stored = await files.find(modelId);
    if (!stored?.isComplete) return undefined;
    const { model } = stored;
    const speed = { ...model.speed, ...speedOf(timings) };
    if (isAlike(speed.reads, model.speed?.reads) && isAlike(speed.writes, model.speed?.writes)) return model.speed;
    const folder = await (await modelsDirectory(root)).getDirectoryHandle(modelId);
    await writeJson(folder, speedName, speed);
    return speed;
  };
}

function speedOf({ readTokens, readMs, writtenTokens, writtenMs }: Timings): DeviceSpeed {
  const reads = rate(readTokens, readMs);
  const writes = rate(writtenTokens, writtenMs);
  return { ...(reads !== undefined && { reads }), ...(writes !== undefined && { writes }) };
}

const rate = (tokens: number, ms: number) => (tokens >= fewestTokens && ms > 0 ? (tokens / ms) * 1000 : undefined);

const isAlike = (one: number | undefined, other: number | undefined) =>
  one === other || (one !== undefined && other !== undefined && Math.abs(one - other) <= likeness * other);
