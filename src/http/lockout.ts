import { canonicalAccount } from "#community/password.ts";

/** Bounds guessing at the sign-in: at most ten tries in fifteen minutes against one account, and from one peer. */
export interface Lockout {
  /**
   * Counts a try *before* the password is looked at, so that a hundred at once are ten.
   *
   * @param peer the connection's own address, or what a named proxy says of it; never a header of a stranger
   * @param now  milliseconds on any clock; one that runs backwards is taken to stand still
   * @returns 0: go on | seconds to wait: the try is refused and not counted
   */
  readonly begin: (account: string, peer: string, now: number) => number;
  /** The try was good: it is taken back. The failures before it stay, so that nobody guesses between somebody's sign-ins. */
  readonly succeeded: (account: string, peer: string) => void;
}

/** Ten leave room for somebody with two passwords and a caps lock; 960 a day find nothing in 12 characters. */
const triesAtMost = 10;
const windowMs = 15 * 60_000;

/** @param capacity accounts, and peers, remembered at once; at 200 bytes each 100 000 are 40 MB at the very worst */
export const openLockout = (capacity = 100_000): Lockout => {
  const accounts = openCounter(capacity);
  const peers = openCounter(capacity);
  let latest = 0;
  return {
    begin: (account, peer, now) => {
      latest = Math.max(latest, now);
      // The peer first: who is out of tries must not fill the table of accounts with invented names.
      const wait = peers.wait(peerKey(peer), latest) || accounts.wait(accountKey(account), latest);
      if (wait > 0) return Math.ceil(wait / 1000);
      peers.add(peerKey(peer), latest);
      accounts.add(accountKey(account), latest);
      return 0;
    },
    succeeded: (account, peer) => {
      peers.takeBack(peerKey(peer));
      accounts.takeBack(accountKey(account));
    },
  };
};

/** A long name is no account, but must not be a large key. */
const accountKey = (account: string): string => canonicalAccount(account).slice(0, 254);

/** One host commands a whole IPv6 /64, and an IPv4 peer of a dual-stack socket is its IPv4 self. */
const peerKey = (peer: string): string => {
  const plain = peer.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "").replace(/%.*$/, "");
  return plain.includes(":") ? first64(plain) : plain;
};

const first64 = (address: string): string => {
  const [head = "", tail] = address.toLowerCase().split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups =
    tail === undefined
      ? left
      : [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0"), ...right];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
};

interface Counter {
  /** Milliseconds until a try is free, 0 when one is. */
  readonly wait: (key: string, now: number) => number;
  readonly add: (key: string, now: number) => void;
  readonly takeBack: (key: string) => void;
}

const openCounter = (capacity: number): Counter => {
  /** Key → times of its tries, oldest first; keys in order of their latest try. */
  const tries = new Map<string, number[]>();
  const live = (key: string, now: number): number[] => (tries.get(key) ?? []).filter((at) => at > now - windowMs);
  return {
    wait: (key, now) => {
      const times = live(key, now);
      const oldest = times[0];
      return times.length >= triesAtMost && oldest !== undefined ? oldest + windowMs - now : 0;
    },
    add: (key, now) => {
      const times = live(key, now);
      tries.delete(key);
      tries.set(key, [...times, now]);
      // Forget what has expired, and past the capacity whoever was quiet longest.
      for (const [other, at] of tries) {
        if ((at.at(-1) ?? 0) > now - windowMs && tries.size <= capacity) break;
        tries.delete(other);
      }
    },
    takeBack: (key) => {
      const times = tries.get(key);
      if (!times) return;
      if (times.length > 1) times.pop();
      else tries.delete(key);
    },
  };
};
