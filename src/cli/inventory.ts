import { problem, type Result } from "#core/result.ts";
import { matchInventory } from "#detect/product-advisory/match.ts";
import { limits } from "#feeds/limits.ts";
import type { Inventory, InventoryItem } from "#intel/inventory/item.ts";
import { readInventory } from "#intel/inventory/read-inventory.ts";
import { priorities, type Priority } from "#intel/priority.ts";
import { printNumber } from "#words/number.ts";
import { readAdvisories } from "./advisory-set.ts";
import { badOption, type Exit, exits, Stop } from "./exit.ts";
import { type Input, inputsOf, unpacked } from "./input.ts";
import { matchJson, matchLine } from "./inventory-print.ts";
import { languageOfEnvironment } from "./talk.ts";
import { uploadVerb } from "./inventory-upload.ts";
import type { Cli, Verb } from "./verb.ts";

interface InventoryOptions {
  readonly advisories: readonly string[];
  readonly exposed?: readonly string[];
  readonly priority: string;
  readonly json?: true;
}

export const inventoryVerb: Verb = (program, cli) => {
  const inventory = program.command("inventory");
  uploadVerb(inventory, cli);
  inventory
    .summary("compare what you run with what is known to be weak")
    .description(
      "Compares inventories with advisories, without a server: exposed and exploited first, each with its reasons.\n" +
        "Inventories are CycloneDX 1.4 to 1.6 (JSON, XML), SPDX 2.3 (JSON), lists of CPE names or package URLs, or tables\n" +
        "with columns name, vendor, version, cpe, purl, asset, exposed, worth. Advisories are KEV, NVD, CVE records, CSAF and EPSS as their publishers give them.\n" +
        "Exit code: 0 nothing, 1 matches, 3 something could not be read and there was no match.",
    )
    .argument("<path...>", "inventories: files, folders, .gz, or - for standard input")
    .requiredOption("--advisories <path...>", "advisories: files, folders or archives")
    .option(
      "--exposed <asset...>",
      "assets that strangers reach, by name, or all; beside those whose inventory says so",
    )
    .option("--priority <least>", `leave out what is less pressing: ${priorities.join(", ")}`, "watch")
    .option("--json", "a match a line as JSON")
    .addHelpText(
      "after",
      "\n--advisories and --exposed take all that follows up to the next option or --.\n\n" +
        "  waglan inventory sbom.cdx.json servers.csv --advisories kev.json nvd/ epss.csv.gz\n" +
        "  waglan inventory --json --exposed web-01 --advisories csaf/ -- servers.csv",
    )
    .action(async (paths: readonly string[], options: InventoryOptions) => {
      cli.end(await run(cli, paths, options));
    });
};

const run = async (cli: Cli, paths: readonly string[], options: InventoryOptions): Promise<Exit> => {
  const least = priorities.find((one) => one === options.priority);
  if (least === undefined) throw badOption("--priority", options.priority, priorities.join(", "));
  const began = cli.io.elapsed();
  const held = await readInventories(cli, paths, options.exposed ?? []);
  if (held.fileOf.size === 0) throw new Stop([problem("WGL_INVENTORY_NOTHING")], exits.input);
  const { index, ...advisories } = await readAdvisories(cli, options.advisories);
  if (index.size === 0) throw new Stop([problem("WGL_INVENTORY_ADVISORIES")], exits.input);
  const readMs = cli.io.elapsed() - began;
  const matches = matchInventory([...held.fileOf.keys()], index);
  const tookMs = cli.io.elapsed() - began - readMs;
  const language = languageOfEnvironment(cli.io.env);
  const counts = new Map<Priority, number>();
  let shown = 0;
  for (const match of matches) {
    counts.set(match.priority, (counts.get(match.priority) ?? 0) + 1);
    if (priorities.indexOf(match.priority) > priorities.indexOf(least)) continue;
    shown++;
    const file = held.fileOf.get(match.item) ?? "";
    await (options.json ? cli.talk.json(matchJson(match, file)) : cli.talk.line(matchLine(language, match, file)));
  }
  const n = (value: number): string => printNumber("en", value);
  const passed = held.passed + advisories.passed;
  cli.talk.say(
    `${n(held.fileOf.size)} products, ${n(advisories.read)} advisories, read in ${(readMs / 1000).toFixed(1)} s, compared in ${(tookMs / 1000).toFixed(1)} s` +
      (passed === 0 ? "" : `, ${n(passed)} other files passed over`),
  );
  cli.talk.say(`matches: ${priorities.map((one) => `${n(counts.get(one) ?? 0)} ${one}`).join(", ")}`);
  if (shown < matches.length) cli.talk.say(`left out by --priority: ${n(matches.length - shown)}`);
  if (held.rejected > 0) cli.talk.say(`products not read: ${n(held.rejected)}`);
  if (index.unreadable > 0) cli.talk.say(`names in advisories that cannot be used: ${n(index.unreadable)}`);
  if (held.bad + advisories.bad > 0) cli.talk.say(`files that could not be read: ${n(held.bad + advisories.bad)}`);
  if (shown > 0) return exits.findings;
  return held.bad + held.rejected + advisories.bad > 0 ? exits.input : exits.done;
};

interface Held {
  /** Each product, and the file it stands in. */
  readonly fileOf: ReadonlyMap<InventoryItem, string>;
  readonly rejected: number;
  readonly bad: number;
  readonly passed: number;
}

/** Wrong products told of each file; the rest is counted. */
const problemsShown = 5;

const readInventories = async (cli: Cli, paths: readonly string[], exposed: readonly string[]): Promise<Held> => {
  const { inputs, problems } = inputsOf(cli.io, paths);
  for (const one of problems) cli.talk.tell(one);
  const fileOf = new Map<InventoryItem, string>();
  let [rejected, bad, passed] = [0, problems.length, 0];
  for (const input of inputs) {
    const read = await inventoryOf(input);
    if (!read.ok) {
      // what lies beside inventories in a folder and is none is not meant
      if (!input.named && read.problem.code === "WGL_INVENTORY_SHAPE") {
        passed++;
        continue;
      }
      cli.talk.tell(read.problem, input.file);
      bad++;
      continue;
    }
    for (const one of read.value.problems.slice(0, problemsShown)) cli.talk.tell(one, input.file);
    const more = read.value.problemCount - Math.min(read.value.problems.length, problemsShown);
    if (more > 0) cli.talk.say(`${input.file}: and ${more} more like these`);
    rejected += read.value.rejected;
    for (const item of read.value.items) fileOf.set(opened(item, exposed), input.file);
  }
  return { fileOf, rejected, bad, passed };
};

const opened = (item: InventoryItem, exposed: readonly string[]): InventoryItem =>
  item.exposed || exposed.some((one) => one === "all" || one.toLowerCase() === item.asset.toLowerCase())
    ? { ...item, exposed: true }
    : item;

const inventoryOf = async (input: Input): Promise<Result<Inventory>> => {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of unpacked(input, () => {})) {
    length += chunk.length;
    if (length > limits.unpackedBytes)
      return { ok: false, problem: problem("WGL_BODY_LARGE", { limit: limits.unpackedBytes }) };
    // the reader may use its buffer again
    parts.push(Uint8Array.from(chunk));
  }
  return readInventory(Buffer.concat(parts));
};
