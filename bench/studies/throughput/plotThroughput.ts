import { writePlot } from '../../plot.ts';
import type { Ceilings, Whole } from './report.ts';

type Bar = Readonly<{ group: string; what: string; rate: number; kind: string }>;

/** Two panels of bars: the whole by contender, and tillcast's steps beside the ceilings. */
export async function plotThroughput(
  path: string,
  mainInput: string,
  wholes: readonly Whole[],
  { kafka, copy, papaparse }: Ceilings,
): Promise<void> {
  const whole = wholes.map(({ input, who, rowsPerSecond }): Bar => {
    return { group: input, what: who, rate: rowsPerSecond, kind: who === 'tillcast' ? 'tillcast' : 'others' };
  });
  const steps = wholes
    .filter(({ input }) => input === mainInput)
    .flatMap((one) => one.steps.filter(({ step }) => step !== 'commit' && step !== 'mirror'))
    .map(
      ({ step, rowsPerSecond }): Bar => ({ group: '', what: `step ${step}`, rate: rowsPerSecond, kind: 'tillcast' }),
    );
  const ceilings = [
    ['Kafka ProducerPerformance', kafka.perfProduce],
    ['Kafka ConsumerPerformance', kafka.perfConsume],
    ['one kafkajs producer', kafka.kafkajsProduce],
    ['one kafkajs reader', kafka.kafkajsConsume],
    ['COPY without a key', copy.none],
    ["COPY, the product's key", copy.product],
    ['COPY, bigint key', copy.bigint],
    ['COPY, text key', copy.text],
    ['papaparse', papaparse],
  ].flatMap(([what, rate]): Bar[] =>
    typeof rate === 'number' ? [{ group: '', what: `${what}`, rate, kind: 'others' }] : [],
  );
  const panel = (title: string, values: Bar[], scale: 'linear' | 'log') => ({
    title,
    data: { values },
    mark: 'bar' as const,
    width: 520,
    encoding: {
      y: { field: 'what', type: 'nominal' as const, sort: null, title: null, axis: { labelLimit: 400 } },
      x: { field: 'rate', type: 'quantitative' as const, title: 'rows per second', scale: { type: scale } },
      color: {
        field: 'kind',
        type: 'nominal' as const,
        scale: { domain: ['tillcast', 'others'], range: ['#1f6feb', '#a0a7b0'] },
        title: null,
      },
    },
  });
  const inputs = [...new Set(wholes.map(({ input }) => input))];
  await writePlot(path, {
    vconcat: [
      ...inputs.map((input) =>
        panel(
          `Files to CSVs, start-up included: ${input}`,
          whole.filter(({ group }) => group === input),
          'linear',
        ),
      ),
      panel(`tillcast's steps beside the ceilings: ${mainInput}`, [...steps, ...ceilings], 'linear'),
    ],
  });
}
