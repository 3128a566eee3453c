/** Bytes of a piece: large enough to be few, small enough to be let go early. */
const pieceBytes = 1 << 20;

/** Rows as text, gathered into pieces of about a mebibyte, each with a buffer of its own that can be moved to a thread. */
export class Ndjson {
  readonly #pieces: Uint8Array[] = [];
  #text = "";

  add(row: object): void {
    this.#text += `${JSON.stringify(row)}\n`;
    if (this.#text.length >= pieceBytes) this.#cut();
  }

  end(): readonly Uint8Array[] {
    if (this.#text !== "") this.#cut();
    return this.#pieces;
  }

  #cut(): void {
    this.#pieces.push(new TextEncoder().encode(this.#text));
    this.#text = "";
  }
}

/** The rows again, one at a time; pieces end at line ends. */
export function* rowsOf<Row>(pieces: readonly Uint8Array[]): Generator<Row> {
  const text = new TextDecoder();
  for (const piece of pieces)
    for (let start = 0; start < piece.length; ) {
      const end = piece.indexOf(10, start);
      yield JSON.parse(text.decode(piece.subarray(start, end))) as Row;
      start = end + 1;
    }
}
