// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { errors, type ErrorCode } from "#core/errors.ts";
import { instant } from "#core/instant.ts";
import { observableKinds } from "#core/observable.ts";
import { problem } from "#core/result.ts";
import { rsitTypes } from "#core/rsit.ts";
import { severities } from "#core/severity.ts";
import { certainties } from "#core/grade.ts";
import { findingStates } from "#incidents/state.ts";
import { directions, wheres } from "#telemetry/format.ts";
import { catalogue } from "#words/catalogue.ts";
import { languageOf, languages, nameIn, preferredLanguage, type Language } from "#words/language.ts";
import { printList } from "#words/list.ts";
import { printBytes, printNumber } from "#words/number.ts";
import { say, sayProblem } from "#words/say.ts";
import type { Sentence } from "#words/sentence.ts";
import { termbase } from "#words/termbase.ts";
import { clock, isZone, offset, printStamp, printTime, printUtc } from "#words/time.ts";
import { errors as hansErrors } from "#words/zh-hans/errors.ts";
import { errors as hantErrors } from "#words/zh-hant/errors.ts";

/** "2026-11-19T08:42:00Z" */
const time = instant(1_795_077_720_000);

interface Line {
  readonly language: Language;
  readonly key: string;
  readonly text: string;
}

const forms = (sentence: Sentence): readonly string[] =>
  typeof sentence === "string" ? [sentence] : [sentence.one, sentence.other];

const lines: readonly Line[] = [
  ...languages.flatMap((language) =>
    Object.entries(catalogue[language]).flatMap(([topic, sentences]) =>
      Object.entries(sentences).flatMap(([name, sentence]) =>
        forms(sentence).map((text) => ({ language, key: `${topic}.${name}`, text })),
      ),
    ),
  ),
  ...Object.entries(hantErrors).map(([key, text]) => ({ language: "zh-Hant-HK" as const, key, text })),
  ...Object.entries(hansErrors).map(([key, text]) => ({ language: "zh-Hans" as const, key, text })),
];

const parameters = (text: string): readonly string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

test("every language says every sentence of the others, with the same parameters", () => {
  for (const [topic, english] of Object.entries(catalogue.en))
    for (const language of languages) {
      const other: Readonly<Record<string, Sentence>> = catalogue[language][topic as keyof (typeof catalogue)["en"]];
      assert.deepEqual(Object.keys(other), Object.keys(english), `${language} ${topic}`);
      for (const [name, sentence] of Object.entries(english)) {
        const wanted = parameters(forms(sentence).join());
        for (const text of forms(other[name] ?? "")) {
          assert.notEqual(text.trim(), "", `${language} ${topic}.${name}`);
          assert.deepEqual(parameters(text), wanted, `${language} ${topic}.${name}`);
        }
      }
    }
  assert.ok(lines.length > 1000, `only ${lines.length} sentences were read`);
});

test("every error code is said in all languages, with its own parameters", () => {
  for (const said of [hantErrors, hansErrors]) {
    assert.deepEqual(Object.keys(said).sort(), Object.keys(errors).sort());
    for (const [code, text] of Object.entries(said))
      assert.deepEqual(parameters(text), parameters(errors[code as ErrorCode].says), code);
  }
});

test("error sentences are quoted in 「」 and “”, and do not end in a full stop", () => {
  for (const [said, wrong] of [
    [hantErrors, /["“”。]$|["“”]/],
    [hansErrors, /["「」。]$|["「」]/],
  ] as const)
    for (const [code, text] of Object.entries(said)) assert.doesNotMatch(text, wrong, code);
});

test("the term base's foreign words stand in no sentence", () => {
  for (const { language, key, text } of lines) {
    const plain = text.replace(/\{\w+\}/g, "");
    for (const [term, row] of Object.entries(termbase))
      for (const never of row[language].never)
        if (!row[language].use.includes(never))
          assert.ok(
            !plain.includes(never),
            `${language} ${key}: "${never}" for ${term}, wanted "${row[language].use}"`,
          );
  }
});

