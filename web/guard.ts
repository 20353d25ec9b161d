import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Settings } from '../config/settings.ts';
import { refuse } from './refuse.ts';

const loopbackNames = ['127.0.0.1', 'localhost', '[::1]'];
const everyAddress = ['0.0.0.0', '::', '[::]'];

/** Nothing is loaded from elsewhere, no other page may frame ours. */
const policy = "frame-ancestors 'none'; form-action 'self'; object-src 'none'";
export const ownPages = `default-src 'self'; base-uri 'none'; ${policy}`;
/** bull-board sets styles from its script, carries its colours inline and names its own <base>. */
export const queuePages = `default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'self'; ${policy}`;

/** What every answer says about itself. Same-origin as referrer: with no-referrer, forms would send `Origin: null`. */
export const headers: RequestHandler = (request, response, next) => {
  const queues = request.path === '/queues' || request.path.startsWith('/queues/');
  response.set({
    'Content-Security-Policy': queues ? queuePages : ownPages,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  });
  next();
};

/**
 * Answers only to the names this server goes by: a foreign name that was made to point here (DNS rebinding) would read
 * pages as if they were its own. Listening on every address has no name to compare; config asks for a password there.
 */
export function onlyOurNames(settings: Settings): RequestHandler {
  if (everyAddress.includes(settings.host)) return (_request, _response, next) => next();
  const configured = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  const names = new Set([...loopbackNames, configured.toLowerCase()]);
  return (request, response, next) => {
    const name = /^(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d+)?$/.exec((request.headers.host ?? '').toLowerCase())?.[1];
    if (name !== undefined && names.has(name)) return next();
    const sentence = `this address is not one that tillcast goes by: open it as http://127.0.0.1:PORT, or set HOST and WEB_PASSWORD to serve other names`;
    refuse(request, response, 403, sentence);
  };
}

/** Asks for the password, whatever the user's name. Both sides are hashed, so that time tells nothing of its length. */
export function onlyWithPassword(password: string | undefined): RequestHandler {
  if (password === undefined) return (_request, _response, next) => next();
  const expected = digest(password);
  return (request, response, next) => {
    const encoded = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const given = /^[^:]*:(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8'))?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return next();
    response.set('WWW-Authenticate', 'Basic realm="tillcast", charset="UTF-8"');
    refuse(request, response, 401, 'this page asks for the password that WEB_PASSWORD holds; any user name will do');
  };
}

/** Lets writes in only from our own pages: any web page can make a browser send a POST to 127.0.0.1 (queue.md, 3.3). */
export const onlyOwnWrites: RequestHandler = (request, response, next) => {
  if (request.method === 'GET' || request.method === 'HEAD') return next();
  const { origin, host = '' } = request.headers;
  const own =
    origin === undefined
      ? request.headers['sec-fetch-site'] === 'same-origin'
      : [`http://${host}`, `https://${host}`].includes(origin);
  if (own) return next();
  const sentence = `nothing was done: a change must come from tillcast's own pages (Origin: http://${host}), this came from ${origin ?? 'no page at all'}`;
  refuse(request, response, 403, sentence);
};

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
