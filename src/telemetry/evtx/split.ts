import { crc32 } from "node:zlib";
import { problem } from "#core/result.ts";
import type { OnLine, OnRefused, Splitter } from "#telemetry/lines.ts";
import { chunkBytes, readChunk } from "./chunk.ts";

/** Bytes before the first chunk. */
const fileHeaderBytes = 4096;
/** Flag of the file header: chunks bear no checksums. Not in [libevtx]; other readers have met such files. */
const withoutChecksums = 0x04;
const signature = Buffer.from("ElfFile\0");
export const chunkSignature: Uint8Array = Buffer.from("ElfChnk\0");

/**
 * Reads an EVTX file chunk by chunk, never more than one in memory, and hands each record on as a line of JSON, flat as
 * windows-event.ts says. A "line" is a record, counted from 1 in the order of the file, with those that cannot be read.
 * What the header says of the file is only checked: files that Windows had open say too little. A stream of bare chunks,
 * as carved from a disk, is read too.
 */
export class EvtxSplitter implements Splitter {
  lines = 0;
  readonly #buffer = new Uint8Array(chunkBytes);
  #filled = 0;
  #chunk = 0;
  #inHeader = true;
  #checksums = true;
  readonly #encoder = new TextEncoder();

  push(bytes: Uint8Array, onLine: OnLine, onRefused: OnRefused): void {
    let at = 0;
    while (at < bytes.length) {
      const wanted = (this.#inHeader ? fileHeaderBytes : chunkBytes) - this.#filled;
      const part = bytes.subarray(at, at + wanted);
      this.#buffer.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#inHeader && this.#filled === fileHeaderBytes) this.#header(onRefused);
      else if (!this.#inHeader && this.#filled === chunkBytes) this.#read(onLine, onRefused);
    }
  }

  end(onLine: OnLine, onRefused: OnRefused): void {
    if (this.#filled === 0) return;
    if (this.#inHeader) onRefused(1, problem("WGL_EVTX_HEADER"));
    else this.#read(onLine, onRefused);
    this.#filled = 0;
  }

  #header(onRefused: OnRefused): void {
    this.#inHeader = false;
    // Bare chunks: these bytes are the beginning of the first.
    if (Buffer.from(chunkSignature).equals(this.#buffer.subarray(0, 8))) return;
    const view = new DataView(this.#buffer.buffer);
    const sound =
      signature.equals(this.#buffer.subarray(0, 8)) &&
      crc32(this.#buffer.subarray(0, 120)) === view.getUint32(124, true);
    if (sound) this.#checksums = (view.getUint32(120, true) & withoutChecksums) === 0;
    else onRefused(1, problem("WGL_EVTX_HEADER"));
    this.#filled = 0;
  }

  #read(onLine: OnLine, onRefused: OnRefused): void {
    readChunk(this.#buffer.subarray(0, this.#filled), this.#chunk++, this.#checksums, {
      event: (event) => {
        const bytes = this.#encoder.encode(JSON.stringify(event));
        onLine(bytes, 0, bytes.length, ++this.lines);
      },
      problem: (why, record) => {
        if (record) this.lines++;
        onRefused(Math.max(1, this.lines), why);
      },
    });
    this.#filled = 0;
  }
}
