import { type Question, questionNames } from './questions.ts';
import { type MeasuredLayout, msOf, ownLayout, type QueryResult, readingOf, withoutIndex } from './result.ts';

/** What the issue asks of a question about a pair or the lowest, by the server's execution time. */
export const soonEnoughMs = 2;
/** Less is noise, or nothing that anybody would notice. */
const gainTimes = 1.5;
const gainMs = 0.5;

const ownUse = { events: 'it tells a repeated event', deltas: 'it finds the deltas of a run or a pair' } as const;

/** How many times faster than the same source without any index, where it is worth a word. Two workers allowed. */
export function gainsOf(result: QueryResult, layout: MeasuredLayout): ReadonlyMap<Question, number> {
  const bare = withoutIndex(result, layout.source);
  return new Map(questionNames.flatMap((question) => notable(question, layout, 2, bare, layout)));
}

/** How many times slower, the worse with and without workers: the planner may take an index that does harm. */
export function lossesOf(result: QueryResult, layout: MeasuredLayout): ReadonlyMap<Question, number> {
  const bare = withoutIndex(result, layout.source);
  const losses = (workers: 0 | 2) =>
    questionNames.flatMap((question) => notable(question, layout, workers, layout, bare));
  return new Map([...losses(0), ...losses(2)].sort(([, a], [, b]) => a - b));
}

/** A difference between two plans that read the whole table is the machine's, not the index's. */
function notable(
  question: Question,
  indexed: MeasuredLayout,
  workers: 0 | 2,
  slower: MeasuredLayout,
  faster: MeasuredLayout,
): [Question, number][] {
  const [before, after] = [msOf(slower, question, workers), msOf(faster, question, workers)];
  const used = readingOf(indexed, question, workers).plan.some((line) => /Index/.test(line));
  return used && before / after >= gainTimes && before - after >= gainMs ? [[question, before / after]] : [];
}

/** Whether the layout's indexes earn their keep for these questions, in a sentence. */
export function verdictOf(result: QueryResult, layout: MeasuredLayout): string {
  const gains = gainsOf(result, layout);
  const own = ownLayout(result, 'totals');
  if (layout.source !== 'totals') {
    const better = [...gains.keys()].filter((question) => msOf(layout, question) < msOf(own, question));
    if (layout.own) return better.length > 0 ? `yes: ${better.join(', ')}` : `not for this: ${ownUse[layout.source]}`;
    if (layout.statistics) return statisticsVerdict(result, layout);
    if (gains.size === 0) return 'no: helps nothing';
    return better.length > 0 ? `only for ${better.join(', ')}` : 'no: totals answer all of it sooner';
  }
  if (layout === own) return gains.size === 0 ? 'for upserting alone' : 'yes: upserting needs it too';
  const slow = questionNames.filter((question) => question !== 'all pairs' && msOf(own, question) > soonEnoughMs);
  const mended = slow.filter(
    (question) => msOf(layout, question) <= soonEnoughMs && msOf(own, question) / msOf(layout, question) >= gainTimes,
  );
  if (mended.length > 0) return `yes: brings ${mended.join(', ')} within ${soonEnoughMs} ms`;
  return slow.length === 0 ? `no: within ${soonEnoughMs} ms without it` : 'no: helps nothing that is slow';
}

function statisticsVerdict(result: QueryResult, layout: MeasuredLayout): string {
  const untold = result.layouts.find(
    ({ source, name }) => source === layout.source && layout.name === `${name}, statistics`,
  );
  if (untold === undefined || lossesOf(result, untold).size === 0) return 'no: the planner does not err';
  return lossesOf(result, layout).size === 0 ? 'yes: the planner no longer errs' : 'no: the planner still errs';
}
