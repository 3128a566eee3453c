import { createWriteStream } from "node:fs";
import { rename } from "node:fs/promises";
import { resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { type FormatId, formatIds, isFormat } from "#share/formats/list-formats.ts";
import type { ListWords } from "#share/list-query.ts";
import type { PreviewRow, PreviewTotals } from "#jobs/lists/export.ts";
import { badOption, type Exit, exits } from "./exit.ts";
import { type SettingsOptions, settingsOf, withSettings } from "./settings.ts";
import type { Cli, Verb } from "./verb.ts";
import { withOpened } from "./with-opened.ts";

interface ExportOptions extends SettingsOptions {
  readonly to?: string;
  readonly forSensor?: string;
  readonly out?: string;
  readonly list: string;
  readonly format?: string;
  readonly where?: readonly string[];
  readonly explain?: true;
  readonly json?: true;
}

const words = [
  "kind",
  "feed",
  "label",
  "grade",
  "score",
  "tlp",
  "since",
] as const satisfies readonly (keyof ListWords)[];

export const exportVerb: Verb = (program, cli) => {
  const verb = program
    .command("export")
    .summary("what a party receives, or why it does not")
    .description(
      "Writes a list as one organisation may have it, by the very code that sends it; ledger and evidence have an entry.\n" +
        "With --explain nothing leaves: every value with what would be kept, changed and removed, what is withheld and why,\n" +
        "and counts of each. With --for-sensor: all that a sensor behind a one-way link is given (what it looks for, rules,\n" +
        "questions), signed by the evidence key, as one file that `waglan sensor --knowledge` reads. Exit code: 0.",
    )
    .option("--to <organisation>", "its key in the directory")
    .option("--for-sensor <key>", "instead of a list: the file for this sensor")
    .option("--out <file>", "with --for-sensor: write it there, packed (default: standard output, unpacked)")
    .option("--list <name>", "addresses, domains, urls, hashes, a kind, a list it saved, or all", "all")
    .option("--format <name>", `stix, or ${formatIds.join(", ")} (default: txt; with --json: json)`)
    .option("--where <word=value...>", `only some: ${words.join(", ")}`)
    .option("--explain", "say what would leave and what would not, and send nothing")
    .option("--json", "with --explain a line for each value and one with the counts");
  withSettings(verb).action(async (options: ExportOptions) => {
    const { to, forSensor } = options;
    if ((to === undefined) === (forSensor === undefined)) throw badOption("export", "", "one of --to, --for-sensor");
    cli.end(await (to === undefined ? exportForSensor(cli, forSensor ?? "", options) : exportList(cli, to, options)));
  });
};

const exportForSensor = (cli: Cli, key: string, options: ExportOptions): Promise<Exit> =>
  withOpened(cli, settingsOf(cli.io, options), async ({ carry }) => {
    const { packed, count } = await carry.toSensor(key);
    if (options.out === undefined) {
      const decoder = new TextDecoder();
      for await (const piece of packed.pipe(createGunzip()) as AsyncIterable<Uint8Array>)
        await cli.talk.file(decoder.decode(piece, { stream: true }));
    } else {
      const path = resolve(cli.io.cwd, options.out);
      // whole or not at all: a link may carry it away the moment it is there
      await pipeline(packed, createWriteStream(`${path}.part`, { mode: 0o600 }));
      await rename(`${path}.part`, path);
    }
    cli.talk.say(`${count} values for ${key}`);
    return exits.done;
  });

const exportList = (cli: Cli, to: string, options: ExportOptions): Promise<Exit> => {
  const wanted = { list: options.list, format: formatOf(options), words: wordsOf(options.where ?? []) };
  return withOpened(cli, settingsOf(cli.io, options), async ({ lists }) => {
    if (options.explain) {
      const totals = await lists.explain(to, wanted, (row) =>
        options.json ? cli.talk.json({ ...row }) : cli.talk.line(lineOf(row)),
      );
      await (options.json ? cli.talk.json({ totals }) : cli.talk.line(totalsLine(totals)));
      return exits.done;
    }
    const { body, count, unsaid } = await lists.send(to, wanted);
    const decoder = new TextDecoder();
    for await (const piece of body) await cli.talk.file(decoder.decode(piece, { stream: true }));
    cli.talk.say(`${count} values${unsaid === 0 ? "" : `, ${unsaid} more that this format cannot say`}`);
    return exits.done;
  });
};

const formatOf = ({ format, json }: ExportOptions): FormatId => {
  const name = format === "stix" ? "stix.json" : (format ?? (json ? "json" : "txt"));
  if (!isFormat(name)) throw badOption("--format", name, ["stix", ...formatIds].join(", "));
  return name;
};

const wordsOf = (given: readonly string[]): ListWords => {
  const read: Partial<Record<(typeof words)[number], string>> = {};
  for (const one of given) {
    const [name, value] = one.split(/=(.*)/s, 2);
    const known = words.find((word) => word === name);
    if (known === undefined || value === undefined || value === "")
      throw badOption("--where", one, words.map((word) => `${word}=…`).join(", "));
    read[known] = value;
  }
  return read;
};

/** "✓ domain bad.example TLP:AMBER → TLP:GREEN  removed sources (anonymous)" */
const lineOf = (row: PreviewRow): string => {
  const sign = row.does === "leaves" ? "✓" : row.does === "withheld" ? "−" : "·";
  const tlp = `TLP:${row.held.tlp.toUpperCase()}${row.note === undefined || row.note.tlp === row.held.tlp ? "" : ` → TLP:${row.note.tlp.toUpperCase()}`}`;
  const fields = row.fields
    .filter(({ does }) => does !== "kept")
    .map(({ field, does, why }) => `${does} ${field} (${why})`);
  const kept = row.kept.map(
    ({ feed, reasons }) =>
      `${feed === "" ? "it" : feed} stays: ${reasons.map(({ bound, value, ceiling }) => `${bound} ${value}, allowed ${ceiling}`).join("; ")}`,
  );
  return [
    `${sign} ${row.kind} ${row.value}`,
    tlp,
    ...(row.aside === undefined ? [] : [`left aside: ${row.aside}`]),
    ...fields,
    ...kept,
  ].join("  ");
};

const totalsLine = ({ leaves, withheld, aside, bounds }: PreviewTotals): string => {
  const said = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ");
  return [
    `leaves ${leaves}`,
    `withheld ${withheld}${withheld === 0 ? "" : ` (${said(bounds)})`}`,
    `left aside ${Object.values(aside).reduce((sum, one) => sum + one, 0)}${Object.keys(aside).length === 0 ? "" : ` (${said(aside)})`}`,
  ].join("; ");
};
