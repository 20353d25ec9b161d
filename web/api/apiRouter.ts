import { Router } from 'express';
import { linearTrend } from '../../lib/core/linearTrend.ts';
import { openDatabase } from '../../lib/postgres/pool.ts';
import { openViews } from '../../lib/postgres/view/openViews.ts';
import type { WebInput } from '../webInput.ts';
import type { ApiInput } from './answer.ts';
import { answerCache } from './answerCache.ts';
import { clusterProfiles, forecast, forecastAccuracy, forecastByItem, pastForecasts } from './forecastApi.ts';
import { freshness } from './freshness.ts';
import { batchLatency, dataQuality } from './healthApi.ts';
import { days, eventRows, items, lowestPairs, stores } from './itemsApi.ts';
import { kpis } from './kpis.ts';
import { openApiFile } from './openApiFile.ts';
import { asProblem, nothingAtThisPath } from './problem.ts';
import { runsApi } from './runsApi.ts';
import { salesDaily, salesHourly, salesHoursOfDay, salesTopItems } from './salesApi.ts';
import { stock, stockFile } from './stockApi.ts';
import { openStream } from './stream.ts';

/** `endStreams` ends what would never end by itself, so that a server can close. */
export type Api = Readonly<{ router: Router; endStreams(): void; close(): Promise<void> }>;

/** The JSON API of a dataset with connections of its own, so that pages never take those of the pipeline. */
export function openApi(web: WebInput): Api {
  const { settings, urls, db, holder } = web.pipeline;
  const reading = openDatabase(urls.postgresUrl, settings.dataset, `${holder}:pages`);
  const views = openViews(reading, {
    combinedDays: settings.combinedDays,
    dailyDays: settings.dailyDays,
    timeZone: settings.timeZone,
    escapeFormulas: false,
    silentDays: settings.silentDays,
    fitTrend: linearTrend,
  });
  const cache = answerCache();
  const stopHearing = views.onChange(() => cache.clear());
  const input: ApiInput = { views, settings, cache };
  const stream = openStream(input, db);
  const router = Router();
  router.get('/freshness', freshness(input, web));
  router.get('/stream', stream.handler);
  router.get('/kpis', kpis(input));
  router.get('/stores', stores(input));
  router.get('/items', items(input));
  router.get('/stock', stock(input));
  router.get('/stock.csv', stockFile(input));
  router.get('/sales/daily', salesDaily(input));
  router.get('/sales/hourly', salesHourly(input));
  router.get('/sales/hours-of-day', salesHoursOfDay(input));
  router.get('/sales/top-items', salesTopItems(input));
  router.get('/forecast', forecast(input));
  router.get('/forecast/items', forecastByItem(input));
  router.get('/days', days(input));
  router.get('/events', eventRows(input));
  router.get('/lowest', lowestPairs(input));
  router.get('/accuracy', forecastAccuracy(input));
  router.get('/forecast-history', pastForecasts(input));
  router.get('/clusters', clusterProfiles(input));
  router.get('/quality', dataQuality(input));
  router.get('/latency', batchLatency(input));
  router.get('/openapi.json', openApiFile());
  router.use(runsApi(web));
  router.use(nothingAtThisPath, asProblem);
  return {
    router,
    endStreams: stream.close,
    async close() {
      stopHearing();
      stream.close();
      await views.close();
      await reading.close();
    },
  };
}
