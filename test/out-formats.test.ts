import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { memberTerms } from "#community/agreement.ts";
import type { Recipient } from "#community/recipient.ts";
import { instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { type ObservableKind, observableKinds } from "#core/observable.ts";
import { observableOf } from "#core/recognise.ts";
import { releaseEntry } from "#jobs/lists/decide.ts";
import { holdsKey, keptMembers, keysOf, bytesOf, MemberKeys, memberKey } from "#jobs/lists/members.ts";
import { serialOf } from "#jobs/lists/serial.ts";
import { csv } from "#share/formats/csv.ts";
import { edl } from "#share/formats/edl.ts";
import type { ListFormat } from "#share/formats/format.ts";
import { formats } from "#share/formats/list-formats.ts";
import { rpz } from "#share/formats/rpz.ts";
import { suricataDataset } from "#share/formats/suricata-dataset.ts";
import { suricataRules } from "#share/formats/suricata-rules.ts";
import { stixBundle, stixIndicator } from "#share/formats/stix-bundle.ts";
import { zeekIntel } from "#share/formats/zeek-intel.ts";
import { withoutScheme } from "#share/formats/without-scheme.ts";
import type { ListAbout, ListEntry, ListRow } from "#share/list-entry.ts";
import { printListQuery, readListQuery } from "#share/list-query.ts";
import { checkObject } from "#stix/check-object.ts";
import { readPattern } from "#stix/read-pattern.ts";
import { observablesOf } from "#stix/pattern-observables.ts";
import { readCsv, readRpz, readRule, readZeek } from "./out-parsers.ts";

const now = instant(Date.parse("2026-11-22T08:00:00Z"));
const about: ListAbout = {
  ...{ community: "Harbour CERT", name: "all", changed: now, portal: "https://waglan.cert.example" },
  idOf: (kind, key) => createHash("sha256").update(`${kind}\0${key}`).digest("hex").slice(0, 32),
};
const party = "o1" as OrganisationId;
const member: Recipient = {
  kind: "organisation",
  party,
  clientOf: [],
  groups: [],
  agreement: { ...memberTerms(party, instant(0)), anonymiseSources: false, acceptsPii: true },
};

const rowOf = (kind: ObservableKind, value: string, more: Partial<ListEntry> = {}): ListRow => {
  const entry: ListEntry = {
    ...{
      id: "6f1c0d3e-0000-4000-8000-000000000001",
      serial: 77,
      kind,
      value,
      labels: ["bot"],
      sources: "A feed; B feed",
    },
    ...{ grade: { source: "B", statement: 2 }, firstSeen: instant(now - 864e5), lastSeen: now },
    ...more,
  };
  const outcome = releaseEntry(entry, { tlp: "green", pap: "clear", licence: "own" }, member, now);
  assert.ok(outcome.ok);
  return outcome.released;
};
const one = (format: ListFormat, row: ListRow): string | undefined => format.row(row, about);
const totals = { count: 1, unsaid: 0, sources: [], tlp: "green", licences: ["own"] } as const;

/** Whatever a source may have called a value, and what was made to break a format. */
const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string(),
  fc.constantFrom(
    ...[
      'a"b',
      "a;b",
      "a|b",
      "a\nb",
      "a\r\nb",
      "a\tb",
      "=cmd|' /C calc'!A0",
      "'=1",
      "''+1",
      "+1",
      "-1",
      "@x",
      "＝1",
      "\\x41",
      "\\",
      "-",
    ],
    ...[
      "(empty)",
      "#fields",
      "# x",
      "*",
      "bad.example) (",
      "a CNAME .\nb",
      "$INCLUDE /etc/passwd",
      "a,b",
      " a ",
      "\u2028",
      "\ud800",
    ],
  ),
);
const values: Readonly<Record<string, fc.Arbitrary<string>>> = {
  ipv4: fc.ipV4(),
  ipv6: fc.ipV6(),
  domain: fc.domain().map((name) => name.toLowerCase()),
  url: fc.webUrl({ withQueryParameters: true, withFragments: true }),
  email: fc.emailAddress(),
};
const good = fc
  .constantFrom(...Object.keys(values))
  .chain((kind) => (values[kind] as fc.Arbitrary<string>).map((value) => ({ kind: kind as ObservableKind, value })))
  .map(({ value }) => observableOf(value))
  .filter((read) => read.ok)
  .map((read) => (read.ok ? read.value : assert.fail()));
