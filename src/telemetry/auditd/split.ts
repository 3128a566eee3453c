import { LineSplitter, longestLine, type OnLine, type OnRefused, type Splitter } from "#telemetry/lines.ts";

/** Events that wait for their next record at most; the kernel has several processors, so their records come mixed. */
const mostOpen = 64;
/** Lines after which an event waits no more, wherever its end went. */
const window = 4096;

interface Open {
  readonly line: number;
  readonly parts: Uint8Array[];
  bytes: number;
}

/**
 * Joins the records of one event, which the kernel writes as lines with the same stamp and serial number: to its reader an
 * event is its lines with newlines between them, and stands at the line of the first. It is over with PROCTITLE or EOE,
 * the last records the kernel writes; records of programs (USER_LOGIN and the like) are events by themselves. What never
 * ends is handed on when 64 others wait, or 4096 lines later.
 */
export class AuditSplitter implements Splitter {
  readonly #lines = new LineSplitter();
  readonly #open = new Map<string, Open>();
  readonly #text = new TextDecoder("latin1");

  get lines(): number {
    return this.#lines.lines;
  }

  push(chunk: Uint8Array, onLine: OnLine, onRefused: OnRefused): void {
    this.#lines.push(chunk, (buffer, start, end, line) => this.#take(buffer, start, end, line, onLine), onRefused);
  }

  end(onLine: OnLine, onRefused: OnRefused): void {
    this.#lines.end((buffer, start, end, line) => this.#take(buffer, start, end, line, onLine), onRefused);
    for (const key of this.#open.keys()) this.#close(key, onLine);
  }

  #take(buffer: Uint8Array, start: number, end: number, line: number, onLine: OnLine): void {
    // Node, type, stamp and serial stand at the beginning; bytes are compared, not read.
    const head = this.#text.decode(buffer.subarray(start, Math.min(end, start + 400)));
    const found = /(?:node=(\S+) )?type=([^\s]+) (?:msg=)?audit\((\d+\.\d+:\d+)\)/.exec(head);
    const [, node = "", type = "", stamp = ""] = found ?? [];
    if (found === null || head.startsWith("{") || alone.test(type)) return onLine(buffer, start, end, line);
    const key = `${node} ${stamp}`;
    let open = this.#open.get(key);
    if (open === undefined) {
      if (type === "EOE") return;
      this.#open.set(key, (open = { line, parts: [], bytes: 0 }));
    }
    if (type !== "EOE") {
      const length = end - start + 1;
      if (open.bytes + length > longestLine) {
        this.#close(key, onLine);
        this.#open.set(key, (open = { line, parts: [], bytes: 0 }));
      }
      open.parts.push(buffer.slice(start, end));
      open.bytes += length;
    }
    if (type === "EOE" || type === "PROCTITLE") this.#close(key, onLine);
    for (const [oldest, one] of this.#open) {
      if (this.#open.size <= mostOpen && line - one.line < window) break;
      this.#close(oldest, onLine);
    }
  }

  #close(key: string, onLine: OnLine): void {
    const open = this.#open.get(key);
    if (open === undefined) return;
    this.#open.delete(key);
    const parts = open.parts.flatMap((part, i) => (i === 0 ? [part] : [newline, part]));
    const whole = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
    onLine(whole, 0, whole.length, open.line);
  }
}

const newline: Uint8Array = Uint8Array.of(10);

/** What programs tell the kernel to log (1100–1299, 2100–2999 in libaudit's table) is one record an event. */
const alone =
  /^(?:USER|CRED|ACCT|ADD|DEL|GRP|ROLE|SERVICE|SYSTEM|DAEMON|ANOM|RESP|CRYPTO|VIRT|LABEL|CHGRP|CHUSER|MAC_CHECK|TRUSTED|TEST|AUOMS|LOGIN$|USYS|SOFTWARE)/;
