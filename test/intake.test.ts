import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { crc32, deflateRawSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import type { IntakeNew } from "#api/intake.ts";
import { instant } from "#core/instant.ts";
import { lenient } from "#core/value-policy.ts";
import { extract } from "#feeds/extract.ts";
import { feed as freeText } from "#feeds/free-text/feed.ts";
import { feed as mailReport } from "#feeds/mail-report/feed.ts";
import { mailLimits, openMail } from "#feeds/mime.ts";
import { pdfLimits } from "#feeds/pdf-text.ts";
import { collectFeed, type CollectingFeeds, type Source } from "#jobs/collect/feed.ts";
import { openBody, readerOf } from "#jobs/collect/intake.ts";
import { readPieces } from "#jobs/pieces.ts";
import { openArchive } from "#store/archive.ts";
import { mailFolder } from "#store/mail-folder.ts";
import { stateOf } from "#store/state.ts";
import { ask, openActsWorld } from "./acts-world.ts";
import { testDatabase } from "./cluster.ts";

/** What a text holds: "kind value", "!CODE text" for what was refused, "?CODE text" for what is doubtful. */
const told = (text: string): readonly string[] =>
  extract(text).found.map(({ written, result, doubtful }) =>
    result.ok
      ? `${result.value.kind} ${result.value.value}`
      : `${doubtful ? "?" : "!"}${result.problem.code} ${written}`,
  );

for (const [text, ...expected] of [
  ["hxxp://bad[.]example/a.php?x=1", "url http://bad.example/a.php?x=1"],
  ["hXXps[:]//bad(.)example{.}com/", "url https://bad.example.com/"],
  ["h**p://bad[dot]example", "url http://bad.example/"],
  ["(see http://bad.example/a_(b)).", "url http://bad.example/a_(b)"],
  ["bad [.] example , next", "domain bad.example"],
  ["evil[.example and evil.]example", "domain evil.example"],
  ["lo(at)bad[dot]example", "email lo@bad.example"],
  ["<lo@bad.example>", "email lo@bad.example"],
  ["198.51.100.7:8443, 198.51.100.8/31.", "endpoint 198.51.100.7:8443", "cidr 198.51.100.8/31"],
  ["198[.]51[.]100[.]9", "ipv4 198.51.100.9"],
  ["\\198.51.100.9\\share", "ipv4 198.51.100.9"],
  [
    "2001:db8::7, [2001:db8::8]:443; 2001:db8:1::/48",
    "ipv6 2001:db8::7",
    "endpoint [2001:db8::8]:443",
    "cidr 2001:db8:1::/48",
  ],
  ["md5 9E107D9D372BB6826BD81D3542A419D6", "md5 9e107d9d372bb6826bd81d3542a419d6"],
  ["AS64496 and ASN 64497, not AS400", "asn AS64496", "asn AS64497"],
  ["v1.2.3.4", ...[]],
  ["version 1.2.3.4, 版本：1.2.3.4", "?WGL_TEXT_DOUBTFUL 1.2.3.4"],
  ["OID 1.3.6.1.4.1.311", ...[]],
  ["12:34:56 aa:bb:cc:dd:ee:ff std::dec a::b ::", ...[]],
  ["drop.exe, notes.txt, libx.dll, index.php", ...[]],
  ["setup.zip and install.sh", "?WGL_TEXT_DOUBTFUL setup.zip", "?WGL_TEXT_DOUBTFUL install.sh"],
  ["bad[.]zip", "domain bad.zip"],
  ["C:\\Users\\lo\\cmd.com", "?WGL_TEXT_DOUBTFUL cmd.com"],
  ["console.info(x) and obj.id(", "?WGL_TEXT_DOUBTFUL console.info", "?WGL_TEXT_DOUBTFUL obj.id"],
  ["the attack.It began", "?WGL_TEXT_DOUBTFUL attack.It"],
  ["ASP.NET", "?WGL_TEXT_DOUBTFUL ASP.NET"],
  ["evil[.]nosuchtop", "!WGL_DOMAIN evil[.]nosuchtop"],
  ["bad[.]example, more at https://cert.example/r", "domain bad.example", "?WGL_TEXT_REFERENCE https://cert.example/r"],
  ["攻擊者使用惡意域名evil[.]example，以及IP：203.0.113.9（見附件）。", "domain evil.example", "ipv4 203.0.113.9"],
  ["請封鎖hxxp://203.0.113[.]7/掃描、hxxp://bad[.]example/甲。", "url http://203.0.113.7/", "url http://bad.example/"],
  ["ＩＰ：２０３．０．１１３．１０", "ipv4 203.0.113.10"],
  ["twice bad[.]example, again BAD[.]EXAMPLE", "domain bad.example"],
] as const)
  test(`extract() finds in ${JSON.stringify(text)}: ${expected.join(", ") || "nothing"}`, () => {
    assert.deepEqual(told(text), expected);
  });

test("extract() says where each value stands, whatever is around it", () => {
  const values = fc.constantFrom(
    "hxxp://bad[.]example/x",
    "203.0.113.9",
    "evil(dot)example",
    "2001:db8::1",
    "lo[at]bad[.]example",
  );
  const around = fc.constantFrom(" ", "，", "。", "（", "\n", " 及 ", "\t");
  fc.assert(
    fc.property(fc.array(fc.tuple(around, values), { minLength: 1, maxLength: 8 }), (pieces) => {
      const text = pieces.map(([before, value]) => `${before}${value}`).join("") + "。";
      const { found } = extract(text);
      assert.equal(found.filter(({ result }) => result.ok).length, new Set(pieces.map(([, value]) => value)).size);
      for (const { start, end, written } of found) assert.equal(text.slice(start, end).trim(), written);
    }),
  );
});

test("extract() takes time in proportion to its text, however it is made", () => {
  for (const piece of [
    "a.",
    "1:",
    "[.]",
    "x@",
    "http://",
    "hxxp[:]//",
    "198.51.100.",
    "f".repeat(31),
    "(",
    "a-",
    "é.",
    "_",
  ]) {
    const took = [20_000, 200_000].map((length) => {
      const text = piece.repeat(length / piece.length);
      const began = process.cpuUsage();
      extract(text);
      return process.cpuUsage(began).user;
    });
    assert.ok((took[1] ?? 0) < 1_500_000, `${JSON.stringify(piece)}: ${took.join(", ")} µs`);
  }
});

// A PDF by hand: objects, their offsets, a trailer. One page a text.
const pdfOf = (pages: readonly string[], more = ""): Uint8Array => {
  const streams = pages.map((text) => {
    const lines = text.split("\n").map((line) => `(${line.replace(/[\\()]/g, "\\$&")}) Tj T*`);
    return `BT /F1 11 Tf 14 TL 50 700 Td ${lines.join(" ")} ET`;
  });
  const objects = [
    `<< /Type /Catalog /Pages 2 0 R ${more} >>`,
    `<< /Type /Pages /Kids [${pages.map((_, i) => `${4 + 2 * i} 0 R`).join(" ")}] /Count ${pages.length} >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ...streams.flatMap((stream, i) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + 2 * i} 0 R >>`,
      `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    ]),
  ];
  let text = "%PDF-1.4\n";
  const offsets = objects.map((object, i) => {
    const at = text.length;
    text += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const start = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.map((at) => `${String(at).padStart(10, "0")} 00000 n \n`).join("")}`;
  return Buffer.from(
    `${text}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`,
    "latin1",
  );
};

const readingOf = async (body: Uint8Array, file: string, feed = freeText) => {
  const { pieces } = await openBody(feed, body, file);
  const values: string[] = [];
  const problems: string[] = [];
  let bad: string | undefined;
  for await (const part of readPieces(feed, pieces, lenient)) {
    bad ??= part.bad?.code;
    values.push(...part.indicators.map(({ observable }) => `${part.name}: ${observable.value}`));
    problems.push(...part.problems.map(({ code, at }) => `${code} ${at ?? ""}`));
  }
  return { values, problems, bad };
};

test("a PDF is read page by page, its script is not, and what is no PDF or too long is named", async () => {
  const script = "/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>";
  const { values } = await readingOf(
    pdfOf(["Seen: hxxp://bad[.]example/a\n203.0.113.9", "and 203.0.113.10"], script),
    "report.pdf",
  );
  assert.deepEqual(values, [": http://bad.example/a", ": 203.0.113.9", ": 203.0.113.10"]);
  assert.equal((await readingOf(Buffer.from("%PDF-1.7 not really"), "x.pdf")).bad, "WGL_BODY_PDF");
  assert.equal(
    (await readingOf(pdfOf(Array.from({ length: pdfLimits.pages + 1 }, () => "x")), "book.pdf")).bad,
    "WGL_BODY_PAGES",
  );
  assert.equal((await readingOf(Buffer.alloc(2_000_001, "x"), "long.txt")).bad, "WGL_TEXT_LONG");
  const page =
    "<html><head><title>x</title><script>evil('1.2.3.4')</script></head><body><p>203.0.113.11</p></body></html>";
  assert.deepEqual((await readingOf(Buffer.from(page), "page.html")).values, [": 203.0.113.11"]);
});

// A zip by hand: local headers, the central directory, its end.
const zipOf = (files: Readonly<Record<string, Uint8Array | string>>): Uint8Array => {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(files)) {
    const body = Buffer.from(content as Uint8Array);
    const packed = deflateRawSync(body);
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    const common = (buffer: Buffer, from: number): void => {
      buffer.writeUInt16LE(20, from);
      buffer.writeUInt16LE(8, from + 4);
      buffer.writeUInt32LE(crc32(body), from + 10);
      buffer.writeUInt32LE(packed.length, from + 14);
      buffer.writeUInt32LE(body.length, from + 18);
      buffer.writeUInt16LE(Buffer.byteLength(name), from + 22);
    };
    common(header, 4);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    common(entry, 6);
    entry.writeUInt32LE(at, 42);
    locals.push(header, Buffer.from(name), packed);
    central.push(entry, Buffer.from(name));
    at += header.length + Buffer.byteLength(name) + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(central.length / 2, 8);
  end.writeUInt16LE(central.length / 2, 10);
  end.writeUInt32LE(
    central.reduce((sum, one) => sum + one.length, 0),
    12,
  );
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, ...central, end]);
};

