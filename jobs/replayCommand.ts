import { readSettings } from '../config/settings.ts';
import { runCommand, say } from './command.ts';
import type { Pipeline } from './pipeline.ts';
import { renewTopic, replay } from './replay.ts';
import { withRememberedInput } from './withServices.ts';

const help = `
npm run replay -- --from-files | --from-kafka | --new-topic [--anyway] [--dataset NAME] [--output DIR]

Rebuilds everything from its source beside the present state, verifies it, and swaps: readers see the one or the other.
  --from-files     from the exports in the dataset's input folder, through a fresh topic
  --from-kafka     from the topic; names, rejected rows and file watermarks, which Kafka does not hold, stay as they are
  --new-topic      keeps what PostgreSQL holds and goes on with a fresh topic (ETL_KAFKA_GAP): what was not applied is
                   sent again from the files
  --anyway         swap although the source lacks events that PostgreSQL holds
  --dataset NAME   the dataset (DATASET, main)
  --output DIR     the folder of the CSVs (OUTPUT_DIR, output/)
Needs as much disk again as the dataset takes. The last line of stdout is JSON. Exit 0 only if it succeeded.
`;

await runCommand({
  help,
  flags: {
    'from-files': { type: 'boolean' },
    'from-kafka': { type: 'boolean' },
    'new-topic': { type: 'boolean' },
    anyway: { type: 'boolean' },
    dataset: { type: 'string' },
    output: { type: 'string' },
  },
  async run(flags, signal) {
    const chosen = (['from-files', 'from-kafka', 'new-topic'] as const).filter((flag) => flags[flag] === true);
    const [way] = chosen;
    if (way === undefined || chosen.length > 1) {
      process.stderr.write(`Say one of --from-files, --from-kafka and --new-topic.\n${help}`);
      return 2;
    }
    const settings = readSettings({ DATASET: flags.dataset, OUTPUT_DIR: flags.output });
    const anyway = flags.anyway === true;
    const work = async (pipeline: Pipeline) => {
      if (way === 'new-topic') return { topic: await renewTopic(pipeline, say) };
      return replay(pipeline, { source: way === 'from-files' ? 'files' : 'kafka', anyway }, say);
    };
    const result = await withRememberedInput(settings, say, signal, work);
    process.stdout.write(`${JSON.stringify({ ok: true, ...result })}\n`);
    return 0;
  },
});
