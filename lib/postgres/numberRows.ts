const [tab, newline, minus, zero, nine, letterN, backslash] = [9, 10, 45, 48, 57, 78, 92];

/**
 * Rows of COPY's text format where every column is a whole number, read from the bytes: by strings it would take longer
 * than PostgreSQL needs to send them. `\N` is NaN. Rows may be cut anywhere between two chunks.
 */
export class NumberRows {
  private readonly fields: Float64Array;
  private column = 0;
  private value = 0;
  private negative = false;
  private unknown = false;

  constructor(columns: number) {
    this.fields = new Float64Array(columns);
  }

  /** The rows that end in the chunk; each is the same array, filled anew. @throws RangeError on any other text */
  *read(chunk: Uint8Array): Generator<Float64Array> {
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] as number;
      if (byte >= zero && byte <= nine) this.value = this.value * 10 + (byte - zero);
      else if (byte === tab) this.endField();
      else if (byte === newline) {
        this.endField();
        this.column = 0;
        yield this.fields;
      } else if (byte === minus) this.negative = true;
      else if (byte === letterN) this.unknown = true;
      else if (byte !== backslash) throw new RangeError(`byte ${byte} is of no whole number`);
    }
  }

  private endField(): void {
    this.fields[this.column] = this.unknown ? Number.NaN : this.negative ? -this.value : this.value;
    this.column += 1;
    this.value = 0;
    this.negative = false;
    this.unknown = false;
  }
}