interface Attached {
  readonly name?: string;
  readonly type: string;
  readonly body: Uint8Array | string;
}
const mailOf = (text: string, attached: readonly Attached[] = [], html = false, id = "1@partner.example"): Uint8Array =>
  Buffer.from(
    [
      "From: Reports <reports@partner.example>",
      "To: intake@cert.example",
      "Subject: =?utf-8?B?5aCx5ZGK?=",
      "Date: Fri, 20 Nov 2026 08:00:00 +0000",
      `Message-ID: <${id}>`,
      "MIME-Version: 1.0",
      'Content-Type: multipart/mixed; boundary="b"',
      "",
      "--b",
      `Content-Type: text/${html ? "html" : "plain"}; charset=utf-8`,
      "",
      text,
      ...attached.flatMap(({ name, type, body }) => [
        "--b",
        `Content-Type: ${type}${name === undefined ? "" : `; name="${name}"`}`,
        `Content-Disposition: attachment${name === undefined ? "" : `; filename="${name}"`}`,
        "Content-Transfer-Encoding: base64",
        "",
        (
          Buffer.from(body as Uint8Array)
            .toString("base64")
            .match(/.{1,76}/g) ?? []
        ).join("\r\n"),
      ]),
      "--b--",
      "",
    ].join("\r\n"),
  );

