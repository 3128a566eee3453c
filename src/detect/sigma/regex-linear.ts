/**
 * Tells expressions that an engine which goes back (JavaScript's, some ten times faster than RE2 here) runs in linear
 * time too, and writes them so that both engines say the same. Proven, not guessed:
 *
 *   bounded   single characters and classes, each at most so many times, groups of them: from every place the engine
 *             takes at most `stepsAtMost` steps, whatever the text, so n places take n × that
 *   runs      `X+` between two characters that X does not match: from the one before it, each run is entered at its
 *             beginning alone, and given up at its end at once
 *
 * Everything else (`.*` in the middle, runs in groups, flags in the middle, Unicode classes) is left to RE2.
 */
export const linearForm = (source: string, flags: string): RegExp | undefined => {
  const head = /^\(\?([is]+)\)/.exec(source);
  const all = flags + (head?.[1] ?? "");
  if (all.includes("m")) return undefined;
  const parser = new Parser(source.slice(head?.[0].length ?? 0), all.includes("i"), all.includes("s"));
  const tree = parser.alternatives(0);
  if (tree === undefined || !parser.done()) return undefined;
  if (steps(tree, 1) > stepsAtMost) return undefined;
  return new RegExp(written(tree), all.includes("i") ? "iu" : "u");
};

/** Steps from one place of the text: RE2 takes some hundred for each letter. */
const stepsAtMost = 1000;

/** Characters an item matches: one byte for each of ASCII, the last for all others together. */
type Letters = Uint8Array;
const others = 128;

type Node =
  | {
      readonly is: "letter";
      readonly letters: Letters;
      readonly source: string;
      readonly least: number;
      readonly most: number;
    }
  | { readonly is: "edge"; readonly source: string }
  | { readonly is: "group"; readonly of: Alternatives; readonly least: number; readonly most: number };
type Alternatives = readonly (readonly Node[])[];

const groupsDeep = 10;

class Parser {
  private readonly text: string;
  private readonly fold: boolean;
  private readonly dotAll: boolean;
  private at = 0;

  constructor(text: string, fold: boolean, dotAll: boolean) {
    this.text = text;
    this.fold = fold;
    this.dotAll = dotAll;
  }

  done(): boolean {
    return this.at === this.text.length;
  }

  alternatives(depth: number): Alternatives | undefined {
    const all: Node[][] = [[]];
    while (!this.done() && this.text.charAt(this.at) !== ")") {
      if (this.text.charAt(this.at) === "|") {
        this.at++;
        all.push([]);
        continue;
      }
      const node = this.item(depth);
      if (node === undefined) return undefined;
      all.at(-1)?.push(node);
    }
    for (const sequence of all)
      for (const [place, node] of sequence.entries())
        if (node.is === "letter" && node.most === Infinity) {
          const before = sequence[place - 1];
          const after = sequence[place + 1];
          const last = place === sequence.length - 1;
          if (depth > 0 || !alone(before, node) || !(last || alone(after, node))) return undefined;
        }
    return all;
  }