test("the term base's own words are used", () => {
  for (const language of ["zh-Hant-HK", "zh-Hans"] as const) {
    const all = lines
      .filter((line) => line.language === language)
      .map((line) => line.text)
      .join("\n");
    const unused = Object.values(termbase).filter((row) => !all.includes(row[language].use));
    assert.deepEqual(
      unused.map((row) => row.en.use).filter((term) => term !== "inside"),
      [],
    );
  }
});

/**
 * Characters a legacy encoding holds: Big5 is Traditional, GB 2312 is Simplified. A sentence in the other script, or
 * half converted, holds characters that its own encoding lacks.
 */
const charactersOf = (
  label: string,
  leads: readonly (readonly [number, number])[],
  trails: readonly (readonly [number, number])[],
) => {
  const decoder = new TextDecoder(label);
  const found = new Set<string>();
  for (const [from, to] of leads)
    for (let lead = from; lead <= to; lead++)
      for (const [first, last] of trails)
        for (let trail = first; trail <= last; trail++) found.add(decoder.decode(Uint8Array.of(lead, trail)));
  return found;
};

test("Traditional sentences are in Traditional characters, Simplified ones in Simplified", () => {
  const own = {
    // level 1, the frequent ones; level 2 holds ancient characters that look like Simplified ones (网)
    "zh-Hant-HK": charactersOf(
      "big5",
      [[0xa4, 0xc5]],
      [
        [0x40, 0x7e],
        [0xa1, 0xfe],
      ],
    ).union(charactersOf("big5", [[0xc6, 0xc6]], [[0x40, 0x7e]])),
    "zh-Hans": charactersOf("gbk", [[0xb0, 0xf7]], [[0xa1, 0xfe]]),
  };
  own["zh-Hant-HK"].add("裏"); // the Hong Kong form stands in level 2
  assert.ok(own["zh-Hant-HK"].has("網"));
  assert.equal(own["zh-Hant-HK"].size, 5401 + 1);
  assert.ok(!own["zh-Hant-HK"].has("网"));
  assert.ok(own["zh-Hans"].has("网") && !own["zh-Hans"].has("網"));
  for (const { language, key, text } of lines) {
    if (language === "en") {
      assert.doesNotMatch(text, /\p{Script=Han}/u, key);
      continue;
    }
    for (const character of text.match(/\p{Script=Han}/gu) ?? [])
      assert.ok(own[language].has(character), `${language} ${key}: ${character} in "${text}"`);
  }
});

test("Chinese sentences use full-width punctuation beside Chinese", () => {
  for (const { language, key, text } of lines)
    if (language !== "en")
      assert.doesNotMatch(text, /\p{Script=Han}[,;:!?](?!\/\/)|\p{Script=Han}\.(?!\w)/u, `${language} ${key}: ${text}`);
});

test("TLP labels stand in no sentence: they are never translated", () => {
  for (const { key, text } of lines) assert.doesNotMatch(text, /TLP:|AMBER|紅燈|红灯|琥珀/, key);
});

test("the glossary has a word for every value of the closed unions", () => {
  const wanted = [
    ...severities.map((one) => `severity.${one}`),
    ...certainties.map((one) => `certainty.${one}`),
    ...findingStates.map((one) => `state.${one}`),
    ...wheres.map((one) => `where.${one}`),
    ...directions.map((one) => `direction.${one}`),
    ...observableKinds.map((one) => `kind.${one}`),
    ...Object.keys(rsitTypes).map((one) => `problem.${one}`),
  ];
  for (const language of languages)
    for (const key of wanted) assert.ok(Object.hasOwn(catalogue[language].glossary, key), `${language} ${key}`);
});

test("say() counts as the language does", () => {
  const params = { first: "a", last: "b" };
  assert.equal(say("en", "mail.seen-often", { count: 1, ...params }), "Seen 1 time, first a, last b.");
  assert.equal(say("en", "mail.seen-often", { count: 2, ...params }), "Seen 2 times, first a, last b.");
  assert.equal(say("zh-Hant-HK", "mail.seen-often", { count: 1, ...params }), "共發現 1 次，首次為 a，最近一次為 b。");
  assert.equal(
    say("zh-Hans", "mail.seen-often", { count: 1200, ...params }),
    "共发现 1\u00a0200 次，首次为 a，最近一次为 b。",
  );
});

