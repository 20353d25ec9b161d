import { type Database, query } from './pool.ts';

/** Beginnings and middles (LIKE) of the warnings that a step leaves in a run. */
const patterns = {
  produce: '% refused: %',
  mirror: 'MongoDB is behind, %',
  publish: 'files for Tableau %',
  commit: "Kafka's group offsets %",
} as const;

/** Takes back what an earlier attempt of a step warned of: the step begins again, and says anew what is still so. */
export async function clearWarnings(db: Database, runId: string, step: keyof typeof patterns): Promise<void> {
  await query(
    db,
    `UPDATE run SET warnings = array(SELECT w FROM unnest(warnings) WITH ORDINALITY AS u (w, place)
                                     WHERE w NOT LIKE $2 ORDER BY place)
     WHERE run_id = $1 AND cardinality(warnings) > 0`,
    [runId, patterns[step]],
  );
}
