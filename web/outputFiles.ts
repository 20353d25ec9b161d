import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Response, Router } from 'express';
import { refuse } from './refuse.ts';

/** A CSV that can be downloaded; `href` is its address here. */
export type OutputFile = Readonly<{ name: string; href: string; bytes: number; modified: Date }>;

const csvName = /^[A-Za-z0-9_-]+\.csv$/;
/** What stands beside them for Tableau and Power Query, also what a person saved. */
const toolName = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)?\.(tds|twbx?|pq)$/;
const archive = 'archive';

/** Files of the output folder and of its archive, by name; none where there is no folder yet. */
export type OutputFiles = Readonly<Record<'current' | 'archived' | 'tools', OutputFile[]>>;

export async function outputFiles(outputDir: string): Promise<OutputFiles> {
  const [current, archived, tools] = await Promise.all([
    filesIn(outputDir, '/output', csvName),
    filesIn(join(outputDir, archive), `/output/${archive}`, csvName),
    filesIn(outputDir, '/output', toolName),
  ]);
  return { current, archived, tools };
}

/** Downloads: CSVs in the output folder and in its archive, and files for tools beside them; a link is not followed. */
export function outputRouter(outputDir: string): Router {
  const router = Router();
  router.get('/:name', async (request, response) => {
    const { name } = request.params;
    const sent =
      (await sendFile(response, outputDir, name, csvName)) || (await sendFile(response, outputDir, name, toolName));
    if (!sent) refuse(request, response, 404, missing);
  });
  router.get(`/${archive}/:name`, async (request, response) => {
    const sent = await sendFile(response, join(outputDir, archive), request.params.name, csvName);
    if (!sent) refuse(request, response, 404, missing);
  });
  return router;
}

const missing = 'there is no such file in the output folder';

async function sendFile(response: Response, folder: string, name: string, named: RegExp): Promise<boolean> {
  if ((await plainFile(folder, name, named)) === undefined) return false;
  return new Promise((resolve, reject) => {
    // The listing above said that it is there; a file that vanished since is a 404 as well.
    response.download(name, name, { root: folder }, (error?: NodeJS.ErrnoException) => {
      if (error === undefined || response.headersSent) resolve(true);
      else if (error.code === 'ENOENT') resolve(false);
      else reject(error);
    });
  });
}

async function filesIn(folder: string, address: string, named: RegExp): Promise<OutputFile[]> {
  const names = (await readdir(folder).catch(() => [])).sort();
  const files = await Promise.all(
    names.map(async (name) => {
      const stat = await plainFile(folder, name, named);
      return stat && { name, href: `${address}/${name}`, bytes: stat.size, modified: stat.mtime };
    }),
  );
  return files.filter((file) => file !== undefined);
}

async function plainFile(folder: string, name: string, named: RegExp) {
  if (!named.test(name)) return undefined;
  const stat = await lstat(join(folder, name)).catch(() => undefined);
  return stat?.isFile() ? stat : undefined;
}