const table = "indicator,seen_at,labels\n203.0.113.21,2026-11-20 08:00:00,qakbot\n";
const stix = JSON.stringify({
  type: "bundle",
  id: "bundle--11111111-1111-4111-8111-111111111111",
  objects: [
    {
      ...{ type: "indicator", spec_version: "2.1", id: "indicator--11111111-1111-4111-8111-111111111111" },
      ...{
        created: "2026-11-20T08:00:00.000Z",
        modified: "2026-11-20T08:00:00.000Z",
        valid_from: "2026-11-20T08:00:00Z",
      },
      ...{ pattern: "[domain-name:value = 'stix.example']", pattern_type: "stix" },
    },
  ],
});

test("each attachment of a mail is read by the reader that knows its shape, packed or in another mail", async () => {
  const inner = mailOf("inner note: hxxp://inner[.]example/", [
    { name: "deep.csv.gz", type: "application/gzip", body: gzipSync(table.replace("21", "22")) },
  ]);
  const mail = mailOf("Dear team,\r\nplease see https://partner.example/portal.\r\n", [
    { name: "list.csv", type: "text/csv", body: table },
    { name: "ips.txt", type: "text/plain", body: "# list\n203.0.113.31\n203.0.113.32 ; note\n" },
    { name: "bundle.json", type: "application/json", body: stix },
    {
      name: "notes.zip",
      type: "application/zip",
      body: zipOf({ "a/one.txt": "203.0.113.41\n", "two.csv": table.replace("21", "42") }),
    },
    { name: "report.pdf", type: "application/pdf", body: pdfOf(["bad[.]example"]) },
    { name: "forwarded.eml", type: "message/rfc822", body: inner },
    { name: "logo.png", type: "image/png", body: "x" },
    { name: "tool.exe", type: "application/octet-stream", body: Buffer.from([77, 90, 0, 1, 2, 3, 4, 5, 0, 0, 0]) },
  ]);
  assert.ok(mailReport.looksLike?.(Buffer.from(mail.subarray(0, 4096)).toString("latin1"), "1.M2.host"));
  const { values, problems, bad } = await readingOf(mail, "1.eml", mailReport);
  assert.equal(bad, undefined);
  assert.deepEqual(values.sort(), [
    "bundle.json: stix.example",
    "forwarded.eml/deep.csv: 203.0.113.22",
    "forwarded.eml/text.txt: http://inner.example/",
    "ips.txt: 203.0.113.31",
    "ips.txt: 203.0.113.32",
    "list.csv: 203.0.113.21",
    "notes.zip/a/one.txt: 203.0.113.41",
    "notes.zip/two.csv: 203.0.113.42",
    "report.pdf: bad.example",
  ]);
  assert.deepEqual(problems, ["WGL_MAIL_PART tool.exe"], "the covering letter's own link is no value");
  const { file } = await openBody(mailReport, mail, "1.eml");
  assert.equal(file, "1.eml (from reports@partner.example, message-id <1@partner.example>)");
});

