import { inspect } from 'node:util';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { messageOf, TillcastError } from '../lib/core/errors.ts';
import { html } from '../lib/core/markup.ts';
import { sendProblem } from './api/problem.ts';
import { page } from './page.ts';
import { sentence } from './words.ts';

/** Answers with one sentence: as a page, or in the form in which the queue UI shows it. */
export function refuse(request: Request, response: Response, status: number, text: string): void {
  response.status(status);
  if (request.originalUrl.startsWith('/queues/api/')) {
    response.json({ error: { key: 'ERRORS.FORBIDDEN' }, message: sentence(text) });
    return;
  }
  if (request.originalUrl.startsWith('/api/')) {
    sendProblem(response, status, text);
    return;
  }
  const body = html`<main id="main"><h1>${titles[status] ?? 'This did not work'}</h1><p>${sentence(text)}</p>
<p><a href="/">To the dashboard</a>, <a href="/runs">to the runs</a></p></main>`;
  response.type('html').send(page({ title: `${status} · tillcast`, body }));
}

const titles: Readonly<Record<number, string>> = {
  401: 'Password needed',
  403: 'Refused',
  404: 'Nothing here',
  503: 'Not available now',
};

export const nothingHere: RequestHandler = (request, response) => {
  refuse(request, response, 404, 'there is no page at this address');
};

/** Errors as sentences. A stack goes to the log alone, and only for what is a fault in tillcast itself. */
export const asSentence: ErrorRequestHandler = (error: unknown, request, response, next) => {
  if (response.headersSent) return next(error);
  const status = (error as { status?: unknown } | null)?.status;
  if (error instanceof TillcastError) return refuse(request, response, error.retryable ? 503 : 500, messageOf(error));
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return refuse(request, response, status, 'this address or request cannot be understood');
  }
  process.stderr.write(`A fault in tillcast, please report it: ${inspect(error)}\n`);
  refuse(request, response, 500, 'a fault in tillcast; its log says more');
};
