import { join } from 'node:path';
import express, { type RequestHandler } from 'express';

/** Scripts and styles of the pages; a browser keeps them and asks whether they are still the same. */
export function publicFiles(): RequestHandler {
  const folder = join(import.meta.dirname, 'public');
  return express.static(folder, {
    index: false,
    setHeaders: (response) => response.setHeader('Cache-Control', 'no-cache'),
  });
}