test("a mail of HTML alone is read as text; one that is none, or empty, is named", async () => {
  const { values } = await readingOf(
    mailOf("<html><body><p>Block hxxp://bad[.]example/</p><script>x('198.51.100.1')</script></body></html>", [], true),
    "2.eml",
    mailReport,
  );
  assert.deepEqual(values, ["text.txt: http://bad.example/"]);
  assert.equal((await readingOf(Buffer.from("no mail at all"), "x.eml", mailReport)).bad, "WGL_MAIL");
  assert.equal((await readingOf(new Uint8Array(0), "x.eml", mailReport)).bad, "WGL_BODY_EMPTY");
});

test("a hostile mail is bounded: depth, number, bombs, names; what is good beside it is taken", async () => {
  let nested: Uint8Array = Buffer.from("203.0.113.50\n");
  for (let level = 0; level < 8; level++) nested = zipOf({ [`${level}.zip`]: nested });
  const bomb = zipOf({ "bomb.txt": Buffer.alloc(200 * 1024 * 1024) });
  const mail = mailOf("x", [
    { name: "nested.zip", type: "application/zip", body: nested },
    { name: "bomb.zip", type: "application/zip", body: bomb },
    { name: "../../etc/passwd", type: "text/plain", body: "203.0.113.51\n" },
    { name: "leaves.zip", type: "application/zip", body: zipOf({ "../up.txt": "203.0.113.52\n" }) },
    ...Array.from({ length: mailLimits.pieces + 5 }, (_, i) => ({
      name: `${i}.txt`,
      type: "text/plain",
      body: `198.51.100.${i}\n`,
    })),
  ]);
  const { pieces, problems } = await openMail(mail);
  assert.equal(pieces.length, mailLimits.pieces);
  assert.ok(pieces.some(({ name }) => name === "passwd"));
  const codes = new Set(problems.map(({ code }) => code));
  for (const code of ["WGL_MAIL_DEEP", "WGL_BODY_ENTRY", "WGL_MAIL_MANY"] as const) assert.ok(codes.has(code), code);
  assert.ok(codes.has("WGL_BODY_RATIO") || codes.has("WGL_BODY_LARGE"));
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (noise) => {
      const read = await readingOf(
        Buffer.concat([
          Buffer.from("From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"),
          noise,
        ]),
        "n.eml",
        mailReport,
      );
      assert.ok(read.bad === undefined || read.bad.startsWith("WGL_"));
    }),
    { numRuns: 60 },
  );
});

test("readerOf() tells lists from sentences", () => {
  const reader = (name: string, text: string): string => readerOf(name, Buffer.from(text)).id;
  assert.equal(reader("a.txt", "203.0.113.1\n203.0.113.2 # seen twice today by us\n"), "generic-lines");
  assert.equal(
    reader("a.txt", "We saw this host talk to 203.0.113.1 again\nand it was cleaned afterwards by hand\n"),
    "free-text",
  );
  assert.equal(reader("a.txt", "該主機連接至203.0.113.1，請跟進。\n"), "free-text");
  assert.equal(reader("a.json", stix), "stix-bundle");
  assert.equal(reader("a.csv", table), "generic-delimited");
});

