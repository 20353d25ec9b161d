import { readFileSync } from 'node:fs';
import type { RequestHandler } from 'express';

/** docs/openapi.json, read once. */
export function openApiFile(): RequestHandler {
  const text = readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8');
  return (_request, response) => {
    response.set('Cache-Control', 'no-cache').type('json').send(text);
  };
}
