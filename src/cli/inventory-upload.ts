import { inventoryBytesAtMost } from "#jobs/inventory/put.ts";
import { type Exit, exits } from "./exit.ts";
import { inputsOf, wholeOf } from "./input.ts";
import { type SettingsOptions, settingsOf, withSettings } from "./settings.ts";
import type { Cli, Verb } from "./verb.ts";
import { withOpened } from "./with-opened.ts";

interface UploadOptions extends SettingsOptions {
  readonly organisation: string;
  readonly name?: string;
  readonly json?: true;
}

/** Rows told of one file; the receipt counts all. */
const problemsShown = 20;

/** inventory upload: the whole of an inventory, in place of what was called so before. */
export const uploadVerb: Verb = (program, cli) => {
  const upload = program
    .command("upload")
    .summary("bring the inventory of an organisation to the server's store")
    .description(
      "Takes the whole of an inventory in place of the one that was called so before; what is the same stays, what is absent\n" +
        "ends. A waglan that is serving compares it at once with all it knows, and again whenever it learns something.\n" +
        "Exit code 3 when rows could not be taken; the others were.",
    )
    .argument("<file>", 'as "waglan inventory" reads it, plain or .gz; "-" for standard input')
    .requiredOption("--organisation <key>", "whose it is")
    .option("--name <name>", "what it is called; default: the file's name without its endings")
    .option("--json", "the receipt as JSON");
  withSettings(upload).action(async (file: string, options: UploadOptions) => cli.end(await run(cli, file, options)));
};

const run = async (cli: Cli, file: string, options: UploadOptions): Promise<Exit> => {
  const { inputs, problems } = inputsOf(cli.io, [file]);
  for (const one of problems) cli.talk.tell(one);
  const [input] = inputs;
  if (input === undefined) return exits.input;
  const body = await wholeOf(input, inventoryBytesAtMost, () => {});
  if (!body.ok) {
    cli.talk.tell(body.problem, input.file);
    return exits.input;
  }
  return withOpened(cli, settingsOf(cli.io, options), async ({ inventories }) => {
    const { organisation, name = nameOf(input.file) } = options;
    const put = await inventories.put({ organisation, name, file: baseOf(input.file), body: body.value });
    if (!put.ok) {
      cli.talk.tell(put.problem, input.file);
      return exits.input;
    }
    const { problems: wrong, problemCount, ...counts } = put.value;
    for (const one of wrong.slice(0, problemsShown)) cli.talk.tell(one, input.file);
    if (problemCount > problemsShown)
      cli.talk.say(`${input.file}: and ${problemCount - problemsShown} more like these`);
    if (options.json) await cli.talk.json({ organisation, name, ...counts, problems: problemCount });
    else
      await cli.talk.line(
        `${organisation}/${name}: ${counts.items} products, ${counts.added} new, ${counts.removed} ended` +
          (counts.repeated === 0 ? "" : `, ${counts.repeated} repeated`) +
          (counts.rejected === 0 ? "" : `, ${counts.rejected} not read`),
      );
    return counts.rejected > 0 ? exits.input : exits.done;
  });
};

const baseOf = (path: string): string => path.split("/").at(-1) ?? path;

/** "boms/payroll.cdx.json.gz" → "payroll"; what cannot stand in a name becomes "-". */
const nameOf = (path: string): string =>
  baseOf(path)
    .replace(/(?:\.(?:gz|json|xml|csv|tsv|txt|cdx|spdx|bom))+$/i, "")
    .replace(/[^A-Za-z0-9_.-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, 64);