test("say() neither reads parameters twice nor lets text forge lines or turn round", () => {
  assert.equal(say("en", "mail.about", { about: "{about} $& {time}" }), "It is known as {about} $& {time}.");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (about) => {
      assert.doesNotMatch(say("en", "mail.about", { about }), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    }),
  );
});

test("sayProblem() says a problem in the reader's language", () => {
  const no = problem("WGL_IP", { value: "300.1.1.1" });
  assert.equal(sayProblem("en", no), no.message);
  assert.equal(sayProblem("zh-Hant-HK", no), "無法讀取 IP 地址「300.1.1.1」");
  assert.equal(sayProblem("zh-Hans", no), "无法读取 IP 地址“300.1.1.1”");
});

test("languageOf() and preferredLanguage() find the nearest we speak", () => {
  const wanted = {
    "en-US": "en",
    "zh-HK": "zh-Hant-HK",
    "zh-TW": "zh-Hant-HK",
    zh_Hant: "zh-Hant-HK",
    yue: "zh-Hant-HK",
    "zh-CN": "zh-Hans",
    zh: "zh-Hans",
    de: undefined,
  };
  for (const [tag, language] of Object.entries(wanted)) assert.equal(languageOf(tag), language, tag);
  assert.equal(preferredLanguage(["pt-BR", "zh-MO", "en"], "en"), "zh-Hant-HK");
  assert.equal(preferredLanguage(["pt-BR"], "zh-Hans"), "zh-Hans");
});

test("nameIn() takes the nearest script before English", () => {
  assert.equal(nameIn({ en: "Parks", "zh-Hans": "公园署" }, "zh-Hant-HK"), "公园署");
  assert.equal(nameIn({ en: "Parks", "zh-Hant-HK": "" }, "zh-Hant-HK"), "Parks");
  assert.equal(nameIn({}, "en"), "");
});

test("numbers, bytes and lists are written in the reader's way", () => {
  for (const language of languages) {
    assert.equal(printNumber(language, 41_203_884_032), "41\u00a0203\u00a0884\u00a0032");
    assert.equal(printBytes(language, 41_203_884_032), "41.2\u00a0GB"); // 41 203 884 032 ÷ 1000³ = 41.203…
    assert.equal(printBytes(language, 999), "999\u00a0B");
    assert.equal(printBytes(language, 0), "0\u00a0B");
    assert.equal(printBytes(language, 1000), "1\u00a0kB");
  }
  assert.equal(printList("en", ["a", "b", "c"]), "a, b and c");
  assert.equal(printList("zh-Hant-HK", ["甲", "乙", "丙"]), "甲、乙及丙");
  assert.equal(printList("zh-Hans", ["甲", "乙", "丙"]), "甲、乙和丙");
});

test("times are said in the zone with its offset, and in UTC", () => {
  const zone = "Asia/Hong_Kong";
  assert.equal(printUtc(time), "2026-11-19 08:42:00\u00a0UTC");
  assert.equal(printStamp(time, zone), "2026-11-19 16:42:00\u00a0UTC+8");
  assert.equal(printTime("en", time, zone), "19 Nov 2026, 16:42 (UTC+8)");
  assert.equal(printTime("zh-Hant-HK", time, zone), "2026年11月19日 16:42（UTC+8）");
  assert.equal(printTime("zh-Hans", time, zone, "second"), "2026年11月19日 16:42:00（UTC+8）");
  assert.equal(printTime("en", time, zone, "day"), "19 Nov 2026");
  assert.equal(clock(instant(time + 8 * 3_600_000 - 42 * 60_000), zone), "00:00"); // 16:00 UTC is midnight there
  assert.equal(offset(time, "Asia/Kolkata"), "UTC+5:30");
  assert.equal(offset(time, "Europe/London"), "UTC");
  assert.ok(isZone(zone) && !isZone("Mars/Olympus"));
});
