import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import type { TransactionSql } from "postgres";
import { copyIn } from "#store/copy-in.ts";

type Cell = string | null | readonly string[];

/** Characters gathered before they go to the socket: few writes, and some milliseconds after which others have their turn. */
const chunk = 64 * 1024;

/** Sends rows in PostgreSQL's text COPY format (documentation, COPY, "Text Format"); arrays as `{"a","b"}`. */
export const copyRows = async <Row>(
  sql: TransactionSql,
  statement: string,
  rows: Iterable<Row>,
  cells: (row: Row) => readonly Cell[],
): Promise<void> => {
  await copyIn(sql, statement, async (sink) => {
    let text = "";
    for (const row of rows) {
      text += `${cells(row).map(cell).join("\t")}\n`;
      if (text.length < chunk) continue;
      if (!sink.write(text)) await once(sink, "drain");
      else await setImmediate();
      text = "";
    }
    sink.end(text);
    await once(sink, "finish");
  });
};

const special = /[\\\t\n\r\0]/;
const escape = (text: string): string =>
  special.test(text)
    ? text.replace(/[\\\t\n\r\0]/g, (c) =>
        c === "\\" ? "\\\\" : c === "\t" ? "\\t" : c === "\n" ? "\\n" : c === "\r" ? "\\r" : "\uFFFD",
      )
    : text;

const cell = (value: Cell): string => {
  if (value === null) return "\\N";
  if (typeof value === "string") return escape(value);
  if (value.length === 0) return "{}";
  return escape(`{${value.map((item) => `"${item.replace(/["\\]/g, "\\$&")}"`).join(",")}}`);
};
