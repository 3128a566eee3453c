import type { ReactNode } from "react";
import type { RejectedPage } from "@api/intake.ts";
import { useReader } from "@web/words/reader.tsx";

type Row = RejectedPage["rows"][number];

interface Props {
  readonly source: string;
  readonly rows: readonly Row[];
}

/** The rows read so far, as a table for people and as lines of JSON for programs. */
export const ExportButtons = ({ source, rows }: Props): ReactNode => {
  const { say } = useReader();
  return (
    <p className="form-acts">
      <button
        type="button"
        className="button"
        onClick={() => saveAs(`${source}-refused.csv`, "text/csv;charset=utf-8", csvOf(rows))}
      >
        {say("rejected.export", { format: "CSV" })}
      </button>
      <button
        type="button"
        className="button"
        onClick={() =>
          saveAs(
            `${source}-refused.ndjson`,
            "application/x-ndjson",
            rows.map((one) => `${JSON.stringify(one)}\n`).join(""),
          )
        }
      >
        {say("rejected.export", { format: "JSON" })}
      </button>
      <span className="quiet">{say("rejected.export-says", { count: rows.length })}</span>
    </p>
  );
};

const columns = ["n", "turn", "at", "part", "row", "code", "says", "text"] as const;

/** RFC 4180. A cell that a spreadsheet would run as a formula begins with an apostrophe (OWASP, CSV injection). */
const csvOf = (rows: readonly Row[]): string =>
  [columns.join(","), ...rows.map((row) => columns.map((name) => cell(String(row[name] ?? ""))).join(","))].join(
    "\r\n",
  ) + "\r\n";

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
