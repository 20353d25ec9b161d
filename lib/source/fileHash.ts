import { createHash } from 'node:crypto';
import { byteRange } from './lineBlocks.ts';

/** Bytes of the head and of the stretch before the watermark that are compared before an append is believed. */
const headBytes = 64 * 1024;
const tailBytes = 1024 * 1024;

/** SHA-256 of `[from, to)` of a file (of a gzip file: of what it unpacks to). */
export async function hashRange(path: string, from: number, to: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of byteRange(path, from, to)) hash.update(chunk);
  return hash.digest('hex');
}

/** The two cheap hashes that tell an appended file from another one: of its head, and of what precedes `watermark`. */
export async function edgeHashes(path: string, watermark: number): Promise<{ headHash: string; tailHash: string }> {
  return {
    headHash: await hashRange(path, 0, Math.min(headBytes, watermark)),
    tailHash: await hashRange(path, Math.max(0, watermark - tailBytes), watermark),
  };
}

/** Hashes of `[0, first)` and of `[0, second)` in one pass, `first` at most `second`. */
export async function prefixHashes(path: string, first: number, second: number): Promise<[string, string]> {
  const hash = createHash('sha256');
  for await (const chunk of byteRange(path, 0, first)) hash.update(chunk);
  const at = hash.copy().digest('hex');
  for await (const chunk of byteRange(path, first, second)) hash.update(chunk);
  return [at, hash.digest('hex')];
}
