import type { Observable } from "#core/observable.ts";

/** Four names, three addresses, two hashes and a URL of ten; the same in every run (xorshift32). */
export function* fillerValues(count: number): Iterable<Observable> {
  let state = 12_345;
  const random = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  for (let i = 0; i < count; i++) {
    const nth = i % 10;
    if (nth < 4) yield { kind: "domain", value: `x${random().toString(36)}.bad${random() % 100_000}.com` };
    else if (nth < 7) {
      const value = `${1 + (random() % 222)}.${random() % 256}.${random() % 256}.${random() % 256}`;
      yield { kind: "ipv4", value };
    } else if (nth < 9) {
      const value = Array.from({ length: 8 }, () => random().toString(16).padStart(8, "0")).join("");
      yield { kind: "sha256", value };
    } else yield { kind: "url", value: `http://h${random().toString(36)}.example/${random().toString(36)}` };
  }
}
