// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { css, escapeHtml, html, safeUrl, type Hole, type Html } from "#core/html.ts";

/** Reads HTML back the way a browser does for what the tag may emit: entities only. */
const unescape = (text: string): string =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&#96;", "`")
    .replaceAll("&amp;", "&");

const hostile = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  "</title><svg onload=alert(1)>",
  "<!--",
  "-->",
  "]]>",
  "&lt;script&gt;",
  "&#x6a;avascript:alert(1)",
  "`${alert(1)}`",
  "\u0000<\u0000script>",
  "\ud800<b>",
  "</style><script>",
  "javascript:alert(1)",
  "jAvAsCrIpT:alert(1)",
  "java\tscript:alert(1)",
  " javascript:alert(1)",
  "\u0001javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:msgbox(1)",
  "//evil.example/x",
  "/\\evil.example",
  "/\t/evil.example",
];
const anyText = fc.oneof(fc.string({ unit: "binary" }), fc.string(), fc.constantFrom(...hostile));

test("html escapes text so that no markup character survives and the reader sees the input", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const inside = html`<p>${text}</p>`.text.slice(3, -4);
      assert.doesNotMatch(inside, /[<>"'`]/);
      assert.doesNotMatch(inside, /&(?!(?:amp|lt|gt|quot|#39|#96);)/);
      if (!/[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(text)) assert.equal(unescape(inside), text);
    }),
    { numRuns: 2000 },
  );
});

test("html keeps a value inside its quotes", () => {
  fc.assert(
    fc.property(anyText, anyText, (a, b) => {
      const made = html`<input name="${a}" value="x ${b} y">`.text;
      assert.match(made, /^<input name="[^"<>]*" value="x [^"<>]* y">$/);
    }),
    { numRuns: 2000 },
  );
});

test("html keeps only http, https, mailto and paths of ours in URL attributes", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const href = unescape(/^<a href="([^"]*)">x<\/a>$/.exec(html`<a href="${text}">x</a>`.text)?.[1] ?? "none");
      if (href === "about:invalid") return;
      const base = "https://portal.example/a/b";
      const url = new URL(href, base);
      assert.ok(["http:", "https:", "mailto:"].includes(url.protocol), href);
      if (!/^https?:/i.test(href) && url.protocol !== "mailto:") assert.equal(url.host, "portal.example");
    }),
    { numRuns: 3000 },
  );
  for (const bad of hostile.slice(13)) assert.equal(safeUrl(bad), "about:invalid", bad);
  for (const good of [
    "https://portal.example/a?b=c#d",
    "HTTP://portal.example",
    "mailto:a@b.example",
    "/a",
    "?x=1",
    "#top",
  ])
    assert.equal(safeUrl(good), good);
});

test("html checks every URL attribute, and a tail after a fixed start stays a tail", () => {
  const bad = "javascript:alert(1)";
  assert.equal(html`<form action="${bad}"></form>`.text, '<form action="about:invalid"></form>');
  assert.equal(html`<button formaction="${bad}"></button>`.text, '<button formaction="about:invalid"></button>');
  assert.equal(html`<a href="/x/${bad}">x</a>`.text, '<a href="/x/javascript:alert(1)">x</a>');
  assert.equal(html`<a href="/x?a=${'"&b'}">x</a>`.text, '<a href="/x?a=&quot;&amp;b">x</a>');
});

test("html nests Html and lists, and takes nothing for undefined, null and false", () => {
  const rows: Html[] = ["a<", "b"].map((x) => html`<li>${x}</li>`);
  assert.equal(html`<ul>${rows}${undefined}${null}${false}${0}</ul>`.text, "<ul><li>a&lt;</li><li>b</li>0</ul>");
});

test("html does not take a look-alike for Html", () => {
  const forged = { text: "<b>", onlyMadeHere: true, toString: () => "<i>" } as unknown as Html;
  assert.equal(html`<p>${forged}</p>`.text, "<p>&lt;i&gt;</p>");
});

test("html stops at holes where escaping cannot help", () => {
  const x: Hole = "x";
  const wrong: (() => unknown)[] = [
    () => html`<${x}>`,
    () => html`<p ${x}></p>`,
    () => html`<p ${x}="a"></p>`,
    () => html`<p title=${x}></p>`,
    () => html`<p title='${x}'></p>`,
    () => html`<p onclick="${x}"></p>`,
    () => html`<iframe srcdoc="${x}"></iframe>`,
    () => html`<img srcset="${x}">`,
    () => html`<!-- ${x} -->`,
    () => html`<script>${x}</script>`,
    () => html`<base href="/">`,
    () => html`<a href="${x}${x}">a</a>`,
    () => html`<a href="${x}:y">a</a>`,
    () => html`<a href="java${x}">a</a>`,
    () => html`<p style="color: ${x}"></p>`,
    () => html`<style>${x}</style>`,
    () => html`<p title="${html`<b></b>`}"></p>`,
    () => html`<p title="${["a"]}"></p>`,
    () => html`<p`,
    () => html`<p title="a`,
    () => html`1 < 2`,
  ];
  for (const make of wrong) assert.throws(make, /waglan is wrong/, String(make));
});

test("css takes only css and numbers, and stands only in style", () => {
  const red = css`#b00d20`;
  assert.equal(
    html`<p style="${css`color:${red};width:${600}px`}">a</p>`.text,
    '<p style="color:#b00d20;width:600px">a</p>',
  );
  assert.equal(html`<style>${css`p{color:${red}}`}</style>`.text, "<style>p{color:#b00d20}</style>");
  assert.throws(() => css`color:${"red;}" as unknown as number}`, /waglan is wrong/);
  assert.throws(() => css`a</style>`, /waglan is wrong/);
});

test("escapeHtml writes U+FFFD for what HTML may not hold", () => {
  assert.equal(escapeHtml("a\u0000b\ud800c\u0085"), "a\ufffdb\ufffdc\ufffd");
  assert.equal(escapeHtml("a\tb\nc😀"), "a\tb\nc😀");
});
