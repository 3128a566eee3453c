/** A text with its defanged values made whole, and where each of its characters stood. */
export interface RefangedText {
  readonly text: string;
  /** By place in `text`: the place in the text as it was written; one more than characters, for its end. */
  readonly from: Uint32Array;
  /** By place in `text`: 1 where a mark of defanging was. */
  readonly marked: Uint8Array;
}

/** Ways people defang inside a text, where a blank may stand around a mark: "bad [.] example", "bad(dot)example". */
const marks = new RegExp(
  [
    String.raw`[ \t]?(?:\[\s?(?:\.|dot|d0t|点|點)\s?\]|\(\s?(?:\.|dot|d0t)\s?\)|\{\s?(?:\.|dot)\s?\}|<\s?(?:\.|dot)\s?>)[ \t]?`,
    String.raw`[ \t]?(?:\[\s?(?:@|at)\s?\]|\(\s?(?:@|at)\s?\)|\{\s?(?:@|at)\s?\}|<\s?at\s?>)[ \t]?`,
    String.raw`\[:\/\/\]|\[:\]|\(:\)|\[\/\/?\]`,
    String.raw`\b(?:h(?:xx|XX|\*\*|tt|__)ps?|meows?|fxps?)(?=\[|:|\()`,
    String.raw`(?<=\w)(?:\[\.|\.\]|\\\.)(?=\w)`,
  ].join("|"),
  "gi",
);

const meaningOf = (mark: string): string => {
  const bare = mark.replace(/[\s[\](){}<>]/g, "").toLowerCase();
  if (/^(?:\\?\.|dot|d0t|点|點)$/.test(bare)) return ".";
  if (/^(?:@|at)$/.test(bare)) return "@";
  if (/^(?:h..ps|meows)$/.test(bare)) return "https";
  if (/^(?:h..p|meow)$/.test(bare)) return "http";
  if (/^fxps?$/.test(bare)) return "ftp";
  return bare;
};

/** Characters of another width that stand for ASCII: letters, digits, and the marks inside values. Sentence marks are not among them. */
const fullWidth = /[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff0e\uff0f\uff0d\uff20\uff3f\uff3b\uff3d]/g;

export const refangedText = (written: string): RefangedText => {
  const source = written.replace(fullWidth, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0));
  const pieces: string[] = [];
  const from = new Uint32Array(source.length + 1);
  const marked = new Uint8Array(source.length + 1);
  let length = 0;
  const keep = (text: string, at: number, mark: boolean): void => {
    for (let place = 0; place < text.length; place++) {
      from[length + place] = mark ? at : at + place;
      marked[length + place] = mark ? 1 : 0;
    }
    pieces.push(text);
    length += text.length;
  };
  let done = 0;
  for (const found of source.matchAll(marks)) {
    const [mark] = found;
    const means = meaningOf(mark);
    keep(source.slice(done, found.index), done, false);
    // "http" as it is, before "[:]": nothing was defanged by it
    keep(means, found.index, means !== mark.toLowerCase());
    done = found.index + mark.length;
  }
  keep(source.slice(done), done, false);
  from[length] = source.length;
  return { text: pieces.join(""), from, marked };
};
