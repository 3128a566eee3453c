/** Finished XML. Only the tag `xml` makes it, so a string can never pass for it. */
class Markup {
  declare private readonly onlyMadeHere: never;
  readonly text: string;
  private constructor(text: string) {
    this.text = text;
  }
  static of(text: string): Markup {
    return new Markup(text);
  }
  toString(): string {
    return this.text;
  }
}
export type Xml = Markup;

/** What may stand in a hole: text and numbers are escaped, `undefined`, `null` and `false` are nothing, lists are joined. */
export type XmlHole = Xml | string | number | false | null | undefined | readonly XmlHole[];

/**
 * The one way to make XML: whatever stands in a hole is text or the value of an attribute in double quotes, and is escaped for
 * both. Characters that XML 1.0 may not hold become U+FFFD.
 * @see XML 1.0 §2.2 Characters, §2.4 Character Data and Markup
 */
export const xml = (strings: TemplateStringsArray, ...holes: readonly XmlHole[]): Xml =>
  Markup.of(strings.reduce((text, part, n) => text + put(holes[n - 1]) + part));

const put = (hole: XmlHole): string => {
  if (hole === undefined || hole === null || hole === false) return "";
  if (hole instanceof Markup) return hole.text;
  if (typeof hole === "object") return hole.map(put).join("");
  return escapeXml(String(hole));
};

const escapeXml = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"'\t\n\r]/g, (c) => entities[c as keyof typeof entities]);

const entities = {
  ...{ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" },
  ...{ "\t": "&#9;", "\n": "&#10;", "\r": "&#13;" },
} as const;
