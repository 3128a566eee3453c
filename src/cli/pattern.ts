import { no, ok, problem, type Result } from "#core/result.ts";
import { checkPattern } from "#stix/pattern-check.ts";
import { matchPattern } from "#stix/pattern-match.ts";
import { type PatternVersion, patternVersions } from "#stix/pattern.ts";
import { type Answered, answerLines, type JsonLine, takesLines } from "./ndjson-verb.ts";
import type { Verb } from "./verb.ts";

export const patternVerb: Verb = (program, cli) => {
  const pattern = program
    .command("pattern")
    .summary("check and match STIX patterns")
    .description("STIX 2.0 and 2.1 patterns: an answer a line for each line of the input, in order, with its id.");
  takesLines(pattern.command("check"))
    .summary("tell valid patterns from wrong ones")
    .description(
      "Answers {id, pattern, version?} with {id, valid, problems, warnings}. Warnings are of valid patterns that can\n" +
        "never be true, or whose constants cannot be compared. The version is 2.1 where none is given.\n" +
        "Exit code: 0 every line was answered, whatever the verdict; 3 a line or a path could not be used.",
    )
    .action(async (paths: readonly string[]) => cli.end(await answerLines(cli, paths, check)));
  takesLines(pattern.command("match"))
    .summary("match patterns with observations")
    .description(
      "Answers {id, pattern, observations, version?} with {id, matches}, or with {id, problems} where the pattern, the\n" +
        "observations or a value the decision hangs on cannot be read. Observations are bundles with observed-data and\n" +
        "what it refers to, or observed-data objects (2.0: with their objects inside).\n" +
        "Exit code: 0 every line was decided; 3 a line or a path could not be used.",
    )
    .action(async (paths: readonly string[]) => cli.end(await answerLines(cli, paths, match)));
};

const check = (line: JsonLine): Answered => {
  const asked = askedOf(line);
  if (!asked.ok) return asked;
  const { problems, warnings } = checkPattern(asked.value.pattern, asked.value.version);
  return ok({ valid: problems.length === 0, problems, warnings });
};

const match = (line: JsonLine): Answered => {
  const asked = askedOf(line);
  if (!asked.ok) return asked;
  const observations = line["observations"];
  if (!Array.isArray(observations))
    return no("WGL_STIX_OBJECT", { property: "observations", wanted: "a list of bundles or observed-data" });
  const verdict = matchPattern(asked.value.pattern, observations, asked.value.version);
  return verdict.ok ? ok({ matches: verdict.value.matches }) : verdict;
};

interface Asked {
  readonly pattern: string;
  readonly version: PatternVersion;
}

const askedOf = (line: JsonLine): Result<Asked> => {
  const { pattern, version: written } = line;
  if (typeof pattern !== "string") return no("WGL_STIX_OBJECT", { property: "pattern", wanted: "a string" });
  const version = written === undefined ? "2.1" : patternVersions.find((one) => one === written);
  return version === undefined
    ? { ok: false, problem: problem("WGL_STIX_OBJECT", { property: "version", wanted: patternVersions.join(" or ") }) }
    : ok({ pattern, version });
};
