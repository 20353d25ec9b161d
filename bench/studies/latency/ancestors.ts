import type { DatabaseName, Mode } from './stores.ts';

/** Medians that the ancestors published, seconds per batch, with the insert alone where they told it. */
export type Published = Readonly<{
  database: DatabaseName;
  mode: Mode;
  producers: number;
  seconds: number;
  insertSeconds: number | null;
}>;

/** On their machine; 635 rows a batch with one producer, 3,648 with six. */
export const ancestors: readonly Published[] = [
  { database: 'Kafka only', mode: 'read', producers: 1, seconds: 0.26, insertSeconds: null },
  { database: 'Kafka only', mode: 'read', producers: 6, seconds: 0.35, insertSeconds: null },
  { database: 'PostgreSQL', mode: 'single', producers: 1, seconds: 0.361, insertSeconds: 0.081 },
  { database: 'PostgreSQL', mode: 'single', producers: 6, seconds: 0.588, insertSeconds: 0.179 },
  { database: 'PostgreSQL', mode: 'batch', producers: 1, seconds: 0.377, insertSeconds: 0.08 },
  { database: 'PostgreSQL', mode: 'batch', producers: 6, seconds: 0.512, insertSeconds: 0.123 },
  { database: 'MongoDB', mode: 'single', producers: 1, seconds: 0.282, insertSeconds: 0.028 },
  { database: 'MongoDB', mode: 'single', producers: 6, seconds: 0.43, insertSeconds: 0.081 },
  { database: 'MongoDB', mode: 'batch', producers: 1, seconds: 0.305, insertSeconds: 0.03 },
  { database: 'MongoDB', mode: 'batch', producers: 6, seconds: 0.436, insertSeconds: 0.063 },
];