  private item(depth: number): Node | undefined {
    const letter = this.text.charAt(this.at);
    if (letter === "^" || letter === "$") {
      this.at++;
      return /^[*+?{]/.test(this.text.slice(this.at)) ? undefined : { is: "edge", source: letter };
    }
    if (letter === "(") {
      this.at++;
      if (this.text.startsWith("?:", this.at)) this.at += 2;
      else if (this.text.charAt(this.at) === "?") return undefined;
      const of = depth < groupsDeep ? this.alternatives(depth + 1) : undefined;
      if (of === undefined || this.text.charAt(this.at) !== ")") return undefined;
      this.at++;
      const times = this.times();
      // what may be empty and is repeated is read differently by different engines
      const plain = times !== undefined && times.least === 1 && times.most === 1;
      if (times === undefined || times.most === Infinity || (!plain && of.some(mayBeEmpty))) return undefined;
      return { is: "group", of, ...times };
    }
    const one = this.letter();
    if (one === undefined) return undefined;
    const times = this.times();
    return times === undefined ? undefined : { is: "letter", ...one, ...times };
  }

  private letter(): { readonly letters: Letters; readonly source: string } | undefined {
    const letter = this.text.charAt(this.at++);
    if (letter === "[") return this.classOf();
    if (letter === ".") {
      const letters = new Uint8Array(others + 1).fill(1);
      if (!this.dotAll) letters[10] = 0;
      return { letters, source: this.dotAll ? "[^]" : "[^\\n]" };
    }
    if (letter === "\\") return this.escape();
    return "*+?{}|)]".includes(letter) ? undefined : this.plain(letter);
  }

  private plain(letter: string): { readonly letters: Letters; readonly source: string } | undefined {
    const code = letter.charCodeAt(0);
    if (code > 127 || letter === "") return undefined;
    const letters = new Uint8Array(others + 1);
    letters[code] = 1;
    if (this.fold) bothCases(letters);
    return { letters, source: escaped(code) };
  }

  private escape(): { readonly letters: Letters; readonly source: string } | undefined {
    const letter = this.text.charAt(this.at++);
    const source = classes[letter];
    if (source !== undefined && !this.fold) return { letters: lettersOf(source), source: `[${source}]` };
    const control = { n: "\n", t: "\t", r: "\r" }[letter];
    if (control !== undefined) return this.plain(control);
    return letter === "" || /[A-Za-z0-9]/.test(letter) ? undefined : this.plain(letter);
  }

  private classOf(): { readonly letters: Letters; readonly source: string } | undefined {
    const negated = this.text.charAt(this.at) === "^";
    if (negated) this.at++;
    const letters = new Uint8Array(others + 1);
    let source = "";
    for (let first = true; ; first = false) {
      const begin = this.member(first);
      if (begin === undefined) return undefined;
      if (begin === "]") break;
      if (typeof begin === "object") {
        if (this.fold) return undefined;
        begin.letters.forEach((has, code) => has === 1 && (letters[code] = 1));
        source += begin.source;
        continue;
      }
      let end = begin;
      if (this.text.charAt(this.at) === "-" && this.text.charAt(this.at + 1) !== "]") {
        this.at++;
        const upper = this.member(false);
        if (typeof upper !== "number" || upper < begin) return undefined;
        end = upper;
      }
      for (let code = begin; code <= end; code++) letters[code] = 1;
      source += begin === end ? escaped(begin) : `${escaped(begin)}-${escaped(end)}`;
    }
    if (this.fold) bothCases(letters);
    if (negated) letters.forEach((has, code) => (letters[code] = 1 - has));
    return { letters, source: `[${negated ? "^" : ""}${source}]` };
  }

  /** A character of a class, a class inside it, or its end. */
  private member(first: boolean): number | "]" | { readonly letters: Letters; readonly source: string } | undefined {
    const letter = this.text.charAt(this.at++);
    if (letter === "" || letter === "[" || letter.charCodeAt(0) > 127) return undefined;
    if (letter === "]") return first ? 93 : "]";
    if (letter !== "\\") return letter.charCodeAt(0);
    const next = this.text.charAt(this.at++);
    const source = classes[next];
    if (source !== undefined) return { letters: lettersOf(source), source };
    const control = { n: 10, t: 9, r: 13 }[next];
    if (control !== undefined) return control;
    return next === "" || /[A-Za-z0-9]/.test(next) || next.charCodeAt(0) > 127 ? undefined : next.charCodeAt(0);
  }

  /** How often; greed makes no difference to whether something is found. */
  private times(): { readonly least: number; readonly most: number } | undefined {
    const found = /^(?:[*+?]|\{(\d{1,3})(,?)(\d{0,3})\})\??/.exec(this.text.slice(this.at, this.at + 12));
    if (found === null) return this.text.charAt(this.at) === "{" ? undefined : { least: 1, most: 1 };
    this.at += found[0].length;
    if (/^[*+?{]/.test(this.text.slice(this.at))) return undefined;
    if (found[0].startsWith("*")) return { least: 0, most: Infinity };
    if (found[0].startsWith("+")) return { least: 1, most: Infinity };
    if (found[0].startsWith("?")) return { least: 0, most: 1 };
    const least = Number(found[1]);
    const most = found[2] === "" ? least : found[3] === "" ? Infinity : Number(found[3]);
    return most < least || most === 0 ? undefined : { least, most };
  }
}

/** Classes of RE2, which are of ASCII, as ranges. */
const classes: Readonly<Record<string, string>> = { d: "0-9", w: "0-9A-Za-z_", s: "\\t\\n\\f\\r " };

const lettersOf = (ranges: string): Letters => {
  const letters = new Uint8Array(others + 1);
  const inside = new RegExp(`[${ranges}]`);
  for (let code = 0; code < others; code++) if (inside.test(String.fromCharCode(code))) letters[code] = 1;
  return letters;
};

/** Letters in both cases; "s" and "k" have a third one beyond ASCII. */
const bothCases = (letters: Letters): void => {
  for (let upper = 65; upper <= 90; upper++)
    if (letters[upper] === 1 || letters[upper + 32] === 1) {
      letters[upper] = letters[upper + 32] = 1;
      if (upper === 75 || upper === 83) letters[others] = 1;
    }
};

const escaped = (code: number): string => `\\u${code.toString(16).padStart(4, "0")}`;

/** A run's neighbour: one character, that the run does not match. */
const alone = (neighbour: Node | undefined, run: Node): boolean =>
  neighbour?.is === "letter" &&
  neighbour.least === 1 &&
  neighbour.most === 1 &&
  run.is === "letter" &&
  neighbour.letters.every((has, code) => has === 0 || run.letters[code] === 0);

const mayBeEmpty = (sequence: readonly Node[]): boolean =>
  sequence.every((node) => node.is === "edge" || node.least === 0 || (node.is === "group" && node.of.some(mayBeEmpty)));

/** Most steps from one place, `rest` those of what follows. */
const steps = (of: Alternatives, rest: number): number =>
  of.reduce((sum, sequence) => sum + sequence.reduceRight((after, node) => stepsOf(node, after), rest), 0);

const stepsOf = (node: Node, rest: number): number => {
  if (node.is === "edge") return 1 + rest;
  if (node.is === "letter") return node.most === Infinity ? 2 + rest : node.most + (node.most - node.least + 1) * rest;
  // each time may be the last
  let sum = node.least === 0 ? rest : 0;
  let inner = rest;
  for (let times = 1; times <= node.most; times++) {
    inner = steps(node.of, inner);
    if (inner > stepsAtMost) return Infinity;
    if (times >= node.least) sum += inner;
  }
  return sum;
};

const written = (of: Alternatives): string => of.map((sequence) => sequence.map(writtenNode).join("")).join("|");

const writtenNode = (node: Node): string => {
  if (node.is === "edge") return node.source;
  const { least, most } = node;
  const times = least === 1 && most === 1 ? "" : `{${least},${most === Infinity ? "" : most}}`;
  return (node.is === "group" ? `(?:${written(node.of)})` : node.source) + times;
};
