import { createHash } from "node:crypto";
import { createGzip } from "node:zlib";

/** Packs text as it comes; what waits is a few blocks of zlib's. */
export class Spool {
  readonly #gzip;
  readonly #packed: Uint8Array[] = [];
  readonly #hash = createHash("sha256");
  readonly #ended: Promise<void>;

  /** @param level of zlib: 6 for what is kept and read often, 1 for what is read once */
  constructor(level: 1 | 6 = 6) {
    this.#gzip = createGzip({ level });
    this.#gzip.on("data", (piece: Uint8Array) => this.#packed.push(piece));
    this.#ended = new Promise((resolve, reject) => {
      this.#gzip.once("end", resolve);
      this.#gzip.once("error", reject);
    });
  }

  async write(text: string): Promise<void> {
    if (text === "") return;
    const bytes = Buffer.from(text, "utf8");
    this.#hash.update(bytes);
    if (!this.#gzip.write(bytes)) await new Promise<void>((resolve) => this.#gzip.once("drain", resolve));
  }

  async end(): Promise<{ readonly packed: readonly Uint8Array[]; readonly contentHash: string }> {
    this.#gzip.end();
    await this.#ended;
    return { packed: this.#packed, contentHash: this.#hash.digest("hex") };
  }
}
