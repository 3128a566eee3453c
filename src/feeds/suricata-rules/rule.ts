import { no, ok, type Result } from "#core/result.ts";

/** A rule as it is written, unread but for its options. */
export interface Rule {
  readonly action: string;
  readonly protocol: string;
  readonly source: string;
  readonly sourcePort: string;
  readonly both: boolean;
  readonly destination: string;
  readonly destinationPort: string;
  /** In their order; an option without a value has "". */
  readonly options: readonly (readonly [name: string, value: string])[];
}

/** An address or port field: a word, or a list in brackets that may hold blanks. */
const field = "(\\[[^\\]]*\\]|\\S+)";
const head = new RegExp(`^(\\w+)\\s+([\\w.-]+)\\s+${field}\\s+${field}\\s+(->|<>)\\s+${field}\\s+${field}\\s*\\(`);

/** @returns WGL_RULE with the reason @see Suricata documentation, "Rules Format" */
export const readRule = (text: string): Result<Rule> => {
  const found = head.exec(text);
  if (found === null) return no("WGL_RULE", { reason: "it does not begin like a rule" });
  if (!text.trimEnd().endsWith(")")) return no("WGL_RULE", { reason: "it does not end with a bracket" });
  const [
    whole,
    action = "",
    protocol = "",
    source = "",
    sourcePort = "",
    arrow,
    destination = "",
    destinationPort = "",
  ] = found;
  const options = optionsOf(text.slice(whole.length, text.trimEnd().length - 1));
  if (options === undefined) return no("WGL_RULE", { reason: "a quotation mark is never closed" });
  if (!options.some(([name, value]) => name === "sid" && /^\d{1,10}$/.test(value)))
    return no("WGL_RULE", { reason: "it has no sid" });
  return ok({ action, protocol, source, sourcePort, both: arrow === "<>", destination, destinationPort, options });
};

/** Options end with ";" outside quotes; "\" makes the next character plain. */
const optionsOf = (text: string): readonly (readonly [string, string])[] | undefined => {
  const options: (readonly [string, string])[] = [];
  let begun = "";
  let quoted = false;
  const flush = (): void => {
    const one = begun.trim();
    begun = "";
    if (one === "") return;
    const colon = one.indexOf(":");
    options.push(
      colon < 0 ? [one.toLowerCase(), ""] : [one.slice(0, colon).trim().toLowerCase(), one.slice(colon + 1).trim()],
    );
  };
  for (let at = 0; at < text.length; at++) {
    const c = text[at] ?? "";
    if (c === "\\") {
      begun += c + (text[++at] ?? "");
      continue;
    }
    if (c === '"') quoted = !quoted;
    if (c === ";" && !quoted) flush();
    else begun += c;
  }
  if (quoted) return undefined;
  flush();
  return options;
};

/** What a content matches, as text: `|2e 65|` is ".e", `\"` is a quotation mark. `undefined`: negated, or no text. */
export const contentText = (value: string): string | undefined => {
  const inside = /^"((?:\\.|[^"\\])*)"$/.exec(value)?.[1];
  if (inside === undefined) return undefined;
  const text = inside
    .replace(/\|([0-9A-Fa-f\s]*)\|/g, (_whole, hex: string) =>
      Buffer.from(hex.replace(/\s+/g, ""), "hex").toString("latin1"),
    )
    .replace(/\\(.)/g, "$1");
  return /^[\x21-\x7e]+$/.test(text) ? text : undefined;
};
