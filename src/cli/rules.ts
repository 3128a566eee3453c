import { loadPack } from "#detect/sigma/packs.ts";
import { type Exit, exits } from "./exit.ts";
import { readRuleFiles, tellRuleProblems } from "./rule-files.ts";
import { type SettingsOptions, settingsOf, withSettings } from "./settings.ts";
import { printTable } from "./table.ts";
import type { Cli, Verb } from "./verb.ts";
import { withOpened } from "./with-opened.ts";

interface RulesOptions extends SettingsOptions {
  readonly reason: string;
  readonly json?: true;
}

/** rules: what telemetry is asked by, and what a person decided of it. */
export const rulesVerb: Verb = (program, cli) => {
  const rules = program
    .command("rules")
    .summary("rules that telemetry is asked by")
    .description(
      "Sigma rules in the folders of `rules.folders`. What a rule finds is shown to staff alone until a person lets the\n" +
        "rule speak, on the page of sources.",
    );
  const list = rules
    .command("list")
    .description("Lists the rules, which of them run, and why others do not.")
    .option("--json", "one a line as JSON");
  withSettings(list).action(async (options: RulesOptions) =>
    cli.end(
      await withOpened(cli, settingsOf(cli.io, options), async (opened) => {
        const { rules: rows, problems } = await opened.rules.list();
        for (const one of problems) cli.talk.tell(one, one.at);
        await printTable(cli, rows, options.json === true);
        return problems.length === 0 ? exits.done : exits.input;
      }),
    ),
  );
  rules
    .command("test")
    .description("Reads rules and runs the tests beside them, without a server. Exit code 3 when something is wrong.")
    .argument("<path...>", "files or folders")
    .option("--json", "the result as JSON")
    .action(async (paths: readonly string[], options: RulesOptions) => cli.end(await testRules(cli, paths, options)));
  for (const [name, runs, does] of [
    ["enable", true, "Lets a rule run that somebody disabled, or that its author retired."],
    ["disable", false, "Keeps a rule from running, within seconds and in every process; what it found stands."],
  ] as const) {
    const verb = rules
      .command(name)
      .description(does)
      .argument("<rule>", 'id or name of a rule, a folder of rules with "/" at its end, or "*"')
      .requiredOption("--reason <text>", "why, for whoever asks later")
      .option("--json", "the result as JSON");
    withSettings(verb).action(async (rule: string, options: RulesOptions) =>
      cli.end(
        await withOpened(cli, settingsOf(cli.io, options), async (opened) => {
          const wrong = await opened.rules.decide(rule, runs, options.reason);
          if (wrong !== undefined) {
            cli.talk.tell(wrong);
            return exits.input;
          }
          await (options.json ? cli.talk.json({ rule, runs }) : cli.talk.line(`${rule} is ${name}d`));
          return exits.done;
        }),
      ),
    );
  }
};

const testRules = async (cli: Cli, paths: readonly string[], options: RulesOptions): Promise<Exit> => {
  const { files, bad } = await readRuleFiles(cli, paths);
  const pack = loadPack("rules", files);
  tellRuleProblems(cli, pack.problems);
  const rules = pack.files.flatMap(({ file }) => [...file.rules, ...file.correlations, ...file.filters]);
  const tests = pack.files.flatMap((file) => file.tests?.tested ?? []);
  const passed = tests.flatMap((one) => one.passed).length;
  const failed = tests.flatMap((one) => one.failed).length;
  const problems = pack.problems.length + bad;
  const said = { rules: rules.length, passed, failed, untested: rules.length - passed - failed, problems };
  await (options.json
    ? cli.talk.json(said)
    : cli.talk.line(
        `${said.rules} rules: ${passed} pass their tests, ${failed} fail them, ${said.untested} have none; ${problems} problems`,
      ));
  return problems + failed === 0 ? exits.done : exits.input;
};
