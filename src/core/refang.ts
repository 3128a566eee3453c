/** Ways people defang a value so that nobody clicks it, and what each stood for. */
const brackets = /\[(\.|:|:\/\/|\/|@|dot|at)\]|\((\.|:|@|dot|at)\)|\{(\.|dot)\}/gi;
const meanings: Readonly<Record<string, string>> = { dot: ".", at: "@" };

/** "hxxps[://]bad[.]example/a" becomes "https://bad.example/a"; brackets in brackets too. Anything else is left as it is. */
export const refang = (text: string): string =>
  withoutBrackets(text)
    .replace(/^h(?:xx|\*\*|XX)p(s?):/i, "http$1:")
    .replace(/^fxp:/i, "ftp:");

/** Until nothing changes, so that what came out stays what it is; each round makes the text shorter. */
const withoutBrackets = (text: string): string => {
  const once = text.replace(brackets, (_whole, square?: string, round?: string, curly?: string) => {
    const inside = square ?? round ?? curly ?? "";
    return meanings[inside.toLowerCase()] ?? inside;
  });
  return once === text ? text : withoutBrackets(once);
};
