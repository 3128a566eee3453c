import type { Problem } from "#core/result.ts";
import { type Language, languageOf } from "#words/language.ts";
import { sayProblem, visible } from "#words/say.ts";
import type { Io, Writer } from "./io.ts";

/** How a verb speaks: results on standard output, words and progress on standard error. */
export interface Talk {
  /** Words for the person at the terminal; outside text in them is made visible. */
  readonly say: (text: string) => void;
  /** A problem in the reader's language, with its code; `file` is where it was met. */
  readonly tell: (problem: Problem, file?: string) => void;
  /** A line of the result as text. */
  readonly line: (text: string) => Promise<void> | undefined;
  /** A line of the result as JSON. */
  readonly json: (value: unknown) => Promise<void> | undefined;
  /** Text of the result as it is, not made visible: a file that was asked for. */
  readonly file: (text: string) => Promise<void> | undefined;
  /** Draws progress over the last one; nothing where there is no terminal. */
  readonly progress: (text: string) => void;
  /** Takes the progress away. */
  readonly settle: () => void;
  /** Writes out what was kept back; call it before the verb ends. */
  readonly flush: () => Promise<void>;
}

/** UTF-16 units kept back so that a hundred thousand hits are not a hundred thousand writes. */
const kept = 65_536;

export const openTalk = (io: Io): Talk => {
  const language = languageOfEnvironment(io.env);
  let drawn = false;
  const settle = (): void => {
    if (drawn) void io.stderr.write("\r\u001b[K");
    drawn = false;
  };
  const say = (text: string): void => {
    settle();
    void io.stderr.write(`${shown(text)}\n`);
  };
  const out = keepingBack(io.stdout, settle);
  return {
    say,
    tell: (problem, file) =>
      say(
        `${file === undefined ? "" : `${file}: `}${problem.at === undefined ? "" : `${problem.at}: `}${sayProblem(language, problem)} [${problem.code}]`,
      ),
    line: (text) => out.put(`${shown(text)}\n`),
    json: (value) => out.put(`${jsonLine(value)}\n`),
    file: (text) => out.put(text),
    progress: (text) => {
      if (!io.isTTY) return;
      void io.stderr.write(`\r\u001b[K${text}`);
      drawn = true;
    },
    settle,
    flush: out.flush,
  };
};

/** LC_ALL before LC_MESSAGES before LANG, as POSIX has it; English where nobody says. */
export const languageOfEnvironment = (env: Io["env"]): Language =>
  languageOf(env["LC_ALL"] || env["LC_MESSAGES"] || env["LANG"] || "") ?? "en";

/** JSON on one line, in which nothing can act on a terminal: C1 controls and bidirectional marks are escaped too. */
export const jsonLine = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** Outside text cannot forge lines or turn a terminal round; our own line ends and tabs stay. */
const shown = (text: string): string =>
  text
    .split(/([\n\t])/)
    .map((part) => (/^[\n\t]$/.test(part) ? part : visible(part)))
    .join("");

/** Writes when enough has come together, or when the program has nothing else to do (`tail -f … | waglan scan -`). */
const keepingBack = (
  writer: Writer,
  settle: () => void,
): { readonly put: (text: string) => Promise<void> | undefined; readonly flush: () => Promise<void> } => {
  let waiting = "";
  let failed: unknown;
  let due: NodeJS.Immediate | undefined;
  const now = (): Promise<void> | undefined => {
    if (due !== undefined) clearImmediate(due);
    due = undefined;
    const text = waiting;
    waiting = "";
    if (text === "") return undefined;
    // Both streams may be one terminal, where a result must not stand behind half a progress.
    settle();
    return writer.write(text);
  };
  const later = (): void => {
    try {
      now()?.catch((error: unknown) => {
        failed ??= error;
      });
    } catch (error) {
      failed ??= error;
    }
  };
  const check = (): void => {
    if (failed !== undefined) throw failed;
  };
  return {
    put: (text) => {
      check();
      waiting += text;
      if (waiting.length >= kept) return now();
      due ??= setImmediate(later);
      return undefined;
    },
    flush: async () => {
      await now();
      // An error of the stream is told after the write returned.
      await new Promise((resolve) => setImmediate(resolve));
      check();
    },
  };
};
