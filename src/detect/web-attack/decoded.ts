/** Deepest layering that is undone; attackers use two or three, honest programs two (a redirect within a redirect). */
const layersAtMost = 4;

/** What is looked at of one part. A longer one is cut in its middle, so that padding in front hides nothing. */
const lengthAtMost = 4096;
const tailLength = 1024;

export interface Decoded {
  /** Lower case, decoded until nothing changes, comment marks and white space one blank; parameters on lines of their own. */
  readonly text: string;
  /** The same without what stands in comments; equal to `text` where there are none. */
  readonly bare: string;
  /** Lower case and decoded, white space as it was; parameters divided by U+0001. */
  readonly lines: string;
}

export const cut = (text: string): string =>
  text.length <= lengthAtMost ? text : text.slice(0, lengthAtMost - tailLength) + text.slice(-tailLength);

/** A part that is one text: path, agent, referrer. `plus`: a plus sign is a blank. */
export const decoded = (raw: string, plus = false): Decoded => pressed([unfolded(raw, plus)]);

/** A query, parameter by parameter, so that what divides them is not taken for what they say. */
export const decodedQuery = (raw: string): Decoded => pressed(raw.split(divider).map((one) => unfolded(one, true)));

/** An ampersand, unless it begins an entity of HTML. */
const divider = /&(?!(?:#x?[0-9a-f]{1,8}|lt|gt|quot|apos|amp|colon|tab|newline|lpar|rpar);)/i;

/**
 * The text as the program behind the server will read it: percent signs (again and again), plus signs, `%u0041`, HTML
 * entities, `\u0041` and `\x41`; letters of full width as plain ones. Linear in the text for each layer.
 */
const unfolded = (raw: string, plus: boolean): string => {
  let text = plus && raw.includes("+") ? raw.replaceAll("+", " ") : raw;
  for (let i = 0; i < layersAtMost && text.includes("%"); i++) {
    const next = unpercent(text);
    if (next === text) break;
    text = next;
  }
  if (text.includes("&")) text = text.replace(entity, entityText);
  if (text.includes("\\")) text = text.replace(escape, escapeText);
  return text.replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0)).toLowerCase();
};

const entity =
  /&(?:#x0{0,100}([0-9a-f]{1,6})|#0{0,100}(\d{1,7})|(lt|gt|quot|apos|amp|colon|newline|tab|lpar|rpar|lbrace|rbrace|dollar|sol|bsol));?/gi;
const entityText = (_: string, hex?: string, number?: string, name?: string): string =>
  name === undefined ? character(hex === undefined ? Number(number) : Number.parseInt(hex, 16)) : named(name);

const escape = /\\(?:u\{?([0-9a-f]{4})\}?|x([0-9a-f]{2}))/gi;
const escapeText = (_: string, four?: string, two?: string): string =>
  character(Number.parseInt(four ?? two ?? "0", 16));

const names: Readonly<Record<string, string>> = {
  ...{ lt: "<", gt: ">", quot: '"', apos: "'", amp: "&", colon: ":", newline: "\n", tab: "\t", sol: "/", bsol: "\\" },
  ...{ lpar: "(", rpar: ")", lbrace: "{", rbrace: "}", dollar: "$" },
};
const named = (name: string): string => names[name.toLowerCase()] ?? "";

const character = (code: number): string => (code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "\u0000");

const unpercent = (text: string): string =>
  text
    .replace(/%u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
      const bytes = Buffer.from(run.replaceAll("%", ""), "hex");
      const utf8 = bytes.toString("utf8");
      return utf8.includes("\ufffd") ? bytes.toString("latin1") : utf8;
    });

const pressed = (parts: readonly string[]): Decoded => {
  const texts = parts.map((part) => (needsPressing.test(part) ? press(part) : part));
  const text = texts.join("\n");
  return {
    text,
    bare: text.includes("/*") || parts.some((part) => part.includes("/*")) ? parts.map(uncommented).join("\n") : text,
    lines: parts.join("\u0001"),
  };
};

const needsPressing = /[\s\u00a0\u0000]|\/\*|\*\//;

/** `/*!50000select*\/` is read by the database, so the mark goes and the word stays. */
const press = (text: string): string =>
  text
    .replace(/\/\*!?(?:\d{4,5})?/g, " ")
    .replaceAll("*/", " ")
    .replace(/[\s\u00a0\u0000]+/g, " ");

const uncommented = (text: string): string => press(text.replace(/\/\*(?![!+])[^*]{0,200}\*\//g, ""));
