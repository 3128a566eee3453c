import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { longestNote, readAnswerForm } from "#alerts/answer-form.ts";
import { answerPath, answerUrls, makeAnswerToken, readAnswerToken, type AnswerClaim } from "#alerts/answer-link.ts";
import { answerPage, noAnswerPage, thanksPage, type AnswerView } from "#alerts/answer-page.ts";
import { after, instant } from "#core/instant.ts";
import { answers } from "#incidents/answer.ts";
import { languages } from "#words/language.ts";
import { say } from "#words/say.ts";
import { sampleAlert } from "./alerts-sample.ts";

const key = Buffer.alloc(32, 7);
const now = instant(1_795_077_720_000);
const claim: AnswerClaim = { alert: "a7K2Q9D", person: "p4", version: 2, expires: after(now, 3_600_000) };
const codeOf = (token: string, with_: Uint8Array = key, at = now): string => {
  const read = readAnswerToken(token, with_, at);
  return read.ok ? "ok" : read.problem.code;
};

test("readAnswerToken() gives back what makeAnswerToken() was given, until it expires", () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 60 }),
      fc.string({ maxLength: 60 }),
      fc.integer({ min: 1, max: 0xffff }),
      fc.integer({ min: 1, max: 4_000_000 }),
      (alert, person, version, seconds) => {
        const given = { alert, person, version, expires: instant((1_795_077_720 + seconds) * 1000) };
        const token = makeAnswerToken(given, key);
        assert.match(token, /^[A-Za-z0-9_-]+$/);
        assert.deepEqual(readAnswerToken(token, key, now), { ok: true, value: given });
        assert.equal(codeOf(token, key, given.expires), "WGL_ANSWER_EXPIRED"); // the instant itself is too late
      },
    ),
  );
});

test("readAnswerToken() refuses every changed byte, another key, and rubbish", () => {
  const token = makeAnswerToken(claim, key);
  const bytes = Buffer.from(token, "base64url");
  for (let n = 0; n < bytes.length; n++)
    for (const flip of [1, 0x80]) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(n) ^ flip, n);
      assert.equal(codeOf(changed.toString("base64url")), "WGL_ANSWER_LINK", `byte ${n}`);
    }
  assert.equal(codeOf(token, Buffer.alloc(32, 8)), "WGL_ANSWER_LINK");
  for (const rubbish of [
    "",
    "a",
    token.slice(0, -1),
    `${token}A`,
    `${token}=`,
    token.toLowerCase(),
    "x".repeat(5000),
    "../../etc",
  ])
    assert.equal(codeOf(rubbish), "WGL_ANSWER_LINK", rubbish.slice(0, 20));
  fc.assert(fc.property(fc.string(), (text) => assert.equal(codeOf(text), "WGL_ANSWER_LINK")));
});

test("a token cannot move a byte from the alert's id to the person's", () => {
  const one = makeAnswerToken({ ...claim, alert: "ab", person: "c" }, key);
  const other = makeAnswerToken({ ...claim, alert: "a", person: "bc" }, key);
  assert.notEqual(one, other);
});

test("an answer key shorter than 32 bytes is our mistake", () => {
  assert.throws(() => makeAnswerToken(claim, Buffer.alloc(16)), /at least 32 bytes/);
  assert.throws(() => readAnswerToken("x", Buffer.alloc(0), now), /at least 32 bytes/);
});

test("answerUrls() leads all five answers to one page, which asks", () => {
  const token = makeAnswerToken(claim, key);
  const urls = answerUrls("https://portal.cert.example/", token);
  assert.deepEqual(Object.keys(urls), answers);
  for (const answer of answers)
    assert.equal(urls[answer], `https://portal.cert.example${answerPath(token)}?answer=${answer}`);
  assert.ok(urls.acknowledged.length < 200, "short enough that mail programs do not break it");
});

