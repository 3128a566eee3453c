import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { instant } from "#core/instant.ts";
import { feeds } from "#feeds/index.ts";
import { keptText, type PartReading, type ReadPolicy, readParts, total } from "#feeds/read.ts";

/** A body that is refused rows alone has nothing good in it, so only what the rows themselves say counts. */
const policy: ReadPolicy = {
  ...{ reserved: "reject", keepTexts: true, now: instant(Date.parse("2026-11-20T00:00:00Z")) },
  allow: ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"],
};

/** Rows that have no text one could mend, and why. */
const without: Readonly<Record<string, string>> = {
  "misp-event": "an attribute that cannot be read at all is a problem of the document, at its place in it",
  "misp-feed": "a manifest says which events there are: it is not mended, the next one is fetched",
  "mitre-attack": "a line that is no JSON at all stands in a bundle of lines, and names say nothing of values",
  "misp-galaxy": "names say nothing of values, and a cluster is replaced as a whole",
};

const folder = new URL("../src/feeds/", import.meta.url);
const refusedIn = (part: PartReading): readonly (string | undefined)[] => {
  const texts = new Map(part.texts?.map(({ place, text }) => [place, text]));
  return part.problems.flatMap(({ code }, place) => ((part.rejected[code] ?? 0) > 0 ? [texts.get(place)] : []));
};

for (const feed of feeds)
  test(`${feed.id}: its refused rows have their text, and within their frame they are the same refused rows`, () => {
    const file = readdirSync(new URL(`${feed.id}/`, folder)).find((name) => /^sample\.(?!expected)/.test(name)) ?? "";
    const body = readFileSync(new URL(`${feed.id}/${file}`, folder));
    let exempt = 0;
    for (const part of readParts(feed, body, file, policy)) {
      const refused = refusedIn(part);
      const texts = refused.filter((text) => text !== undefined);
      if (texts.length < refused.length || without[feed.id] !== undefined) {
        assert.ok(without[feed.id], `${refused.length - texts.length} rows without a text`);
        exempt++;
        continue;
      }
      const { before, between, after } = part.frame ?? { before: "", between: "\n", after: "\n" };
      // one by one, as a person mends them; of its file only the name of the list is known; a text that was cut is no row any more
      for (const text of texts.filter((one) => one.length < keptText)) {
        const again = [...readParts(feed, Buffer.from(`${before}${text}${after}`), part.name, policy)];
        const isBroken = again.some(({ bad }) => bad !== undefined);
        const rejected = again.reduce((sum, one) => sum + total(one.rejected), 0);
        assert.ok(isBroken || rejected > 0, `${text} is refused again`);
        if (isBroken) assert.throws(() => JSON.parse(text), `${text} alone is no body of this feed`);
      }
      const whole = texts.filter((text) => text.length < keptText);
      const together = [...readParts(feed, Buffer.from(`${before}${whole.join(between)}${after}`), part.name, policy)];
      if (together.every(({ bad }) => bad === undefined))
        assert.equal(
          together.reduce((sum, one) => sum + total(one.rejected), 0),
          whole.length,
        );
    }
    assert.ok(without[feed.id] === undefined || exempt > 0, "the exception is still needed");
  });
