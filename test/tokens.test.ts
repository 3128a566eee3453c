import { deepEqual, ok } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const styles = new URL("../web/src/styles/", import.meta.url);
const tokens = readFileSync(new URL("tokens.css", styles), "utf8");

type Theme = ReadonlyMap<string, string>;

/** Hexadecimal colours of one block of tokens.css: from its selector to the first closing brace. */
const block = (selector: string): Theme => {
  const start = tokens.indexOf(selector);
  ok(start >= 0, `tokens.css has ${selector}`);
  const body = tokens.slice(tokens.indexOf("{", start) + 1, tokens.indexOf("}", start));
  return new Map(
    [...body.matchAll(/(--[\w-]+):\s*(#[0-9a-f]{6})\b/gi)].map((found) => [found[1] ?? "", found[2] ?? ""]),
  );
};

const themes = {
  light: block('[data-theme="light"] {'),
  dark: block('[data-theme="dark"] {'),
} as const;
const fixed = block(":root {\n  /* TLP");

/** WCAG 2.2, relative luminance and contrast ratio. */
const luminance = (hex: string): number => {
  const part = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
};
const contrast = (a: string, b: string): number => {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
};

const surfaces = ["--page", "--panel", "--sunk", "--hover", "--selected"];
const inks = ["--ink-1", "--ink-2", "--ink-3", "--link", "--light"];
const severities = ["critical", "high", "medium", "low", "info"].map((level) => `--sev-${level}`);
const differences = ["--new", "--changed", "--gone", "--ok"];

/** Every text that may stand on a surface. A new token enters with its pairs. */
const textPairs: readonly (readonly [text: string, on: string])[] = [
  ...surfaces.flatMap((on) => [...inks, ...severities, ...differences].map((text) => [text, on] as const)),
  ...[0, 1, 2, 3, 4, 5].map((depth) => [`--on-depth-${depth}`, `--depth-${depth}`] as const),
  ["--on-buff", "--buff"],
  ["--ink-1", "--buff"],
  ["--on-light", "--light"],
  ["--ink-1", "--light-soft"],
  ["--light", "--light-soft"],
  ["--on-act", "--act"],
  ["--on-act", "--act-hover"],
  ["--sev-critical", "--sev-critical-soft"],
  ["--ink-1", "--sev-critical-soft"],
  ["--ink-2", "--sev-critical-soft"],
];

/** Borders of controls, focus, and marks that carry meaning without being text. */
const markPairs: readonly (readonly [mark: string, on: string])[] = [
  ...surfaces.filter((on) => on !== "--selected").map((on) => ["--line-3", on] as const),
  ...surfaces.map((on) => ["--light", on] as const),
  ...surfaces.map((on) => ["--act", on] as const),
];

const least = (pairs: readonly (readonly [string, string])[], theme: Theme): readonly [string, number][] =>
  pairs
    .map(([mark, on]): [string, number] => {
      const [a, b] = [theme.get(mark), theme.get(on)];
      ok(a !== undefined && b !== undefined, `${mark} and ${on} are colours of tokens.css`);
      return [`${mark} on ${on}`, contrast(a, b)];
    })
    .toSorted((x, y) => x[1] - y[1]);

for (const [name, theme] of Object.entries(themes)) {
  test(`text has at least 4.5:1 on every surface it may stand on, ${name}`, (t) => {
    const measured = least(textPairs, theme);
    t.diagnostic(`${measured.length} pairs, least ${measured[0]?.[0]} ${measured[0]?.[1].toFixed(2)}`);
    deepEqual(
      measured.filter(([, ratio]) => ratio < 4.5),
      [],
    );
  });

  test(`control borders, focus and fills have at least 3:1, ${name}`, (t) => {
    const measured = least(markPairs, theme);
    t.diagnostic(`${measured.length} pairs, least ${measured[0]?.[0]} ${measured[0]?.[1].toFixed(2)}`);
    deepEqual(
      measured.filter(([, ratio]) => ratio < 3),
      [],
    );
  });
}

test("TLP labels have at least 4.5:1 on their black", () => {
  const measured = least(
    ["red", "amber", "green", "clear"].map((tlp) => [`--tlp-${tlp}`, "--tlp-bg"] as const),
    fixed,
  );
  deepEqual(
    measured.filter(([, ratio]) => ratio < 4.5),
    [],
  );
});

test("the system's dark theme is the chosen dark theme, value for value", () => {
  deepEqual([...block(":root:not([data-theme]) {")], [...themes.dark]);
});

test("only tokens.css names a colour", () => {
  const files = readdirSync(styles).filter((file) => file.endsWith(".css") && file !== "tokens.css");
  ok(files.length >= 5, "the style sheets were found");
  const named = files.flatMap((file) =>
    [
      ...readFileSync(new URL(file, styles), "utf8").matchAll(
        /#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(|:\s*(?:black|white|red|green|blue|gr[ae]y)\b/gi,
      ),
    ].map((found) => `${file}: ${found[0]}`),
  );
  deepEqual(named, []);
});

test("style sheets use only tokens that exist", () => {
  const known = new Set([...tokens.matchAll(/(--[\w-]+):/g)].map((found) => found[1]));
  const used = readdirSync(styles)
    .filter((file) => file.endsWith(".css"))
    .flatMap((file) =>
      [...readFileSync(new URL(file, styles), "utf8").matchAll(/var\((--[\w-]+)/g)].map((found) => found[1]),
    );
  deepEqual(
    [...new Set(used)].filter((name) => !known.has(name)),
    [],
  );
});
