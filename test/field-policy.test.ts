// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { applyPolicy, policyText, withheld } from "#telemetry/field-policy.ts";
import type { FieldPolicy } from "#telemetry/format.ts";
import { formats } from "#telemetry/index.ts";
import { format as zeek } from "#telemetry/zeek/format.ts";

const hash = (value: string): string => `h:${createHmac("sha256", "test").update(value).digest("hex").slice(0, 16)}`;
const policy: FieldPolicy = {
  "http.cookie": "drop",
  "http.request_headers.value": "drop",
  "email.to": "hash",
  "smtp/subject": "drop",
  "id.user": "hash",
  password: "drop",
};

test("applyPolicy() returns the very same fields when nothing is touched", () => {
  const fields = { http: { url: "/x" }, ts: 1 };
  assert.equal(applyPolicy(fields, policy, hash), fields);
  assert.equal(applyPolicy({ subject: "CN=x" }, policy, hash, "ssl")["subject"], "CN=x");
});

test("applyPolicy() drops, hashes lists member by member, and walks through arrays and flat dotted keys", () => {
  const fields = {
    http: { cookie: "sid=1", url: "/x", request_headers: [{ name: "Cookie", value: "sid=1" }, { name: "Accept" }] },
    email: { to: ["a@b.example", null], from: "c@d.example" },
    "id.user": "chan",
    subject: "Your pay",
  };
  const kept = applyPolicy(fields, policy, hash, "smtp");
  assert.deepEqual(JSON.parse(JSON.stringify(kept)), {
    http: { url: "/x", request_headers: [{ name: "Cookie" }, { name: "Accept" }] },
    email: { to: [hash("a@b.example"), null], from: "c@d.example" },
    "id.user": hash("chan"),
  });
  assert.equal(fields.http.cookie, "sid=1", "the given fields stay as they were");
});

test("policyText() returns an untouched line byte for byte, and takes values out of JSON and columns", () => {
  const untouched = '{ "ts" : 1.0,"http":{"url":"\\/x"} }';
  assert.equal(policyText(untouched, JSON.parse(untouched), policy, hash), untouched);
  const line = '{"ts":1.50,"http":{"cookie":"sid=1","url":"/x"}}';
  assert.equal(policyText(line, JSON.parse(line), policy, hash), '{"ts":1.5,"http":{"url":"/x"}}');
  const row = "1.5\tchan\tPassw0rd\\x2c1\tGET";
  const fields = { ts: 1.5, "id.user": "chan", password: "Passw0rd,1", method: "GET" };
  assert.equal(policyText(row, fields, policy, hash), `1.5\t${hash("chan")}\t${withheld}\tGET`);
});

test("policyText() looks again when a key stands twice or is written with escapes", () => {
  // of two equal keys JSON.parse keeps the last: the first one's secret is in the text only
  const twice = '{"password":"first-secret","http":{"cookie":"second-secret"},"http":{}}';
  const text = policyText(twice, JSON.parse(twice), policy, hash);
  assert.equal(text, '{"http":{}}');
  const escaped = '{"http":{"\\u0063ookie":"secret"},"http":{}}';
  assert.equal(policyText(escaped, JSON.parse(escaped), policy, hash), '{"http":{}}');
  // what is left of the path may be one key, dots and all
  const dotted = '{"http":{"request_headers.value":"a secret"}, "http":{}}';
  assert.equal(policyText(dotted, JSON.parse(dotted), policy, hash), '{"http":{}}');
});