test("readAnswerForm() takes the five answers, trims and cuts the note, and nothing else", () => {
  for (const answer of answers)
    assert.deepEqual(readAnswerForm({ answer, note: "  " }), { ok: true, value: { answer } });
  const long = readAnswerForm({ answer: "fixed", note: ` ${"x".repeat(5000)}` });
  assert.ok(long.ok && long.value.note?.length === longestNote);
  for (const answer of [undefined, "", "FIXED", ["fixed"], "constructor", "__proto__", 1])
    assert.equal(readAnswerForm({ answer }).ok, false);
});

const view: AnswerView = {
  language: "en",
  path: "/a/T0ken",
  given: [
    { who: "Lo Wing-yan", answer: "need-help", at: now, note: "<b>call</b> me" },
    { who: "Chan Hoi-ki", answer: "acknowledged", at: after(now, 60_000) },
  ],
};

test("answerPage() changes nothing when opened: only its form posts, with no script and no inline style", () => {
  for (const language of languages) {
    const page = answerPage(sampleAlert, { ...view, language, chosen: "fixed" }).text;
    assert.equal(page.match(/<form method="post" action="\/a\/T0ken">/g)?.length, 1);
    assert.equal(page.match(/<button type="submit" name="answer"/g)?.length, 5);
    assert.equal(page.match(/class="filled"/g)?.length, 1);
    assert.match(page, /value="fixed" class="filled"/);
    assert.doesNotMatch(page, /<script|\sstyle=|<style|\son\w+=|<img|<iframe/i);
    assert.deepEqual(page.match(/<link [^>]*>/g), ['<link rel="stylesheet" href="/answer.css">']);
    assert.match(page, /<meta name="referrer" content="no-referrer">/);
    assert.match(page, /<meta name="robots" content="noindex,nofollow">/);
    assert.match(page, new RegExp(`^<!DOCTYPE html>\\n<html lang="${language}">`));
  }
});

test("answerPage() shows TLP at top and bottom, the five blocks, all answers so far, and the other languages", () => {
  for (const language of languages) {
    const page = answerPage(sampleAlert, { ...view, language }).text;
    assert.equal(page.match(/TLP:AMBER\+STRICT/g)?.length, 2);
    assert.deepEqual(
      [...page.matchAll(/<h2 id="(\w+)">/g)].map((found) => found[1]),
      ["happened", "us", "sure", "todo", "answer"],
    );
    assert.equal(page.match(/<ol class="given"><li>|<\/li><li>[^<]*Chan Hoi-ki/g)?.length, 2);
    assert.ok(page.includes("&lt;b&gt;call&lt;/b&gt; me"));
    for (const other of languages)
      assert.equal(page.includes(`href="/a/T0ken?lang=${other}"`), other !== language, `${language} → ${other}`);
  }
});

test("answerPage() keeps the chosen answer when the language is changed", () => {
  const page = answerPage(sampleAlert, { ...view, chosen: "not-ours" }).text;
  assert.ok(page.includes('href="/a/T0ken?answer=not-ours&amp;lang=zh-Hans"'));
});

test("thanksPage() repeats the last answer, says what happens next, and lets it be changed", () => {
  for (const language of languages)
    for (const answer of answers) {
      const page = thanksPage(sampleAlert, {
        ...view,
        language,
        given: [...view.given, { who: "Ng", answer, at: now }],
      }).text;
      assert.ok(page.includes(say(language, `answers.label.${answer}`)));
      assert.ok(page.includes(say(language, "answers.change")));
      assert.ok(page.includes("Lo Wing-yan") && page.includes("Chan Hoi-ki"), "earlier answers stay visible");
      assert.doesNotMatch(page, /[{}]/);
    }
});

test("noAnswerPage() tells a stranger nothing", () => {
  for (const language of languages)
    for (const why of ["expired", "unknown"] as const) {
      const page = noAnswerPage(why, {
        language,
        path: "/a/T0ken",
        portal: "https://portal.cert.example",
        phone: "2555 0142",
      }).text;
      assert.ok(page.includes(say(language, `answers.${why}.says`)));
      assert.doesNotMatch(page, /WG-2026|Harbour|<form/);
      assert.match(page, /TLP:CLEAR/);
    }
});
