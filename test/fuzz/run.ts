import { longLines } from './longLines.ts';
import { fuzzParts } from './partsRun.ts';
import { fuzzReference } from './referenceRun.ts';

const works = { parts: fuzzParts, reference: fuzzReference, longLines } as const;
export type FuzzWork = typeof works;

/** One fuzz run as a process of its own: its result and the most memory that it ever took, as one line of JSON. */
const [name = '', seed = '', rows = ''] = process.argv.slice(2);
const work = works[name as keyof FuzzWork];
const result = await work(Number(seed), Number(rows));
process.stdout.write(JSON.stringify({ ...result, maxRssBytes: process.resourceUsage().maxRSS * 1024 }));
