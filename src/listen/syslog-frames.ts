import { longestLine } from "#telemetry/lines.ts";

/** A message's bytes, its own copy, at least one. */
export type OnMessage = (message: Uint8Array) => void;
/** A message that is not handed on: longer than `longestLine`, or its end never came. */
export type OnBroken = (reason: "too-long" | "torn") => void;

const [newline, carriageReturn, nul, blank, less] = [10, 13, 0, 0x20, 0x3c];

/** Digits of a length that is one: 99,999,999 bytes are too many already. */
const mostDigits = 8;

/**
 * The messages of one stream of bytes (RFC 6587 §3.4), however it is torn: "LENGTH BLANK <PRI>…" is counted in octets, and
 * everything else ends with its line. Which, is told for each message by itself; a length that lies spoils messages up to
 * the next newline and no more. Memory is one message.
 */
export class SyslogFrames {
  #mode: "head" | "counted" | "line" = "head";
  /** Of a message that began as a length would: "123 ", until the next byte tells. */
  #head = "";
  #kept = new Uint8Array(4096);
  #length = 0;
  /** Octets of a counted message still to come. */
  #need = 0;

  push(chunk: Uint8Array, onMessage: OnMessage, onBroken: OnBroken): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#mode === "head") at = this.#begin(chunk, at);
      else if (this.#mode === "counted") {
        const end = Math.min(chunk.length, at + this.#need);
        this.#keep(chunk.subarray(at, end));
        this.#need -= end - at;
        at = end;
        if (this.#need === 0) this.#give(onMessage, onBroken);
      } else {
        const end = chunk.indexOf(newline, at);
        this.#keep(chunk.subarray(at, end < 0 ? chunk.length : end));
        if (end < 0) return;
        at = end + 1;
        this.#give(onMessage, onBroken);
      }
    }
  }

  /** The stream is over. A line without its end is a message (many senders write no last newline), half a counted one is not. */
  end(onMessage: OnMessage, onBroken: OnBroken): void {
    if (this.#mode === "counted") onBroken("torn");
    else if (this.#mode === "line" || this.#head !== "") {
      if (this.#mode === "head") this.#asLine();
      this.#give(onMessage, onBroken);
    }
    this.#mode = "head";
    this.#length = 0;
  }

  /** The stream broke off: what had begun is counted. Nothing when it had ended. */
  cut(onBroken: OnBroken): void {
    if (this.#mode !== "head" || this.#head !== "") onBroken("torn");
    this.#mode = "head";
    this.#head = "";
    this.#length = 0;
  }

  /** @returns where to go on; the mode is told once it is known */
  #begin(chunk: Uint8Array, from: number): number {
    let at = from;
    for (; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (this.#head.endsWith(" ")) {
        if (byte !== less) return this.#asLine(at);
        this.#need = Number(this.#head);
        this.#head = "";
        this.#mode = "counted";
        return at;
      }
      // what ends a message stands between two as well (RFC 6587 §3.4.2: some senders end with NUL or CR LF)
      if (this.#head === "" && (byte === newline || byte === carriageReturn || byte === nul)) continue;
      const digit = byte >= (this.#head === "" ? 0x31 : 0x30) && byte <= 0x39;
      const length = byte === blank && this.#head !== "";
      if ((!digit && !length) || (digit && this.#head.length === mostDigits)) return this.#asLine(at);
      this.#head += String.fromCharCode(byte);
    }
    return at;
  }

  #asLine(at: number = 0): number {
    const head = new TextEncoder().encode(this.#head);
    this.#head = "";
    this.#mode = "line";
    this.#keep(head);
    return at;
  }

  #keep(part: Uint8Array): void {
    const length = this.#length + part.length;
    if (length <= longestLine) {
      if (length > this.#kept.length) {
        const wider = new Uint8Array(Math.min(longestLine, Math.max(length, this.#kept.length * 2)));
        wider.set(this.#kept.subarray(0, this.#length));
        this.#kept = wider;
      }
      this.#kept.set(part, this.#length);
    }
    this.#length = length;
  }

  #give(onMessage: OnMessage, onBroken: OnBroken): void {
    const length = this.#length;
    this.#length = 0;
    this.#mode = "head";
    if (length > longestLine) onBroken("too-long");
    else {
      const line = lineOf(this.#kept.subarray(0, length));
      if (line.length > 0) onMessage(line);
    }
  }
}

/**
 * A message as one line of a batch, copied: what ends it is taken off, and line ends inside are blanks, so that nobody who
 * may write into a message can write records of his own.
 */
export const lineOf = (message: Uint8Array): Uint8Array => {
  let end = message.length;
  while (end > 0 && (message[end - 1] === newline || message[end - 1] === carriageReturn || message[end - 1] === nul))
    end--;
  const line = message.slice(0, end);
  for (let at = line.indexOf(newline); at >= 0; at = line.indexOf(newline, at)) line[at] = blank;
  for (let at = line.indexOf(carriageReturn); at >= 0; at = line.indexOf(carriageReturn, at)) line[at] = blank;
  return line;
};
