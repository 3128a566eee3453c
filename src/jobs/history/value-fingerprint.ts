import type { Observable } from "#core/observable.ts";
import { Fingerprint } from "#intel/fingerprint.ts";

/** Number of a kind inside a fingerprint, apart from the match index's own forms. Wire format of history: add at the end. */
const kindNumber: Readonly<Record<Observable["kind"], number>> = {
  ...{ ipv4: 64, ipv6: 65, cidr: 66, endpoint: 67, domain: 68, url: 69, path: 70, email: 71 },
  ...{ md5: 72, sha1: 73, sha256: 74, sha512: 75, asn: 76 },
};

/** Keyed 64-bit fingerprints of observables, unsigned, as history stores and hunts them. One object a thread. */
export class Fingerprint64 {
  readonly #of: Fingerprint;
  readonly #text = new TextEncoder();

  /** @param key from `fingerprintKey` */
  constructor(key: Uint8Array) {
    this.#of = new Fingerprint(key);
  }

  of(observable: Observable): bigint {
    const { hi, lo } = this.read(observable.kind, observable.value);
    return (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
  }

  /** The same as its two halves (int32 each), which stand until the next value is read: no object is made of them. */
  read(kind: Observable["kind"], value: string): { readonly hi: number; readonly lo: number } {
    const print = this.#of;
    if (!print.ascii(kindNumber[kind], value)) {
      const bytes = this.#text.encode(value);
      print.bytes(kindNumber[kind], bytes, 0, bytes.length);
    }
    return print;
  }
}
