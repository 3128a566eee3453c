import { ipv4Number } from "#core/ip.ts";
import type { Observable } from "#core/observable.ts";
import { Fingerprint } from "#intel/fingerprint.ts";

/** Number of a kind inside a fingerprint, apart from the match index's own forms. Wire format of history: add at the end. */
const kindNumber: Readonly<Record<Observable["kind"], number>> = {
  ...{ ipv4: 64, ipv6: 65, cidr: 66, endpoint: 67, domain: 68, url: 69, path: 70, email: 71 },
  ...{ md5: 72, sha1: 73, sha256: 74, sha512: 75, asn: 76 },
};

/** Upper 12 bits of every IPv4 address's fingerprint; those of one other value in 4,096 are the same. */
const addressTag = 0xfff;

/** The lowest fingerprint that may be an IPv4 address's. */
export const firstOfAddresses = BigInt(addressTag) << 52n;

/** Fingerprints from one to another, both included: a power of two of them, and the first is divisible by it. */
export interface Stretch {
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * Keyed 64-bit fingerprints of observables, unsigned, as history stores and hunts them. IPv4 addresses lie in their order: 12
 * bits that are the same for all, the address in 32, and 20 keyed ones, by which tables find their place. So the addresses of a
 * network are one stretch of what is kept, and no row says that they are in it. One object a thread.
 */
export class Fingerprint64 {
  readonly #of: Fingerprint;
  readonly #text = new TextEncoder();
  /** For the 20 bits: whoever makes up addresses cannot choose places. */
  readonly #mask: number;
  readonly #factor: number;
  readonly #address = { hi: 0, lo: 0 };

  /** @param key from `fingerprintKey` */
  constructor(key: Uint8Array) {
    this.#of = new Fingerprint(key);
    const { hi, lo } = this.#hashed("asn", "places of addresses");
    this.#mask = hi;
    this.#factor = lo | 1;
  }

  of(observable: Observable): bigint {
    return unsigned(this.read(observable.kind, observable.value));
  }

  /** As IPv4 addresses were kept before they lay in their order; absent: of this kind it is the same. */
  ofBefore({ kind, value }: Observable): bigint | undefined {
    return kind === "ipv4" ? unsigned(this.#hashed(kind, value)) : undefined;
  }

  /** @param first and `last`: IPv4 addresses, unsigned */
  ofNetwork({ first, last }: { readonly first: number; readonly last: number }): Stretch {
    return {
      from: firstOfAddresses | (BigInt(first) << 20n),
      to: firstOfAddresses | (BigInt(last) << 20n) | 0xf_ffffn,
    };
  }

  /** The same as its two halves (int32 each), which stand until the next value is read: no object is made of them. */
  read(kind: Observable["kind"], value: string): Halves {
    const address = kind === "ipv4" ? ipv4Number(value) : -1;
    return address < 0 ? this.#hashed(kind, value) : this.#ordered(address);
  }

  #ordered(address: number): Halves {
    const once = Math.imul(address ^ this.#mask, this.#factor);
    const place = Math.imul(once ^ (once >>> 15), this.#factor) >>> 12;
    this.#address.hi = (addressTag << 20) | (address >>> 12);
    this.#address.lo = (address << 20) | place;
    return this.#address;
  }

  #hashed(kind: Observable["kind"], value: string): Halves {
    const print = this.#of;
    if (!print.ascii(kindNumber[kind], value)) {
      const bytes = this.#text.encode(value);
      print.bytes(kindNumber[kind], bytes, 0, bytes.length);
    }
    return print;
  }
}

interface Halves {
  readonly hi: number;
  readonly lo: number;
}

const unsigned = ({ hi, lo }: Halves): bigint => (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
