/**
 * How far an export file was read. Sizes and positions are bytes, lines are physical and count the header as 1, times
 * are milliseconds since 1970, hashes SHA-256. `openLineAt`: start of a last line that was taken without its line end.
 */
export type FileProgress = Readonly<{
  name: string;
  kind: string;
  inode: string;
  sizeBytes: number;
  modifiedMs: number;
  reading: number;
  appliedTo: number;
  appliedLines: number;
  /** Lines of this reading that are events; blank, rejected and repeated header lines are not. */
  validRows: number;
  openLineAt: number | null;
  headHash: string;
  tailHash: string;
  wholeHash: string | null;
  wholeTo: number | null;
  /** The closed business date at which the whole applied part was last compared. */
  checkedOn: string | null;
}>;