const anything = fc.oneof(
  good.map(({ kind, value }) => ({ kind, value })),
  fc.record({ kind: fc.constantFrom(...observableKinds), value: hostile }),
);

test("plain text: a line is a value and reads back as it; what would be two lines or a comment is not said", () => {
  fc.assert(
    fc.property(anything, ({ kind, value }) => {
      const line = one(formats.txt, rowOf(kind, value));
      if (line === undefined) return;
      assert.deepEqual(line.split("\n"), [value, ""]);
      assert.ok(!line.startsWith("#"));
    }),
  );
});

test("CSV: every cell reads back as what it was, and no cell begins a formula", () => {
  fc.assert(
    fc.property(anything, fc.array(hostile, { maxLength: 3 }), hostile, ({ kind, value }, labels, sources) => {
      const line = one(csv, rowOf(kind, value, { labels, sources }));
      if (line === undefined) return assert.ok(!value.isWellFormed());
      const rows = readCsv(line);
      assert.equal(rows.length, 1);
      assert.deepEqual(rows[0]?.slice(0, 2), [kind, value]);
      assert.equal(rows[0]?.[3], sources.toWellFormed());
      const back = labels.length === 0 ? [] : (rows[0]?.[2] ?? "").split(" ").map(decodeURIComponent);
      assert.deepEqual(
        back,
        labels.map((label) => label.toWellFormed()),
      );
      // a comma inside quotes begins no cell
      for (const [cell] of line.trimEnd().matchAll(/(?<=^|,)(?:"(?:[^"]|"")*"|[^",]*)(?=,|$)/gu))
        assert.doesNotMatch(cell, /^"?[=+@＝＋－＠\t|]/u);
    }),
  );
});

test("JSON: a list is one document whose values read back", () => {
  fc.assert(
    fc.property(fc.array(anything, { minLength: 1, maxLength: 4 }), (all) => {
      const rows = all.map(({ kind, value }) => one(formats.json, rowOf(kind, value)));
      const text = formats.json.head(about) + rows.join(formats.json.between) + formats.json.foot(totals, about);
      const read = JSON.parse(text) as { values: { kind: string; value: string }[] };
      assert.deepEqual(
        read.values.map(({ kind, value }) => [kind, value]),
        all.map(({ kind, value }) => [kind, value]),
      );
    }),
  );
});

test("Suricata rules: each line is one rule with one sid, and matches just its value", () => {
  fc.assert(
    fc.property(anything, fc.array(hostile, { maxLength: 3 }), ({ kind, value }, labels) => {
      const text = one(suricataRules, rowOf(kind, value, { labels }));
      if (text === undefined) return;
      assert.ok(text.endsWith("\n"));
      const rules = text.slice(0, -1).split("\n").map(readRule);
      assert.equal(new Set(rules.map(({ sid }) => sid)).size, rules.length);
      for (const rule of rules) {
        if (kind === "ipv4" || kind === "ipv6" || kind === "cidr") assert.equal(rule.to, value);
        if (kind === "domain") assert.deepEqual(Object.values(rule.contents), [[`.${value}`]]);
      }
    }),
  );
  const url = readRule((one(suricataRules, rowOf("url", 'http://bad.example:8080/a|b;"c?x=1#f')) ?? "").trimEnd());
  assert.deepEqual(url.contents, { "http.host": ["bad.example"], "http.uri.raw": ['/a|b;"c?x=1'] });
  assert.deepEqual([url.port, url.sid], ["8080", 1_000_000_154]);
  const [dns, tls] = (one(suricataRules, rowOf("domain", "bad.example")) ?? "").trimEnd().split("\n").map(readRule);
  assert.deepEqual([dns?.protocol, dns?.sid, tls?.protocol, tls?.sid], ["dns", 1_000_000_154, "tls", 1_000_000_155]);
  assert.ok(
    dns?.options.some(
      ([name, text]) => name === "metadata" && text.includes("tlp green") && text.includes("admiralty B2"),
    ),
  );
  assert.ok(
    dns?.options.some(([name, text]) => name === "reference" && text.startsWith("url,waglan.cert.example/indicators/")),
  );
  assert.equal(one(suricataRules, rowOf("md5", "0".repeat(32))), undefined);
});

