/** Computes the SHA-256 of model files. In a file of its own, so that the background loads it only for a download. */

import { createSHA256 } from 'hash-wasm';
import type { CreateHasher } from '../protocol/engine';

export const createHasher: CreateHasher = createSHA256;
