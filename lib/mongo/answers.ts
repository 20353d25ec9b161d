import { MongoClient } from 'mongodb';
import { messageOf } from '../core/errors.ts';

/** Whether a server answers, and which; `reason` is one line without secrets. Never throws. */
export type MongoAnswer = { ok: true; server: string } | { ok: false; reason: string };

/** Asks the server at `url` who it is, within about `timeoutMs`: `MongoDB 8.0.4` or `FerretDB 1.18.0 (SQLite)`. */
export async function mongoAnswers(url: string, timeoutMs = 5000): Promise<MongoAnswer> {
  try {
    const client = new MongoClient(url, {
      serverSelectionTimeoutMS: timeoutMs,
      connectTimeoutMS: timeoutMs,
      socketTimeoutMS: timeoutMs,
      maxPoolSize: 1,
    });
    try {
      const info = await client.db('admin').command({ buildInfo: 1 });
      const ferret: unknown = info.ferretdbVersion ?? info.ferretdb?.version;
      const server = ferret === undefined ? `MongoDB ${String(info.version)}` : `FerretDB ${String(ferret)}`;
      return { ok: true, server: server.replace(/ v(?=\d)/, ' ') };
    } finally {
      await client.close();
    }
  } catch (error) {
    return { ok: false, reason: messageOf(error) };
  }
}
