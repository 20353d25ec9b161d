import type { Settings } from '../config/settings.ts';
import { rowRules } from '../jobs/rowRules.ts';
import { eventId, rowFingerprint } from '../lib/core/eventIdentity.ts';
import { Occurrences } from '../lib/core/occurrences.ts';
import { rowParser } from '../lib/core/parseRow.ts';
import type { OutgoingEvent } from '../lib/kafka/eventProducer.ts';
import { listInput } from '../lib/source/inputFolder.ts';
import { fileHeader, partRows } from '../lib/source/partRows.ts';

/** The change lines of a folder of exports as the product would send them, read by its own parser. */
export async function changeEvents(settings: Settings, inputDir: string): Promise<OutgoingEvent[]> {
  const events: OutgoingEvent[] = [];
  const rules = rowRules(settings, new Map(), new Date());
  for (const { name, path, kind, sizeBytes } of (await listInput(inputDir)).files) {
    if (kind !== 'change') continue;
    const read = await fileHeader(path, kind, sizeBytes);
    if (!('header' in read)) continue;
    const occurrences = new Occurrences();
    const part = { path, from: 0, to: sizeBytes, linesBefore: 0 };
    for await (const { rows } of partRows(part, read.header, rowParser(kind, read.header, rules))) {
      for (const { row, line } of rows) {
        const fingerprint = rowFingerprint(row);
        const event = { ...row, eventId: eventId(row, fingerprint, occurrences.add(fingerprint)) };
        events.push({ event, from: { file: name, line } });
      }
    }
  }
  return events;
}