test("Suricata datasets: base64 of text, hashes and addresses as they are, one set a file", () => {
  fc.assert(
    fc.property(anything, ({ kind, value }) => {
      const line = one(suricataDataset, rowOf(kind, value));
      if (line === undefined) return;
      assert.match(line, /^[A-Za-z0-9+/=.:]+\n$/);
      if (kind === "domain" || kind === "email" || kind === "path")
        assert.equal(Buffer.from(line.trim(), "base64").toString("utf8"), value);
      else if (kind === "url") assert.equal(Buffer.from(line.trim(), "base64").toString("utf8"), withoutScheme(value));
      else assert.equal(line, `${value}\n`);
    }),
  );
});

test("Zeek: columns between tabs read back, whatever is in them", () => {
  fc.assert(
    fc.property(anything, hostile, fc.array(hostile, { maxLength: 2 }), ({ kind, value }, sources, labels) => {
      const line = one(zeekIntel, rowOf(kind, value, { sources, labels }));
      if (line === undefined) return;
      const [row, ...others] = readZeek(zeekIntel.head(about) + line + zeekIntel.foot(totals, about));
      assert.equal(others.length, 0);
      assert.equal(row?.["indicator"], kind === "url" ? withoutScheme(value) : value);
      assert.equal(row?.["meta.source"], sources === "" ? "Harbour CERT" : sources.toWellFormed());
    }),
    { examples: [[{ kind: "ipv4", value: "#" }, "", []]] },
  );
});

test("RPZ: names with what is below them, addresses reversed with their length; a zone has nothing else", () => {
  fc.assert(
    fc.property(anything, ({ kind, value }) => {
      const text = one(rpz, rowOf(kind, value));
      if (text === undefined) return;
      const zone = readRpz(rpz.head(about) + text + rpz.foot(totals, about));
      assert.equal(zone.serial, now / 1000);
      if (kind === "domain") assert.deepEqual(zone.names, [value, `*.${value}`]);
      else assert.deepEqual(zone.addresses, [value]);
    }),
    { numRuns: 500 },
  );
  const lines = (kind: ObservableKind, value: string): string | undefined => one(rpz, rowOf(kind, value));
  assert.equal(lines("cidr", "203.0.113.0/24"), "24.0.113.0.203.rpz-ip CNAME .\n");
  assert.equal(lines("ipv6", "2001:db8::7"), "128.7.zz.db8.2001.rpz-ip CNAME .\n");
  assert.equal(lines("cidr", "2001:db8::/48"), "48.zz.db8.2001.rpz-ip CNAME .\n");
});

