import type { ReactNode } from "react";
import { useReader } from "@web/words/reader.tsx";

interface Props<Row> {
  /** Name of the file, without its kind. */
  readonly name: string;
  readonly rows: readonly Row[];
  /** Of the table for people, in order: its head, and the cell of a row. */
  readonly columns: readonly (readonly [head: string, cell: (row: Row) => string | number])[];
}

/** The rows read so far, as a table for people and as lines of JSON for programs. */
export const ExportButtons = <Row,>({ name, rows, columns }: Props<Row>): ReactNode => {
  const { say } = useReader();
  const lines = (): string => rows.map((one) => `${JSON.stringify(one)}\n`).join("");
  return (
    <p className="form-acts">
      <button
        type="button"
        className="button"
        onClick={() => saveAs(`${name}.csv`, "text/csv;charset=utf-8", csvOf(rows, columns))}
      >
        {say("export.as", { format: "CSV" })}
      </button>
      <button
        type="button"
        className="button"
        onClick={() => saveAs(`${name}.ndjson`, "application/x-ndjson", lines())}
      >
        {say("export.as", { format: "JSON" })}
      </button>
      <span className="quiet">{say("export.says", { count: rows.length })}</span>
    </p>
  );
};

/** RFC 4180. A cell that a spreadsheet would run as a formula begins with an apostrophe (OWASP, CSV injection). */
const csvOf = <Row,>(rows: readonly Row[], columns: Props<Row>["columns"]): string =>
  [
    columns.map(([head]) => cell(head)).join(","),
    ...rows.map((row) => columns.map(([, of]) => cell(String(of(row)))).join(",")),
  ].join("\r\n") + "\r\n";

const cell = (text: string): string => {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

const saveAs = (name: string, type: string, text: string): void => {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
};
