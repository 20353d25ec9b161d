import { inspect } from 'node:util';
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { messageOf, TillcastError } from '../../lib/core/errors.ts';
import { sentence } from '../words.ts';

/** An answer that is an error, as RFC 9457 tells it. */
export type Problem = Readonly<{
  type: string;
  title: string;
  status: number;
  detail: string;
  /** For 409: the run that is shown now. */
  run?: unknown;
}>;

const titles: Readonly<Record<number, string>> = {
  400: 'A parameter cannot be understood',
  401: 'Password needed',
  403: 'Refused',
  404: 'Nothing here',
  409: 'Another run is shown now',
  500: 'A fault in tillcast',
  503: 'Not available now',
};

const retryAfterSeconds = 2;

/** A mistake of the one who asked. `detail` names the parameter, what was expected, and what came. */
export class RequestError extends Error {
  readonly status: number;
  constructor(status: number, detail: string) {
    super(detail);
    this.name = new.target.name;
    this.status = status;
  }
}

/** `detail` becomes a sentence, unless it begins with a parameter's name. */
export function sendProblem(response: Response, status: number, detail: string, more: { run?: unknown } = {}): void {
  const title = titles[status] ?? 'This did not work';
  const problem: Problem = {
    type: 'about:blank',
    title,
    status,
    detail: status === 400 ? detail : sentence(detail),
    ...more,
  };
  if (status === 503) response.set('Retry-After', String(retryAfterSeconds));
  response
    .status(status)
    .set('Cache-Control', 'no-store')
    .type('application/problem+json')
    .send(JSON.stringify(problem));
}

export const nothingAtThisPath: RequestHandler = (_request, response) => {
  sendProblem(response, 404, 'the API has nothing at this address; /api/openapi.json lists what it has');
};

/** Errors as problem+json. A stack goes to the log alone, and only for what is a fault in tillcast itself. */
export const asProblem: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) return next(error);
  if (error instanceof RequestError) return sendProblem(response, error.status, error.message);
  if (error instanceof TillcastError) return sendProblem(response, error.retryable ? 503 : 500, messageOf(error));
  const status = (error as { status?: unknown } | null)?.status;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return sendProblem(response, status, 'this address or request cannot be understood');
  }
  process.stderr.write(`A fault in tillcast, please report it: ${inspect(error)}\n`);
  sendProblem(response, 500, 'a fault in tillcast; its log says more');
};