test("policyText() leaves a line as it is whose key only looks like one of the policy", () => {
  // "smtp/subject" is a mail's; a certificate's has the same last name
  const mail: FieldPolicy = { "smtp/subject": "drop", "email.subject": "drop", "http.cookie": "drop" };
  const certificate = '{"event":"tls", "tls":{"subject":"CN=www.parks.example"}}';
  assert.equal(policyText(certificate, JSON.parse(certificate), mail, hash, "tls"), certificate);
  // but not where what was read does not say whose it is
  for (const [line, kept] of [
    ['{"email":{"subject":"a secret"}, "email":{}}', '{"email":{}}'],
    ['{"email":{"subject":"a secret"},"email":{}, "tls":{"subject":"CN"}}', '{"email":{},"tls":{"subject":"CN"}}'],
    ['{"tls":{"subject":"CN"}, "tls":{"email":{"subject":"a secret"}},"tls":{"x":1}}', '{"tls":{"x":1}}'],
    ['{"list":[{"email":{"subject":"a secret"}}], "list":["subject"]}', '{"list":["subject"]}'],
  ] as const)
    assert.equal(policyText(line, JSON.parse(line), mail, hash, "tls"), kept);
});

const keys = fc.constantFrom("http", "http", "cookie", "cookie", "tls", "c\\u006fokie");
const jsonText = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "medium" },
    fc.constantFrom('"plain"', '"plain"', '"cookie"'),
    tie("object"),
    tie("list"),
  ),
  object: fc
    .array(fc.tuple(keys, tie("value")), { maxLength: 4 })
    .map((pairs) => `{${pairs.map(([key, value]) => `"${key}": ${String(value)}`).join(", ")}}`),
  list: fc.array(tie("value"), { maxLength: 3 }).map((values) => `[${values.join(", ")}]`),
}));

test("law: what is kept of JSON says what the fields say after the policy, and nothing else, however often a key is written", () => {
  // every secret is told from every other, so that one that stands in the text and not in what was read is seen
  const numbered = jsonText.object.map((text) => {
    let secrets = 0;
    return text.replaceAll('"plain"', () => `"secret ${secrets++}"`);
  });
  fc.assert(
    fc.property(numbered, (line) => {
      const fields = JSON.parse(line) as Record<string, unknown>;
      const text = policyText(line, fields, { "http.cookie": "drop" }, hash);
      const kept = JSON.stringify(applyPolicy(fields, { "http.cookie": "drop" }, hash));
      assert.equal(JSON.stringify(JSON.parse(text)), kept);
      const under = (http: string): readonly string[] => [...http.matchAll(/secret \d+/g)].map(([secret]) => secret);
      const hidden = hiddenBy(line);
      for (const secret of hidden) assert.ok(!under(text).includes(secret), `${secret} of ${line} in ${text}`);
    }),
    { numRuns: 5000 },
  );
});

/** Texts that stand at "http.cookie" in the text, whether a parser keeps them or not. */
const hiddenBy = (line: string): readonly string[] => {
  const hidden: string[] = [];
  let at = 0;
  const blank = (): void => {
    while (line[at] === " ") at++;
  };
  const walk = (path: readonly string[]): void => {
    blank();
    const first = line[at];
    if (first === "{" || first === "[") {
      at++;
      for (;;) {
        blank();
        if (line[at] === "}" || line[at] === "]") return void at++;
        if (line[at] === ",") at++;
        blank();
        if (first === "[") walk(path);
        else {
          const end = line.indexOf('"', at + 1);
          const key = JSON.parse(line.slice(at, end + 1)) as string;
          at = line.indexOf(":", end) + 1;
          walk([...path, key]);
        }
      }
    }
    const end = first === '"' ? line.indexOf('"', at + 1) + 1 : at + 1;
    const text = line.slice(at, end);
    at = end;
    if (text.includes("secret") && path.join(".") === "http.cookie") hidden.push(text.slice(1, -1));
  };
  walk([]);
  return hidden;
};

test("policyText() withholds a row in which it cannot find the value again", () => {
  assert.equal(policyText("1.5\tsomething else", { ts: 1.5, password: "secret" }, policy, hash), withheld);
});

/** A value that stands nowhere else: long, and with characters that each writer escapes in its own way. */
const secret = fc
  .tuple(fc.stringMatching(/^[A-Za-z0-9]{12,20}$/), fc.constantFrom("", '"', ",", "\\", "é", "海", " ", "/", "\u0007"))
  .map(([text, special]) => `S3cr3t${special}${text}`);

