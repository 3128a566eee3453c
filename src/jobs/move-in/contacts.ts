import type { Ids } from "#community/directory-body.ts";
import {
  contactOrigins,
  contactTables,
  type ContactTables,
  readContactTables,
  type TableRow,
} from "#community/contact-tables.ts";
import type { Directory } from "#community/directory.ts";
import { n6Tables, readN6 } from "#community/n6-tables.ts";
import { readTuency, tuencyTables } from "#community/tuency-tables.ts";
import type { Problem } from "#core/result.ts";
import { importDirectory } from "#jobs/community/import-directory.ts";
import { dumpTables, type TableDump } from "./dump-tables.ts";
import type { MoveInRun } from "./port.ts";
import { dumpRecords } from "./records.ts";
import { moveIn, type MovingIn, type Run, type Telling } from "./run.ts";

/** Systems whose contacts become the directory. */
export const contactSystems = ["contacts", "tuency", "n6"] as const;
export type ContactSystem = (typeof contactSystems)[number];

/**
 * IntelMQ's contact tables, Tuency's or n6's become the directory: a file a table, named by it, or a dump of all. One
 * transaction; a second time changes nothing. With `dryRun` it only says what it would do.
 */
export const moveInContacts = (
  moving: MovingIn & { readonly ids: Ids; readonly known: Directory; readonly dryRun: boolean },
  telling: Telling,
  place: string,
  dumps: readonly TableDump[],
  system: ContactSystem = "contacts",
): Promise<MoveInRun> =>
  moveIn(moving, telling, system, place, async (run) => {
    const { tables, untaken } = await readers[system](dumps, run);
    const read = readContactTables(tables, moving.known, moving.ids, moving.now(), contactOrigins[system]);
    for (const [what, count] of Object.entries(read.counts)) run.count(what, count);
    for (const one of read.problems) run.refuse(one);
    for (const one of [...untaken, ...read.untaken]) telling.problem(one);
    run.count("not taken over", untaken.length + read.untaken.length);
    const { organisations, people, assets } = read.directory;
    run.count("new or changed", organisations.length + people.length + assets.length);
    if (moving.dryRun || organisations.length + people.length + assets.length === 0) return;
    await importDirectory(moving.state, read.directory, `moved in from ${titles[system]}`, moving.now());
  });

const titles = { contacts: "contact tables", tuency: "Tuency", n6: "n6" } as const satisfies Record<
  ContactSystem,
  string
>;

interface Read {
  readonly tables: ContactTables;
  readonly untaken: readonly Problem[];
}

const intelmqTables = async (dumps: readonly TableDump[], run: Run): Promise<Read> => {
  const tables = new Map<string, TableRow[]>();
  for (const { file, chunks } of dumps) {
    const table = tableOf(file);
    if (table === undefined) {
      run.count("files passed over");
      continue;
    }
    const rows = tables.get(table) ?? [];
    tables.set(table, rows);
    for await (const { line, text, fields } of dumpRecords(chunks())) {
      // what was done before is read again: the tables speak of each other
      run.take(text);
      if (fields.ok) rows.push({ at: `row ${line}`, fields: fields.value });
      else run.refuse({ ...fields.problem, at: `${table} row ${line}` });
    }
  }
  return { tables, untaken: [] };
};

const otherTables =
  (known: ReadonlySet<string>, read: typeof readN6) =>
  async (dumps: readonly TableDump[], run: Run): Promise<Read> => {
    const tables = await dumpTables(dumps, known, {
      taken: (text) => run.take(text),
      refused: (one) => run.refuse(one),
      passed: () => run.count("files passed over"),
    });
    const { problems, ...rest } = read(tables);
    for (const one of problems) run.refuse(one);
    return rest;
  };

const readers = {
  contacts: intelmqTables,
  tuency: otherTables(tuencyTables, readTuency),
  n6: otherTables(n6Tables, readN6),
} as const satisfies Record<ContactSystem, unknown>;

/** "public.network_automatic.csv" is of network_automatic. */
const tableOf = (file: string): string | undefined => {
  const name = (/([^/\\]+)$/.exec(file)?.[1] ?? "").toLowerCase();
  const stem = name.replace(/\.(?:csv|json|ndjson|jsonl)(?:\.gz)?$/, "").replace(/^.*\./, "");
  return contactTables.some((table) => stem === table || stem === `${table}_automatic`) ? stem : undefined;
};
