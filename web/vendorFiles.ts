import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { type RequestHandler, Router } from 'express';

/** The charts' libraries as a browser takes them, from node_modules: nothing is asked of another server. */
const files: Readonly<Record<string, () => string>> = {
  'vega.js': () => beside('vega', 'vega.min.js'),
  'vega-lite.js': () => beside('vega-lite', 'vega-lite.min.js'),
  'vega-interpreter.js': () => withGlobalVega(beside('vega-interpreter', 'vega-interpreter.js')),
};

export function vendorFiles(): Router {
  const router = Router();
  for (const [name, text] of Object.entries(files)) router.get(`/${name}`, served(text));
  return router;
}

/** Read and packed at the first request; a browser keeps it and asks whether it is still the same. */
function served(text: () => string): RequestHandler {
  let packed: Readonly<{ plain: Buffer; zipped: Buffer; tag: string }> | undefined;
  return (request, response) => {
    packed ??= pack(text());
    const zip = request.acceptsEncodings('gzip') === 'gzip';
    response.set({ 'Cache-Control': 'no-cache', ETag: packed.tag, Vary: 'Accept-Encoding' });
    if (zip) response.set('Content-Encoding', 'gzip');
    response.type('text/javascript').send(zip ? packed.zipped : packed.plain);
  };
}

function pack(text: string) {
  const plain = Buffer.from(text, 'utf8');
  const tag = `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 16)}"`;
  return { plain, zipped: gzipSync(plain, { level: 9 }), tag };
}

/** The packages' exports hide single files; each has its built ones beside what it exports. */
function beside(library: string, name: string): string {
  return readFileSync(new URL(name, import.meta.resolve(library)), 'utf8');
}

/** Vega as one file has vega-util inside; the interpreter comes as a module that imports it by name. */
function withGlobalVega(text: string): string {
  return text.replace(/^import \{([^}]*)\} from 'vega-util';/m, 'const {$1} = globalThis.vega;');
}
