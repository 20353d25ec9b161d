import { createHash } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import type { z } from 'zod';
import type { Settings } from '../../config/settings.ts';
import type { Views } from '../../lib/postgres/view/openViews.ts';
import type { PublishedView } from '../../lib/postgres/view/publishedView.ts';
import { withPatience } from '../patience.ts';
import type { AnswerCache } from './answerCache.ts';
import { parameters, parseParameters } from './parameters.ts';
import { sendProblem } from './problem.ts';

/** What the answers of an API are made with. */
export type ApiInput = Readonly<{ views: Views; settings: Settings; cache: AnswerCache }>;

export type RunName = Readonly<{
  run_id: string;
  /** What `?run=` takes to mean this very state: a run that is counted and later published is two states. */
  pin: string;
  as_of_utc: string | null;
  state: PublishedView['state'];
  published_at: string | null;
}>;

/** Raised where the same run is answered in another form: then browsers ask anew. */
export const apiVersion = '1.0.0';
const patienceMs = 12_000;
const away = 'PostgreSQL does not answer; the page goes on when it does, and nothing is lost';

export function runName(view: PublishedView, settings: Settings): RunName {
  return {
    run_id: view.runId,
    pin: pinOf(view, settings),
    as_of_utc: view.clock.asOfUtc,
    state: view.state,
    published_at: view.publishedAt?.toISOString() ?? null,
  };
}

type Shape = z.ZodRawShape;
type Parsed<S extends Shape> = z.output<z.ZodObject<S>>;

/**
 * A handler for one address: checks its parameters, takes the view that is shown now, answers 304, 409 or what `make`
 * makes of the view. `empty` is answered before the first run.
 */
export function answer<S extends Shape>(
  input: ApiInput,
  shape: S,
  empty: object,
  make: (view: PublishedView, parsed: Parsed<S>) => Promise<object>,
): RequestHandler {
  const whole = { ...shape, run: parameters.run };
  return async (request, response) => {
    const { run: pinned, ...parsed } = parseParameters(whole, { ...request.params, ...request.query }) as Parsed<S> & {
      run?: string;
    };
    const view = await shownView(input, response, pinned);
    if (view === 'refused') return;
    if (view === undefined) {
      response.set('Cache-Control', 'no-cache').json({ run: null, ...empty });
      return;
    }
    const tag = `"${pinOf(view, input.settings)}"`;
    response.set({ ETag: tag, 'Cache-Control': 'no-cache' });
    if (namesTag(request.headers['if-none-match'], tag)) {
      response.status(304).end();
      return;
    }
    const key = `${view.number} ${request.baseUrl}${request.path} ${JSON.stringify(parsed)}`;
    const body = await withPatience(
      input.cache.get(key, async () =>
        JSON.stringify({ run: runName(view, input.settings), ...(await make(view, parsed as Parsed<S>)) }),
      ),
      patienceMs,
      away,
    );
    response.type('json').send(body);
  };
}

/** The view to answer from; where the one who asks is bound to another run, that is said, and 'refused' returned. */
export async function shownView(
  { views, settings }: ApiInput,
  response: Response,
  pinned: string | undefined,
): Promise<PublishedView | undefined | 'refused'> {
  const view = await withPatience(views.current(), patienceMs, away);
  if (pinned === undefined) return view;
  if (view !== undefined && isPinned(view, settings, pinned)) return view;
  const now = view === undefined ? null : runName(view, settings);
  const detail = `run ${pinned} is no longer shown, ${now === null ? 'there is none' : `${now.run_id} is`}: ask for all parts again without run, or with its pin`;
  sendProblem(response, 409, detail, { run: now });
  return 'refused';
}

/** Not `request.fresh`: that looks away where a client that holds a copy says no-cache (fetch does, with its own header). */
function namesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  const names = (ifNoneMatch ?? '').split(',').map((name) => name.trim().replace(/^W\//, ''));
  return names.includes(tag) || names.includes('*');
}

/** A run_id alone means its published state. */
function isPinned(view: PublishedView, settings: Settings, pinned: string): boolean {
  return pinned === pinOf(view, settings) || (pinned === view.runId && view.state === 'published');
}

/** The same for each server that shows this state, whatever the address: clients compare it per address. */
export function pinOf(
  view: Pick<PublishedView, 'runId' | 'state' | 'publishedAt' | 'number'>,
  settings: Pick<Settings, 'dailyDays' | 'combinedDays' | 'timeZone' | 'silentDays'>,
): string {
  const { dailyDays, combinedDays, timeZone, silentDays } = settings;
  const moment = view.publishedAt?.getTime() ?? `counted ${process.pid} ${view.number}`;
  const what = [apiVersion, view.state, moment, dailyDays, combinedDays, timeZone, silentDays];
  const print = createHash('sha256').update(what.join('/')).digest('base64url').slice(0, 12);
  return `${view.runId}/${print}`;
}
