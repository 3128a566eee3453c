// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import type { AlertInput } from "#alerts/alert-input.ts";
import { answerCss } from "#alerts/answer-css.ts";
import { blockIds } from "#alerts/block.ts";
import { composeAlert } from "#alerts/compose.ts";
import { defang, defangText } from "#alerts/defang.ts";
import { mailOf } from "#alerts/mail.ts";
import { severitySigns } from "#alerts/sign.ts";
import { dark, light, severityInk, tlpInk } from "#alerts/tokens.ts";
import { certainties } from "#core/grade.ts";
import { tlps, printTlp } from "#core/marking.ts";
import { refang } from "#core/refang.ts";
import { rsitTypes, type RsitType } from "#core/rsit.ts";
import { severities } from "#core/severity.ts";
import { answers } from "#incidents/answer.ts";
import { directoryInventory } from "#intel/inventory/item.ts";
import { languages } from "#words/language.ts";
import { say } from "#words/say.ts";
import { sampleAlert } from "./alerts-sample.ts";

/** Every address that a mail program could open: what `href` says, and what a naive linker finds in the text. */
const links = (html: string): readonly string[] => [...html.matchAll(/href="([^"]*)"/g)].map((found) => found[1] ?? "");
const linkable =
  /(?:https?:\/\/|www\.)[^\s<>")]+|[\w-]+(?:\.[\w-]+)*\.(?:example|com|net|org|php|json)\b|[\w.+-]+@[\w-]+\.[\w.]+/gi;
const visibleText = (html: string): string => html.replace(/<style>.*?<\/style>/gs, "").replace(/<[^>]+>/g, " ");

test("composeAlert() has exactly five blocks, in one order, in every language", () => {
  for (const language of languages) {
    const { blocks, text, html } = composeAlert(sampleAlert, [language]);
    assert.deepEqual(
      blocks.map((block) => block.id),
      blockIds,
    );
    let last = -1;
    let lastMarkup = -1;
    for (const { title } of blocks) {
      assert.ok(text.indexOf(`. ${title}\n`) > last, title);
      last = text.indexOf(`. ${title}\n`);
      assert.ok(html.text.indexOf(`>${title}</h2>`) > lastMarkup, title);
      lastMarkup = html.text.indexOf(`>${title}</h2>`);
    }
  }
});

test("composeAlert() says in text whatever it says in HTML", () => {
  for (const language of languages) {
    const { blocks, text, html } = composeAlert(sampleAlert, [language]);
    const markup = visibleText(html.text).replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&nbsp;", " ");
    for (const part of blocks.flatMap((block) => block.parts)) {
      const said =
        part.kind === "steps"
          ? part.steps.flatMap((step) => [step.what, step.who, step.byWhen, step.why])
          : part.kind === "answers"
            ? part.answers.map((one) => one.label)
            : part.kind === "list"
              ? part.items
              : part.kind === "lines"
                ? [part.caption, ...part.lines.flatMap((line) => line.split("\n"))]
                : part.kind === "scale"
                  ? []
                  : part.kind === "link"
                    ? [part.url]
                    : [part.text];
      for (const one of said) {
        assert.ok(text.includes(one), `text: ${one}`);
        assert.ok(markup.includes(one), `html: ${one}`);
      }
    }
  }
});

test("composeAlert() tells who, until when, how to check, and both times of each sighting", () => {
  const { subject, text } = composeAlert(sampleAlert, ["en"]);
  assert.equal(
    subject,
    "TLP:AMBER+STRICT WG-2026-1187: Critical. A device of yours talks to a server that controls malware",
  );
  for (const wanted of [
    "▲▲ Critical  Alert WG-2026-1187, version 1",
    "Harbour City CERT to Chan Hoi-ki, Harbour Transport Department.",
    "Please answer by 20 Nov 2026, 01:44 (UTC+8).", // 17:44 UTC + 8 h, the next day
    "Yes. fileserver-02 (203.0.113.24) belongs to Harbour Transport Department, proven by a DNS record on 2 Nov 2026.",
    "2026-11-19 16:30:00\u00a0UTC · 2026-11-20 00:30:00\u00a0UTC+8",
    "203.0.113.24:51234 → 198[.]51[.]100[.]77:443 · update[.]bad[.]example · TLS server name, outbound",
    "203.0.113.24:51240 → [2001:db8::7]:8443 · destination address, outbound",
    "Seen 1\u00a0412 times, first 19 Nov 2026, 15:02 (UTC+8), last 20 Nov 2026, 00:30 (UTC+8).",
    "As recorded in eve[.]json, line 48213:",
    "Almost certain. 2 sources say so; the best is usually reliable, and what it says is probably true (B2).",
    "lists[.]bad-hosts[.]example: fairly reliable, possibly true (C3)",
    "Call 2555 0142 and read 潮 4719. We answer with the second half.",
  ])
    assert.ok(text.includes(wanted), `${wanted}\n\n${text}`);
});

test("composeAlert() says the later version's reason", () => {
  const again = composeAlert({ ...sampleAlert, version: 2, reason: "reopened" }, ["en"]);
  assert.match(again.subject, /^TLP:AMBER\+STRICT WG-2026-1187, update 2: Critical\./);
  assert.ok(again.text.includes(say("en", "mail.reason.reopened")));
});

test("composeAlert() of an alert that is taken back says so first, asks for nothing, and shouts at nobody", () => {
  const back = composeAlert({ ...sampleAlert, version: 2, reason: "withdrawn" }, ["en", "zh-Hant-HK"]);
  assert.match(back.subject, /^TLP:AMBER\+STRICT WG-2026-1187 is withdrawn, nothing to do\./);
  for (const wanted of ["You need not answer.", "We had written:", "Stop the work this alert caused.", "無須回覆。"])
    assert.ok(back.text.includes(wanted), wanted);
  for (const unwanted of ["Critical", "Please answer", "Almost certain"])
    assert.ok(!back.text.includes(unwanted), unwanted);
  assert.ok(!String(back.html).includes("▲"));
});

test("composeAlert() writes each language once, the first one first, and TLP around each", () => {
  const { text, html, subject, blocks } = composeAlert(sampleAlert, ["zh-Hant-HK", "en", "zh-Hant-HK", "zh-Hans"]);
  assert.match(subject, /【危急】/);
  assert.equal(blocks[0]?.title, "發生甚麼事");
  const order = (["zh-Hant-HK", "en", "zh-Hans"] as const).map((one) => text.indexOf(say(one, "mail.block.us")));
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    order,
  );
  assert.equal(text.match(/TLP:AMBER\+STRICT/g)?.length, 6);
  assert.equal(html.text.match(/<table role="presentation" lang="/g)?.length, 3);
  assert.match(text, /English below\n简体中文版本在下方/);
});

test("composeAlert() links nothing but its own pages and defangs all that is hostile", () => {
  for (const story of ["contacted", "listed"] as const)
    for (const language of languages) {
      const { text, html } = composeAlert(
        {
          ...sampleAlert,
          story,
          asset: { ...sampleAlert.asset, observable: { kind: "domain", value: "www.parks.example" } },
        },
        [language],
      );
      for (const href of links(html.text)) assert.match(href, /^https:\/\/portal\.cert\.example\//);
      for (const found of [...(text.match(linkable) ?? []), ...(visibleText(html.text).match(linkable) ?? [])])
        assert.ok(
          found.includes("portal.cert.example") || (story === "contacted" && found === "www.parks.example"),
          `${story} ${language}: ${found}`,
        );
    }
});

const hostileText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "https://evil.example/x",
    "evil.example",
    "a\r\nBcc: evil@evil.example",
    "{asset} {hostile} $&",
    "\u202eexe.txt",
  ),
);
const anyAlert: fc.Arbitrary<AlertInput> = fc
  .record({
    outside: fc.array(hostileText, { minLength: 9, maxLength: 9 }),
    type: fc.constantFrom(...(Object.keys(rsitTypes) as RsitType[])),
    story: fc.constantFrom("contacted" as const, "listed" as const),
    audience: fc.constantFrom("it" as const, "sme" as const),
    severity: fc.constantFrom(...severities),
    certainty: fc.constantFrom(...certainties),
    tlp: fc.constantFrom(...tlps),
    proof: fc.constantFrom("declared" as const, "registry" as const, "dns" as const, "staff" as const),
    named: fc.boolean(),
  })
  .map(
    ({
      outside: [a = "", b = "", c = "", d = "", e = "", f = "", g = "", h = "", i = ""],
      type,
      named,
      proof,
      ...rest
    }) => ({
      ...sampleAlert,
      ...rest,
      recipient: a,
      problem: { type, about: b },
      sources: named ? [{ title: c, grade: { source: "A", statement: 1 } as const }] : [],
      asset: { observable: { kind: "domain", value: d }, name: e, proof },
      hostile: [{ kind: "url", value: f }],
      instances: sampleAlert.instances.map((one) => ({ ...one, value: g })),
      evidence: [{ file: h, line: 1, text: i }],
      organisation: { en: a, "zh-Hans": b },
    }),
  );

test("composeAlert() lets no outside text become markup, a link, a header or a second line", () => {
  const tags = (markup: string): readonly string[] => [...new Set(markup.match(/<\/?[a-zA-Z!][^\s>]*/g) ?? [])].sort();
  const own = new Set([
    ..."!DOCTYPE html head meta title style body table tr td div span b p h1 h2 ul ol li a br"
      .split(" ")
      .map((tag) => `<${tag}`),
    ..."html head title style body table tr td div span b p h1 h2 ul ol li a".split(" ").map((tag) => `</${tag}`),
  ]);
  fc.assert(
    fc.property(anyAlert, fc.constantFrom(...languages), (input, language) => {
      const { html, subject } = composeAlert(input, [language]);
      for (const tag of tags(html.text)) assert.ok(own.has(tag), tag);
      for (const href of links(html.text)) assert.match(href, /^https:\/\/portal\.cert\.example\//);
      const inTags = (html.text.match(/<[^>]*>/g) ?? []).join("\n");
      assert.doesNotMatch(inTags, /\son\w+=|javascript:|src=|url\(/);
      assert.doesNotMatch(subject, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      assert.ok(subject.startsWith(printTlp(input.tlp)));
    }),
    { numRuns: 300 },
  );
});

test("composeAlert() has no hole left in any sentence, for every problem, story, audience and language", () => {
  for (const type of Object.keys(rsitTypes) as RsitType[])
    for (const story of ["contacted", "listed"] as const)
      for (const audience of ["it", "sme"] as const) {
        const { text } = composeAlert(
          {
            ...sampleAlert,
            problem: { type, about: "" },
            story,
            audience,
            hostile: story === "listed" ? [] : sampleAlert.hostile,
            evidence: [],
          },
          languages,
        );
        assert.doesNotMatch(text, /\{\w+\}|undefined|\(\)|  [,.]| [，。]/, `${type} ${story} ${audience}`);
      }
});

test("composeAlert() fetches nothing, runs nothing and fits a 600 px column", () => {
  const { html } = composeAlert(sampleAlert, ["en", "zh-Hant-HK"]);
  assert.doesNotMatch(html.text, /<(?:img|script|link|iframe|object|form|svg|video)|background=|url\(|@import/i);
  assert.equal(html.text.match(/prefers-color-scheme/g)?.length, 1);
  assert.equal(html.text.match(/width="600"/g)?.length, 2);
  assert.ok(Buffer.byteLength(html.text) < 102_000, "some programs cut mails of more than 102 kB");
});

test("mailOf() carries the composed alert unchanged", () => {
  const composed = composeAlert(sampleAlert, ["en"]);
  const box = { name: "", address: "a@cert.example" };
  const mail = mailOf(composed, { id: "1", from: box, to: box, messageId: "<1@cert.example>" });
  assert.deepEqual([mail.subject, mail.text, mail.html], [composed.subject, composed.text, composed.html.text]);
});

test("without answers, number and portal the alert says so and leaves them out", () => {
  const {
    answers: _answers,
    verify: _verify,
    portal: _portal,
    contacts: _contacts,
    recipient: _recipient,
    ...bare
  } = sampleAlert;
  const { text, html } = composeAlert({ ...bare, sources: [] }, ["en"]);
  assert.deepEqual(links(html.text), []);
  assert.ok(text.includes("Please answer in the portal."));
  assert.ok(text.includes("The sources of this statement cannot be named to you"));
  assert.ok(text.includes("Harbour City CERT to Harbour Transport Department."));
  assert.ok(!text.includes("Is this real?"));
});

test("defang() can be undone, and leaves nothing that opens", () => {
  for (const value of [
    "198.51.100.77",
    "bad.example",
    "https://bad.example/a.php?x=1",
    "http://bad.example:8080/",
    "a@bad.example",
    "bad.example:8080",
    "2001:db8::7",
  ]) {
    assert.equal(refang(defang(value)), value);
    assert.doesNotMatch(defang(value), linkable);
  }
});

test("defangText() leaves numbers and the reader's own values, and nothing that opens", () => {
  assert.equal(
    defangText("41.2 GB from 203.0.113.24 to http://bad.example/x, mail a@b.example", new Set(["203.0.113.24"])),
    "41.2 GB from 203.0.113.24 to hxxp[://]bad[.]example/x, mail a[@]b[.]example",
  );
  fc.assert(
    fc.property(hostileText, fc.webUrl(), fc.emailAddress(), (a, url, mail) => {
      assert.doesNotMatch(defangText(`${a} ${url} ${mail}`), linkable);
    }),
  );
});

test("the five answers and five severities are all drawn", () => {
  const { html, text } = composeAlert(sampleAlert, ["en"]);
  for (const answer of answers)
    assert.ok(
      links(html.text).some((href) => href.endsWith(`?answer=${answer}`)),
      answer,
    );
  for (const severity of severities)
    assert.ok(composeAlert({ ...sampleAlert, severity }, ["en"]).text.includes(`${severitySigns[severity]} `));
  assert.ok(text.endsWith("TLP:AMBER+STRICT\n"));
});

const tokens = new URL("../../shared/visual/tokens.css", import.meta.url);
test("mail and answer page use the design tokens' colours", {
  skip: existsSync(tokens) ? false : "../shared/visual is not here",
}, () => {
  const source = readFileSync(tokens, "utf8");
  const day = source.slice(0, source.indexOf('[data-theme="dark"] {'));
  const night = source.slice(source.indexOf('[data-theme="dark"] {'), source.indexOf("@media"));
  const dashed = (name: string): string =>
    name
      .replace(/([A-Z])/g, "-$1")
      .replace(/(\d)/, "-$1")
      .toLowerCase();
  for (const [theme, css] of [
    [light, day],
    [dark, night],
  ] as const)
    for (const [name, colour] of Object.entries(theme))
      assert.match(css, new RegExp(`--${dashed(name)}:\\s*${colour.text};`), name);
  for (const severity of severities) {
    assert.ok(day.includes(`--sev-${severity}: ${severityInk[severity].light.text};`), severity);
    assert.ok(night.includes(`--sev-${severity}: ${severityInk[severity].dark.text};`), severity);
  }
  for (const [tlp, name] of [
    ["red", "red"],
    ["amber+strict", "amber"],
    ["amber", "amber"],
    ["green", "green"],
    ["clear", "clear"],
  ] as const)
    assert.ok(source.includes(`--tlp-${name}: ${tlpInk[tlp].text}`), tlp);
  assert.doesNotMatch(answerCss, /url\(|@import/);
});

test("composeAlert() says who names a product: an inventory by its name, or the directory, and no place that nobody gave", () => {
  const runs: AlertInput = {
    ...{ ...sampleAlert, story: "runs", problem: { type: "vulnerable-system", about: "cve-2026-10417" } },
    ...{ instances: [], hostile: [], evidence: [{ file: "servers", line: 0, text: "row 2: Example VPN 9.1" }] },
  };
  const named: AlertInput = {
    ...{ ...runs, asset: { observable: { kind: "domain", value: "example vpn" }, proof: "declared" } },
    evidence: [{ file: directoryInventory, line: 0, text: "cpe:2.3:a:example:vpn:9.1:*:*:*:*:*:*:*: example vpn 9.1" }],
  };
  for (const language of languages) {
    const [brought, directory] = [composeAlert(runs, [language]).text, composeAlert(named, [language]).text];
    assert.ok(brought.includes(say(language, "mail.us.evidence.inventory", { file: "servers" })), language);
    assert.ok(directory.includes(say(language, "mail.us.evidence.directory")), language);
    assert.ok(directory.includes(say(language, "mail.happened.named").slice(0, 20)), language);
    assert.ok(!directory.includes(directoryInventory), language);
  }
});
