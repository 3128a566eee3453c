import { assert } from "#core/result.ts";

/** Finished markup. Only the tag `html` makes it, so a string can never pass for it, at compile time or at run time. */
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
export type Html = Markup;

/** Declarations or rules written in this repository: the tag `css` takes other `Css` and numbers, never a string. */
class Sheet {
  declare private readonly onlyMadeHere: never;
  readonly text: string;
  private constructor(text: string) {
    this.text = text;
  }
  static of(text: string): Sheet {
    return new Sheet(text);
  }
  toString(): string {
    return this.text;
  }
}
export type Css = Sheet;

/** What may stand in a hole: text and numbers are escaped, `undefined`, `null` and `false` are nothing, lists are joined. */
export type Hole = Html | Css | string | number | false | null | undefined | readonly Hole[];

/**
 * The one escaping template tag: no other HTML leaves the server. Where a hole stands decides what it may hold:
 *   text, <title>, <textarea>   anything; strings are escaped, Html is taken as it is
 *   attr="…"                    strings and numbers, escaped
 *   href, src, action, …        the whole value, or the part after a fixed start: http, https, mailto, or a path on
 *                               this server; everything else becomes `about:invalid`
 *   style="…" and <style>       Css only
 * Holes anywhere else (names, unquoted values, on…, srcdoc, comments, <script>) and templates that do not close what
 * they open are mistakes of ours and stop the program the first time the line runs.
 */
export const html = (strings: TemplateStringsArray, ...holes: readonly Hole[]): Html => {
  const places = planOf(strings);
  let text = strings[0] ?? "";
  for (const [n, hole] of holes.entries()) {
    const place = places[n];
    assert(place, "html template has more holes than places");
    text += put(place, hole) + (strings[n + 1] ?? "");
  }
  return Markup.of(text);
};

export const css = (strings: TemplateStringsArray, ...parts: readonly (Css | number)[]): Css => {
  let text = strings[0] ?? "";
  for (const [n, part] of parts.entries()) {
    assert(part instanceof Sheet || Number.isFinite(part), "css takes Css and finite numbers only");
    text += String(part) + (strings[n + 1] ?? "");
  }
  assert(!/[<"\\]/.test(text), "css must not hold <, double quotes or backslashes");
  return Sheet.of(text);
};

/** Text for element content and for values in double or single quotes. Characters HTML may not hold become U+FFFD. */
export const escapeHtml = (text: string): string =>
  text
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]|\p{Cs}/gu, "\ufffd")
    .replace(/[&<>"'`]/g, (c) => entities[c as keyof typeof entities]);

const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "`": "&#96;" } as const;

/** Keeps http, https and mailto URLs and paths of this server ("/…", "?…", "#…"); all else, and anything odd, is inert. */
export const safeUrl = (url: string): string =>
  allowed.test(url) && !odd.test(url) && !url.startsWith("//") ? url : "about:invalid";

const allowed = /^(?:https?:\/\/[^/?#]|mailto:|[/?#])/i;
/** Browsers drop tabs and newlines and read a backslash as a slash: none of them is in a URL of ours. */
const odd = /[\s\\\p{Cc}\p{Cf}]/u;

type Place = "text" | "value" | "url" | "urlTail" | "style";

const put = (place: Place, hole: Hole): string => {
  if (hole === undefined || hole === null || hole === false) return "";
  if (Array.isArray(hole)) {
    assert(place === "text" || place === "style", "a list stands in text only");
    return hole.map((one: Hole) => put(place, one)).join("");
  }
  if (place === "style") {
    assert(hole instanceof Sheet, "style takes Css only");
    return hole.text;
  }
  if (hole instanceof Markup) {
    assert(place === "text", "markup stands in text only");
    return hole.text;
  }
  const text = String(hole);
  return escapeHtml(place === "url" ? safeUrl(text) : text);
};

/** Template literals have one `strings` for ever, so each is read once. */
const plans = new WeakMap<TemplateStringsArray, readonly Place[]>();

const planOf = (strings: TemplateStringsArray): readonly Place[] => {
  const known = plans.get(strings);
  if (known) return known;
  const plan = read(strings);
  plans.set(strings, plan);
  return plan;
};

const urlNames = new Set([
  "href",
  "src",
  "action",
  "formaction",
  "cite",
  "poster",
  "background",
  "data",
  "ping",
  "manifest",
  "longdesc",
  "codebase",
  "xlink:href",
]);

/** A tokenizer of what we write ourselves: strict where HTML is lenient, so that it never disagrees with a browser. */
const read = (strings: TemplateStringsArray): readonly Place[] => {
  const places: Place[] = [];
  let state: "text" | "tag" | "name" | "value" | "comment" | "style" = "text";
  let element = "";
  let name = "";
  let value = "";
  let hasHole = false;
  for (const [n, part] of strings.entries()) {
    for (let i = 0; i < part.length; i++) {
      const c = part[i] ?? "";
      if (state === "text") {
        if (part.startsWith("<!--", i)) {
          state = "comment";
          i += 3;
        } else if (c === "<") {
          const open = /^<(\/?[a-z][a-z0-9]*|!doctype)(?=[\s>/]|$)/i.exec(part.slice(i));
          assert(open?.[1], "html template: a bare < or a hole in an element's name");
          element = open[1].toLowerCase();
          assert(element !== "script" && element !== "base", `html template: <${element}> is not for us`);
          state = "tag";
          i += open[0].length - 1;
        }
      } else if (state === "comment") {
        if (part.startsWith("-->", i)) {
          state = "text";
          i += 2;
        }
      } else if (state === "style") {
        if (part.startsWith("</style>", i)) {
          state = "text";
          i += 7;
        }
      } else if (state === "tag") {
        if (c === ">") state = element === "style" ? "style" : "text";
        else if (!/[\s/]/.test(c)) {
          state = "name";
          name = c;
        }
      } else if (state === "name") {
        if (c === "=") {
          assert(part[i + 1] === '"', `html template: ${name} wants double quotes`);
          assert(!/^on/i.test(name) && !/^srcdoc$/i.test(name), `html template: ${name} is not for us`);
          state = "value";
          value = "";
          hasHole = false;
          i++;
        } else if (c === ">") state = element === "style" ? "style" : "text";
        else if (/[\s/]/.test(c)) state = "tag";
        else name += c;
      } else if (c === '"') state = "tag";
      else {
        // After a hole at the start of a URL only a path may follow: "${scheme}:…" could build what safeUrl refused.
        if (hasHole && value === "" && urlNames.has(name.toLowerCase()))
          assert(/[/?#&]/.test(c), `html template: ${name} needs its whole value in one hole`);
        value += c;
      }
    }
    if (n === strings.length - 1) break;
    places.push(placeOf(state, name.toLowerCase(), value, hasHole));
    hasHole = true;
  }
  assert(state === "text", "html template ends inside a tag");
  return places;
};

const placeOf = (state: string, name: string, value: string, hasHole: boolean): Place => {
  if (state === "text") return "text";
  if (state === "style") return "style";
  assert(state === "value", "html template: a hole stands in text or in a value in double quotes");
  if (name === "style") return "style";
  assert(name !== "srcset", "html template: srcset is not for us");
  if (!urlNames.has(name)) return "value";
  if (value === "") {
    assert(!hasHole, `html template: ${name} needs its whole value in one hole`);
    return "url";
  }
  assert(allowed.test(value), `html template: ${name} begins with something else than a path, http, https or mailto`);
  return "urlTail";
};
