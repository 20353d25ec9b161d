import { addMonths } from '../lib/core/calendar.ts';
import { type Bands, ForecastBook, type SumForecast } from '../lib/core/forecast/forecastBook.ts';
import { type PairForecast, pairForecast } from '../lib/core/forecast/pairForecast.ts';
import { classOf, type PairPlanning, type PairRecord } from '../lib/core/forecast/pairRecord.ts';
import type { AccuracyRow } from '../lib/core/forecast/scoreBoard.ts';
import { abcClasses } from '../lib/core/planning/abcXyz.ts';
import { orderFigures } from '../lib/core/planning/reorder.ts';
import { ScorePools } from '../lib/core/planning/serviceQuantile.ts';
import { withRecords } from '../lib/postgres/forecastScores.ts';
import { type Cells, replaceForecast, type TableWriter } from '../lib/postgres/forecastTables.ts';
import type { Run } from '../lib/postgres/ledger.ts';
import type { Chain, PlanningOf } from './forecastStep.ts';
import type { Pipeline } from './pipeline.ts';

/** Fewer known days than this: the figure is a first guess. */
const lowHistoryDays = 56;

/**
 * Second half of the forecast: what all pairs share (bands, accuracy, service levels, ABC) from the records of all, in
 * two passes that keep memory flat, and the figures that the outputs show.
 */
export async function poolForecasts(
  { db, settings }: Pipeline,
  run: Run,
  made: Readonly<{ asOfDate: string; planningOf: PlanningOf; madeAs: string; chain: Chain }>,
  signal: AbortSignal,
): Promise<void> {
  const { asOfDate, planningOf, madeAs, chain } = made;
  const { origins, outlook } = chain;
  const forecastOf = ({ basis }: PairRecord) => pairForecast(basis, origins, outlook.outlookOf(basis.storeId));
  const book = new ForecastBook(origins, settings.forecastConfidence);
  const services = new ScorePools();
  const units: number[] = [];
  await withRecords(db, async (eachRecord) => {
    await eachRecord((record) => {
      const { planning } = record;
      book.learn(forecastOf(record));
      if (planning.horizonDays > 0) services.add(planning.horizonDays, planning);
      units.push(planning.yearUnits);
    });
    book.endLearning();
    signal.throwIfAborted();
    const abc = abcClasses(Float64Array.from(units), settings.abcCuts);
    await replaceForecast(db, run, { asOfDate, madeAs }, async (write) => {
      let place = 0;
      const sums: SumForecast[] = [];
      const pairs = write('forecast_pair');
      await eachRecord((record) => {
        const forecast = forecastOf(record);
        const { bands, item } = book.judge(forecast);
        if (item !== undefined) sums.push(item);
        const cells = pairCells(forecast, record.planning, bands, abc[place] as string, services, planningOf);
        place += 1;
        return pairs.write(cells);
      });
      await pairs.end();
      sums.push(...book.end());
      await writeAll(write('forecast_sum'), sums.map(sumCells));
      await writeAll(write('forecast_accuracy'), book.accuracy.map(accuracyCells));
    });
  });
}

async function writeAll(table: TableWriter, rows: readonly Cells[]): Promise<void> {
  for (const row of rows) await table.write(row);
  await table.end();
}

function pairCells(
  forecast: PairForecast,
  planning: PairPlanning,
  bands: Bands,
  abcClass: string,
  services: ScorePools,
  planningOf: PlanningOf,
): Cells {
  const { storeId, itemId } = forecast;
  const values = planningOf(storeId, itemId);
  const { horizonDays, pool, scale } = planning;
  const quantile = horizonDays > 0 ? services.serviceQuantile(values.serviceLevel, horizonDays, pool) : undefined;
  const order = orderFigures(values, forecast.level, quantile, scale);
  const last = forecast.planningNext.length - 1;
  // Without a known day there is nothing that a level could be made of.
  const known = planning.everSold && planning.knownDays > 0;
  const figure = (value: number | undefined) => (known ? value : undefined);
  return [
    storeId,
    itemId,
    planning.everSold ? (planning.knownDays < lowHistoryDays ? 'low_history' : 'ok') : 'no_demand',
    classOf(forecast),
    figure(forecast.level),
    figure(forecast.planningCurrent[last]),
    figure(bands.current_month?.lower),
    figure(bands.current_month?.upper),
    figure(forecast.planningNext[last]),
    figure(bands.next_month?.lower),
    figure(bands.next_month?.upper),
    figure(forecast.lastNext[last]),
    figure(forecast.meanNext[last]),
    figure(planning.lostUnits),
    figure(order?.safetyStock),
    figure(order?.reorderPoint),
    figure(order?.orderUpTo),
    figure(order === undefined ? undefined : values.packSize),
    abcClass,
    'XYZ'[planning.xyz],
  ];
}

function sumCells({ level, storeId, itemId, figures, bands }: SumForecast): Cells {
  const last = figures.last.length - 1;
  return [
    level,
    storeId,
    itemId,
    figures.planning.current_month[last],
    bands.current_month?.lower,
    bands.current_month?.upper,
    figures.planning.next_month[last],
    bands.next_month?.lower,
    bands.next_month?.upper,
    figures.last[last],
    figures.mean[last],
  ];
}

function accuracyCells(row: AccuracyRow & { level: string }): Cells {
  return [
    row.level,
    row.class,
    row.model,
    row.target,
    row.month === undefined ? undefined : addMonths('0000-01-01', row.month),
    row.origins,
    row.n,
    row.wape,
    row.bias,
    row.mase,
    row.rmsse,
    row.pinball,
    row.coverage,
    row.skill.last_month,
    row.skill.mean_28d,
    row.skill.linear,
    row.skill.run_rate,
  ];
}