test("EDL: one value a line, URLs without scheme and with a path, nothing longer than a firewall reads", () => {
  fc.assert(
    fc.property(anything, ({ kind, value }) => {
      const line = one(edl, rowOf(kind, value));
      if (line === undefined) return;
      assert.match(line, /^[^\s#]{1,255}\n$/u);
      if (kind === "url") assert.ok(!line.includes("://") || value.indexOf("://") !== value.lastIndexOf("://"));
    }),
  );
  assert.equal(one(edl, rowOf("url", "https://bad.example")), "bad.example/\n");
  assert.equal(one(edl, rowOf("url", `https://bad.example/${"x".repeat(255)}`)), undefined);
});

test("STIX: every bundle is clean, every pattern says the value again, ids are the same each time", () => {
  const emptyBundle = JSON.parse(stixBundle.head(about) + stixBundle.foot(totals, about)) as {
    objects: { id: string }[];
  };
  fc.assert(
    fc.property(anything, fc.array(hostile, { maxLength: 2 }), ({ kind, value }, labels) => {
      const row = rowOf(kind, value, { labels });
      const text = one(stixBundle, row);
      if (text === undefined) return;
      const bundle: unknown = JSON.parse(stixBundle.head(about) + text + stixBundle.foot(totals, about));
      const { problems, warnings } = checkObject(bundle);
      assert.deepEqual([problems, warnings.filter(({ code }) => code !== "WGL_STIX_UUID")], [[], []]);
      const object = stixIndicator(row, about);
      const pattern = readPattern(String(object?.["pattern"]));
      assert.ok(pattern.ok, String(object?.["pattern"]));
      const again = observablesOf(pattern.value);
      const itself = observableOf(value);
      if (itself.ok && itself.value.kind === kind && kind !== "endpoint" && kind !== "path")
        assert.ok(
          again.ok &&
            again.value.some((found) =>
              JSON.stringify(found).includes(JSON.stringify(itself.value.value).slice(1, -1)),
            ),
          value,
        );
      assert.equal(stixIndicator(row, about)?.["id"], object?.["id"]);
    }),
  );
  const known = new Set(emptyBundle.objects.map(({ id }) => id));
  const object = stixIndicator(rowOf("domain", "bad.example", { liveUntil: instant(now + 864e5) }), about);
  assert.equal(object?.["confidence"], 70);
  assert.equal(object?.["valid_until"], "2026-11-23T08:00:00.000Z");
  for (const ref of (object?.["object_marking_refs"] ?? []) as string[]) assert.ok(known.has(ref), "nothing dangles");
  assert.ok(known.has(String(object?.["created_by_ref"])));
});

test("readListQuery() and printListQuery() are one another's inverse, and one list has one name", () => {
  fc.assert(
    fc.property(
      fc.record(
        {
          kind: fc.subarray(["ipv4", "ipv6", "cidr"], { minLength: 1 }).map((all) => all.join(",")),
          label: fc
            .array(fc.stringMatching(/^[a-z]{1,5}$/), { minLength: 1, maxLength: 3 })
            .map((all) => all.join(",")),
          feed: fc.constantFrom("b,a", "a,b", "a,a,b"),
          grade: fc.constantFrom("B2", "b2", "B|2"),
          score: fc.constantFrom("0", "50", "99.5"),
          tlp: fc.constantFrom("green", "TLP:GREEN"),
          since: fc.constantFrom("2026-01-01", "2026-01-01T00:00:00Z"),
        },
        { requiredKeys: [] },
      ),
      (words) => {
        const read = readListQuery("addresses", words);
        assert.ok(read.ok);
        const text = printListQuery("addresses", read.value);
        const again = readListQuery("addresses", Object.fromEntries(new URLSearchParams(text.split("?")[1] ?? "")));
        assert.deepEqual(again, read);
      },
    ),
  );
  for (const [words, code] of [
    [{ kind: "domain" }, "WGL_LIST_KIND"],
    [{ score: "101" }, "WGL_LIST_SCORE"],
    [{ grade: "Z9" }, "WGL_GRADE"],
    [{ since: "soon" }, "WGL_TIME"],
  ] as const) {
    const read = readListQuery("addresses", words);
    assert.equal(read.ok ? "" : read.problem.code, code);
  }
  assert.equal(readListQuery("constructor", {}).ok, false);
});

test("serialOf() gives each number another, in no order, below 2³⁰", () => {
  const serial = serialOf("0123456789abcdef0123456789abcdef");
  const all = Array.from({ length: 20_000 }, (_, n) => serial(n));
  assert.equal(new Set(all).size, all.length);
  assert.ok(all.every((one) => Number.isInteger(one) && one >= 0 && one < 2 ** 30));
  const rising = all.filter((one, n) => n > 0 && one > (all[n - 1] ?? 0)).length;
  assert.ok(rising > 9000 && rising < 11_000, `${rising} of 20 000 go up`);
});

test("members of a list: whole or against a base, every key found and no other", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.uuid(), { maxLength: 60 }),
      fc.uniqueArray(fc.uuid(), { maxLength: 60 }),
      fc.array(fc.boolean()),
      (old, fresh, keep) => {
        const sorted = (ids: readonly string[]): BigUint64Array => {
          const keys = new MemberKeys();
          for (const id of ids) keys.add(id);
          return keys.sorted();
        };
        const base = keptMembers(sorted(old), undefined);
        const next = [...old.filter((_, n) => keep[n] !== false), ...fresh];
        const kept = keptMembers(sorted(next), { hash: base.hash, keys: keysOf(bytesOf(base.added)) });
        for (const id of [...old, ...fresh]) {
          const key = memberKey(id);
          const held =
            kept.base === undefined
              ? holdsKey(kept.added, key)
              : holdsKey(kept.added, key) || (holdsKey(base.added, key) && !holdsKey(kept.removed, key));
          assert.equal(held, next.includes(id));
        }
      },
    ),
  );
});