const maildir = async (t: TestContext) => {
  const { sql } = await testDatabase(t);
  const folder = mkdtempSync(join(tmpdir(), "waglan-mail-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const mails = join(folder, "Maildir");
  for (const place of ["", "new", "cur"]) mkdirSync(join(mails, place), { recursive: true });
  const collecting: CollectingFeeds = {
    state: stateOf(sql),
    fetching: {
      get: () => assert.fail("nothing is fetched here"),
      post: () => assert.fail("nothing is fetched here"),
      read: () => assert.fail("no single file is read here"),
      archive: openArchive(join(folder, "archive")),
      folder: mailFolder,
    },
    ...{ secret: "test", policy: () => lenient, elapsed: () => 0, random: () => 0 },
    now: () => instant(Date.parse("2026-11-21T08:00:00Z")),
  };
  const source: Source = { feed: { ...mailReport, id: "partner-mail" }, path: mails, trusted: true };
  return { sql, mails, turn: (some: Partial<Source> = {}) => collectFeed(collecting, { ...source, ...some }) };
};

test("a folder of mails is taken in order, moved when committed, and a mail that comes twice is taken once", async (t) => {
  const { sql, mails, turn } = await maildir(t);
  writeFileSync(join(mails, "new", "1.M1.host"), mailOf("x", [{ name: "a.csv", type: "text/csv", body: table }]));
  writeFileSync(join(mails, "2.eml"), mailOf("hxxp://bad[.]example/ is bad", [], false, "2@partner.example"));
  writeFileSync(join(mails, "3.eml"), "this is no mail");
  writeFileSync(join(mails, "readme.txt"), "not for us");
  const done = await turn();
  assert.deepEqual([done?.state, done?.reason?.code], ["quarantined", "WGL_MAIL"], "what was refused is told");
  assert.deepEqual(readdirSync(join(mails, "done")).sort(), ["1.M1.host", "2.eml"]);
  assert.deepEqual(readdirSync(join(mails, "refused")), ["3.eml"]);
  assert.ok(readdirSync(mails).includes("readme.txt"));
  const claims = await sql`select i.value, c.feed from claim c join indicator i on i.id = c.indicator order by 1`;
  assert.deepEqual(
    claims.map((one) => `${one["feed"]} ${one["value"]}`),
    ["partner-mail 203.0.113.21", "partner-mail http://bad.example/"],
    "whatever a mail looks like, it is the mail source's word",
  );
  const turns = async (): Promise<unknown> =>
    (await sql`select count(*)::int as n from feed_turn where rows > 0`)[0]?.["n"];
  const before = await turns();
  writeFileSync(join(mails, "cur", "again:2,S"), mailOf("x", [{ name: "a.csv", type: "text/csv", body: table }]));
  assert.equal((await turn())?.state, "healthy");
  assert.deepEqual([await turns(), readdirSync(join(mails, "cur"))], [before, []]);
  const gone = await turn({ path: join(mails, "nowhere") });
  assert.deepEqual([gone?.state, gone?.reason?.code], ["failing", "WGL_FEED_FILE"]);
});

test("submitIntake() tells first and takes then, under the submitter's marking and grade, with evidence", async (t) => {
  const { acts, viewer, sql, leaves } = await openActsWorld(t);
  const lo = await viewer("lo");
  const note: IntakeNew = {
    text: "Sinkhole: hxxp://bad[.]example/x and 203.0.113.77, tool setup.zip. See https://cert.example/r",
    ...{ tlp: "red", grade: "B2", labels: ["Campaign 7"], origin: "call of the hospital" },
  };
  const dry = await acts.submitIntake(lo, { ...note, dryRun: true }, ask);
  assert.ok(dry.ok);
  assert.deepEqual(
    [dry.value.taken, dry.value.found.map(({ value }) => value), dry.value.notTaken.map(({ code }) => code)],
    [false, ["http://bad.example/x", "203.0.113.77"], ["WGL_TEXT_DOUBTFUL", "WGL_TEXT_REFERENCE"]],
  );
  assert.equal((await sql`select count(*)::int as n from claim`)[0]?.["n"], 0);
  const submission = { ...note, without: ["203.0.113.77"], also: ["https://cert.example/r"] };
  const done = await acts.submitIntake(lo, submission, { ...ask, key: "k1" });
  assert.ok(done.ok);
  assert.deepEqual([done.value.taken, done.value.added], [true, 2]);
  await acts.submitIntake(lo, submission, { ...ask, key: "k1" });
  const claims =
    await sql`select i.value, c.tlp::text as tlp, c.grade::text as grade, c.labels, f.shadow from claim c join indicator i on i.id = c.indicator join feed_state f using (feed) order by 1`;
  assert.deepEqual(
    claims.map((one) => ({ ...one })),
    ["http://bad.example/x", "https://cert.example/r"].map((value) => ({
      value,
      tlp: "red",
      grade: "B2",
      labels: ["campaign 7"],
      shadow: true,
    })),
  );
  const intake = (await leaves()).filter(({ subject }) => subject === "feed intake");
  assert.deepEqual(
    [intake.length, intake[0]?.data["who"], intake[0]?.data["origin"]],
    [1, "Lo Wing-yan", "call of the hospital"],
  );
});

test("submitIntake() takes files by their shape, keeps the stricter marking, and refuses what holds nothing", async (t) => {
  const { acts, viewer, sql } = await openActsWorld(t);
  const lo = await viewer("lo");
  const send = (name: string, body: Uint8Array | string, some: object = {}) =>
    acts.submitIntake(
      lo,
      {
        file: { name, base64: Buffer.from(body as Uint8Array).toString("base64") },
        tlp: "green",
        grade: "C3",
        ...some,
      },
      ask,
    );
  const clear = stix.replace(
    '"pattern":',
    '"object_marking_refs":["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"],"pattern":',
  );
  assert.ok((await send("b.json", clear, { tlp: "amber" })).ok);
  assert.equal(
    (await sql`select tlp::text as tlp from claim`)[0]?.["tlp"],
    "amber",
    "TLP:CLEAR inside does not undo the submitter's AMBER",
  );
  for (const [name, body, value] of [
    ["r.pdf", pdfOf(["bad[.]example"]), "bad.example"],
    ["m.eml", mailOf("x", [{ name: "a.csv", type: "text/csv", body: table }]), "203.0.113.21"],
    ["l.txt.gz", gzipSync("203.0.113.61\n"), "203.0.113.61"],
  ] as const) {
    const done = await send(name, body);
    assert.ok(done.ok, name);
    assert.deepEqual(
      done.value.found.map((one) => one.value),
      [value],
    );
  }
  const codes = async (asked: ReturnType<typeof send>): Promise<string> => {
    const result = await asked;
    return result.ok ? "ok" : result.problem.code;
  };
  assert.equal(await codes(send("n.txt", "nothing to see in this text of ours\n")), "WGL_INTAKE_EMPTY");
  assert.equal(await codes(send("x.eml", "no mail")), "WGL_MAIL");
  assert.equal(await codes(acts.submitIntake(lo, { tlp: "green", grade: "C3" }, ask)), "WGL_INTAKE_WHAT");
  for (const who of ["root", "chan", "abroad"] as const)
    assert.equal(
      await codes(acts.submitIntake(await viewer(who), { text: "203.0.113.1", tlp: "green", grade: "C3" }, ask)),
      "WGL_ABSENT",
      who,
    );
});

test("rejectedRows() pages what a source was refused, as it came, for those who may read sources", async (t) => {
  const { acts, viewer, desk } = await openActsWorld(t);
  const lo = await viewer("lo");
  const lines = Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? `wrong value ${i}` : `203.0.113.${i}`)).join("\n");
  const { pieces } = await openBody(freeText, Buffer.from(lines), "x.txt");
  const asLines = { ...freeText, ...readerOf("list.txt", Buffer.from("203.0.113.1\n")), id: "generic-lines" };
  await desk.collectPieces(asLines, pieces, "x.txt", async () => {});
  const seen: (string | undefined)[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < 10; pages++) {
    const page = await acts.rejectedRows(
      lo,
      "generic-lines",
      { limit: 7, ...(cursor === undefined ? {} : { cursor }) },
      ask,
    );
    assert.ok(page.ok);
    seen.push(...page.value.rows.map(({ text }) => text));
    cursor = page.value.next;
    if (cursor === undefined) break;
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 20 }, (_, i) => `wrong value ${57 - 3 * i}`),
  );
  const bad = await acts.rejectedRows(lo, "generic-lines", { limit: 7, cursor: "x" }, ask);
  assert.equal(!bad.ok && bad.problem.code, "WGL_CURSOR");
  const hidden = await acts.rejectedRows(await viewer("chan"), "generic-lines", { limit: 7 }, ask);
  assert.equal(!hidden.ok && hidden.problem.code, "WGL_ABSENT");
});
