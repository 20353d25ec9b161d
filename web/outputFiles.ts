import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Response, Router } from 'express';
import { refuse } from './refuse.ts';

/** A CSV that can be downloaded; `href` is its address here. */
export type OutputFile = Readonly<{ name: string; href: string; bytes: number; modified: Date }>;

const csvName = /^[A-Za-z0-9_-]+\.csv$/;
const archive = 'archive';

/** The CSVs of the output folder and of its archive, by name; none where there is no folder yet. */
export async function outputFiles(outputDir: string): Promise<{ current: OutputFile[]; archived: OutputFile[] }> {
  const [current, archived] = await Promise.all([
    csvsIn(outputDir, '/output'),
    csvsIn(join(outputDir, archive), `/output/${archive}`),
  ]);
  return { current, archived };
}

/** Downloads: only `*.csv` right in the output folder and in its archive; a link is not followed. */
export function outputRouter(outputDir: string): Router {
  const router = Router();
  router.get('/:name', async (request, response) => {
    if (!(await sendCsv(response, outputDir, request.params.name))) refuse(request, response, 404, missing);
  });
  router.get(`/${archive}/:name`, async (request, response) => {
    const sent = await sendCsv(response, join(outputDir, archive), request.params.name);
    if (!sent) refuse(request, response, 404, missing);
  });
  return router;
}

const missing = 'there is no such CSV in the output folder';

async function sendCsv(response: Response, folder: string, name: string): Promise<boolean> {
  if ((await csvFile(folder, name)) === undefined) return false;
  return new Promise((resolve, reject) => {
    // The listing above said that it is there; a file that vanished since is a 404 as well.
    response.download(name, name, { root: folder }, (error?: NodeJS.ErrnoException) => {
      if (error === undefined || response.headersSent) resolve(true);
      else if (error.code === 'ENOENT') resolve(false);
      else reject(error);
    });
  });
}

async function csvsIn(folder: string, address: string): Promise<OutputFile[]> {
  const names = (await readdir(folder).catch(() => [])).sort();
  const files = await Promise.all(
    names.map(async (name) => {
      const stat = await csvFile(folder, name);
      return stat && { name, href: `${address}/${name}`, bytes: stat.size, modified: stat.mtime };
    }),
  );
  return files.filter((file) => file !== undefined);
}

async function csvFile(folder: string, name: string) {
  if (!csvName.test(name)) return undefined;
  const stat = await lstat(join(folder, name)).catch(() => undefined);
  return stat?.isFile() ? stat : undefined;
}
