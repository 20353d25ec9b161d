import { listInput } from '../lib/source/inputFolder.ts';

/** Tells when the input folder has something to read, at the price of a look at its names, sizes and times. */
export type FolderWatch = Readonly<{
  changed(): Promise<boolean>;
  /** Says `changed` at the next look, whatever it sees: who asked has not read yet. */
  again(): void;
}>;

const lookEveryMs = 500;

/**
 * Says `changed` once for each change. A last line without its end may be taken when its file has been still for
 * `settleMs`: so it says it once more then.
 */
export function watchFolder(inputDir: string, settleMs: number): FolderWatch {
  let seen: string | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let settlesAt: number | undefined;
  return {
    again() {
      seen = undefined;
      lookedAt = Number.NEGATIVE_INFINITY;
    },
    async changed() {
      const now = Date.now();
      if (now - lookedAt < lookEveryMs) return false;
      lookedAt = now;
      const { files } = await listInput(inputDir);
      const state = files.map((file) => `${file.name} ${file.inode} ${file.sizeBytes} ${file.modifiedMs}`).join('\n');
      if (state !== seen) {
        seen = state;
        settlesAt = now + settleMs + lookEveryMs;
        return true;
      }
      if (settlesAt === undefined || now < settlesAt) return false;
      settlesAt = undefined;
      return true;
    },
  };
}
