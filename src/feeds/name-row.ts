import { problem } from "#core/result.ts";
import type { RawThreatName, Row } from "./feed.ts";
import { plainLine } from "./plain-text.ts";

/** Other names kept of one thing; the most renamed group of ATT&CK has 30. */
const aliasesAtMost = 200;
/** Characters of a name; a longer one is a sentence. */
const nameAtMost = 200;
const idAtMost = 100;

/** What a collection says of one thing, before it is bounded. */
export interface SaidName {
  readonly list: string;
  readonly id: unknown;
  readonly kind: string;
  readonly name: unknown;
  readonly aliases?: unknown;
  readonly url?: string | undefined;
  readonly gone?: boolean;
}

/** The row of one name. Without an id or a name of one short line it is refused; aliases that are none are left out and noted. */
export const nameRow = (row: number, said: SaidName, text?: () => string): Row => {
  const id = lineOf(said.id, idAtMost);
  const name = lineOf(said.name, nameAtMost);
  const missing = id === undefined ? "id" : name === undefined ? "name" : undefined;
  if (id === undefined || name === undefined) {
    const why = problem("WGL_ROW_FIELD", { field: missing ?? "" }, `row ${row}`);
    return { row, result: { ok: false, problem: why }, ...(text === undefined ? {} : { text: text() }) };
  }
  const given = said.aliases === undefined ? [] : Array.isArray(said.aliases) ? said.aliases : [said.aliases];
  const aliases = given.slice(0, aliasesAtMost).map((alias: unknown) => lineOf(alias, nameAtMost));
  const kept = [...new Set(aliases.filter((alias) => alias !== undefined))].filter((alias) => alias !== name);
  const value: RawThreatName = {
    ...{ is: "name", list: said.list, id, kind: said.kind, name, aliases: kept, gone: said.gone === true },
    ...(said.url === undefined ? {} : { url: said.url }),
  };
  const whole = aliases.length === given.length && !aliases.includes(undefined);
  return {
    row,
    result: { ok: true, value },
    ...(whole ? {} : { note: problem("WGL_ROW_FIELD", { field: "aliases" }) }),
  };
};

const lineOf = (said: unknown, most: number): string | undefined => {
  if (typeof said !== "string") return undefined;
  const line = plainLine(said.toWellFormed());
  return line === "" || line.length > most ? undefined : line;
};