/** The value in every spelling in which it could still be read. */
const spellings = (value: string): readonly string[] => [
  value,
  JSON.stringify(value).slice(1, -1),
  escapeColumn(value),
  value.slice(-12),
];

const escapeColumn = (value: string): string =>
  [...new TextEncoder().encode(value)]
    .map((byte) =>
      byte === 0x5c
        ? "\\\\"
        : byte < 0x20 || byte === 0x2c || byte > 0x7e
          ? `\\x${byte.toString(16).padStart(2, "0")}`
          : String.fromCharCode(byte),
    )
    .join("");

test("law: a dropped value never stands in the fields or in the text that is kept, and a hashed one neither", () => {
  const plain = fc.stringMatching(/^[a-z0-9.:/-]{0,12}$/);
  for (const format of formats) {
    const paths = Object.entries(format.policy).map(([path]) => path.slice(path.indexOf("/") + 1));
    const ofUrls = Object.entries(format.policy).filter(([, act]) => act === "secrets");
    const acts = new Set(ofUrls.map(([path]) => path.slice(path.indexOf("/") + 1)));
    if (paths.length === 0) continue;
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom(...paths), { minLength: 1, maxLength: 4 }),
        fc.array(secret, { minLength: 4, maxLength: 4 }),
        fc.dictionary(fc.stringMatching(/^[a-z_]{3,9}$/), plain, { maxKeys: 5 }),
        fc.boolean(),
        fc.boolean(),
        (chosen, secrets, others, nested, inList) => {
          const fields: Record<string, unknown> = { ...others };
          for (const [i, path] of chosen.entries()) {
            const secret = secrets[i] ?? "";
            // Of a URL only what lets somebody in is taken out.
            const one = acts.has(path) ? `/a?x=1&token=${encodeURIComponent(secret)}` : secret;
            const value = inList ? ["public", one] : one;
            if (nested) setNested(fields, path, value);
            else fields[path] = value;
          }
          const line = JSON.stringify(fields);
          const kept = JSON.stringify(applyPolicy(fields, format.policy, hash));
          const text = policyText(line, fields, format.policy, hash);
          for (const value of secrets.slice(0, chosen.length))
            for (const spelling of spellings(value)) {
              assert.ok(!kept.includes(spelling), kept);
              assert.ok(!text.includes(spelling), text);
            }
        },
      ),
      { numRuns: 300 },
    );
  }
});

const setNested = (fields: Record<string, unknown>, path: string, value: unknown): void => {
  const names = path.split(".");
  let at = fields;
  for (const name of names.slice(0, -1)) {
    if (typeof at[name] !== "object" || at[name] === null || Array.isArray(at[name])) at[name] = {};
    at = at[name] as Record<string, unknown>;
  }
  at[names.at(-1) as string] = value;
};

test("law: the evidence of a Zeek row never shows a dropped or hashed value, however it was escaped", () => {
  fc.assert(
    fc.property(secret, secret, fc.boolean(), (username, password, list) => {
      // Of one text under both names the stronger act is done: then nothing is hashed.
      fc.pre(username !== password);
      const reader = zeek.open();
      for (const line of [
        "#separator \\x09",
        "#path\thttp",
        "#fields\tts\tid.orig_h\thost\tusername\tpassword\turi",
        `#types\ttime\taddr\tstring\tstring\t${list ? "set[string]" : "string"}\tstring`,
      ])
        reader.parse(line);
      const typed = list ? `other,${escapeColumn(password)}` : escapeColumn(password);
      const row = ["1.5", "10.20.0.9", "www.parks.example", escapeColumn(username), typed, "/x"].join("\t");
      const read = reader.parse(row);
      assert.ok(read?.ok === true);
      const text = policyText(row, read.value.fields, zeek.policy, hash, read.value.event);
      for (const value of [username, password])
        for (const spelling of spellings(value)) assert.ok(!text.includes(spelling), text);
      assert.ok(text.includes("www.parks.example") && text.includes(hash(username)), text);
    }),
  );
});
