import type { Ids } from "#community/directory-body.ts";
import { contactTables, readContactTables, type TableRow } from "#community/contact-tables.ts";
import type { Directory } from "#community/directory.ts";
import { importDirectory } from "#jobs/import-directory.ts";
import type { MoveInRun } from "./port.ts";
import { dumpRecords } from "./records.ts";
import { moveIn, type MovingIn, type Telling } from "./run.ts";

/** A dump of one table. */
export interface TableDump {
  /** "network_automatic.csv", in whatever folder. */
  readonly file: string;
  readonly chunks: () => AsyncIterable<Uint8Array>;
}

/**
 * IntelMQ's contact tables become the directory: a file a table, named by it. One transaction; a second time changes
 * nothing. With `dryRun` it only says what it would do.
 */
export const moveInContacts = (
  moving: MovingIn & { readonly ids: Ids; readonly known: Directory; readonly dryRun: boolean },
  telling: Telling,
  place: string,
  dumps: readonly TableDump[],
): Promise<MoveInRun> =>
  moveIn(moving, telling, "contacts", place, async (run) => {
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
    const read = readContactTables(tables, moving.known, moving.ids, moving.now());
    for (const [what, count] of Object.entries(read.counts)) run.count(what, count);
    for (const one of read.problems) run.refuse(one);
    for (const one of read.untaken) telling.problem(one);
    run.count("not taken over", read.untaken.length);
    const { organisations, people, assets } = read.directory;
    run.count("new or changed", organisations.length + people.length + assets.length);
    if (moving.dryRun || organisations.length + people.length + assets.length === 0) return;
    await importDirectory(moving.state, read.directory, "moved in from contact tables", moving.now());
  });

/** "public.network_automatic.csv" is of network_automatic. */
const tableOf = (file: string): string | undefined => {
  const name = (/([^/\\]+)$/.exec(file)?.[1] ?? "").toLowerCase();
  const stem = name.replace(/\.(?:csv|json|ndjson|jsonl)(?:\.gz)?$/, "").replace(/^.*\./, "");
  return contactTables.some((table) => stem === table || stem === `${table}_automatic`) ? stem : undefined;
};
