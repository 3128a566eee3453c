import { problem, type Problem } from "#core/result.ts";
import type { PackFile } from "#detect/sigma/packs.ts";
import type { RuleProblem } from "#detect/sigma/rule.ts";
import { inputsOf, wholeOf } from "./input.ts";
import type { Cli } from "./verb.ts";

/** A rule of more than this is no rule; the largest of SigmaHQ has 60 kB. */
const ruleBytes = 4_194_304;

/** Sigma rules below the paths: `.yml` and `.yaml`, their tests beside them. A file that is named is read whatever it is called. */
export const readRuleFiles = async (
  cli: Cli,
  paths: readonly string[],
): Promise<{ readonly files: readonly PackFile[]; readonly bad: number }> => {
  const { inputs, problems } = inputsOf(cli.io, paths);
  for (const one of problems) cli.talk.tell(one);
  const files: PackFile[] = [];
  let bad = problems.length;
  for (const input of inputs) {
    if (!input.named && !/\.(?:ya?ml|jsonl)$/i.test(input.file)) continue;
    const body = await wholeOf(input, ruleBytes, () => {});
    if (body.ok) files.push({ path: yamlName(input.file, input.named), text: new TextDecoder().decode(body.value) });
    else {
      bad++;
      cli.talk.tell(body.problem, input.file);
    }
  }
  return { files, bad };
};

const yamlName = (file: string, named: boolean): string =>
  named && !/\.(?:ya?ml|jsonl)$/i.test(file) ? `${file}.yml` : file;

/** Problems told of rules; the rest is counted. */
const problemsShown = 20;

export const tellRuleProblems = (cli: Cli, problems: readonly RuleProblem[]): void => {
  for (const one of problems.slice(0, problemsShown)) cli.talk.tell(problemOf(one), one.file);
  if (problems.length > problemsShown) cli.talk.say(`and ${problems.length - problemsShown} more problems in rules`);
};

const problemOf = ({ code, params, line, column }: RuleProblem): Problem =>
  problem(code, params, `line ${line} column ${column}`);
