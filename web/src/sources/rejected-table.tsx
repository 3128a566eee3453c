import type { ReactNode } from "react";
import type { RejectedPage } from "@api/intake.ts";
import { Identifier } from "@web/parts/identifier.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { Moment } from "@web/time/moment.tsx";
import { printNumber } from "@words/number.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

type Row = RejectedPage["rows"][number];

interface Props {
  readonly rows: readonly Row[];
  /** What a person wrote instead, by number. */
  readonly texts: ReadonlyMap<number, string>;
  readonly writes: boolean;
  readonly onText: (n: number, text: string) => void;
}

/** Each row as it came, to be written anew in its place; the reason beside it. */
export const RejectedTable = ({ rows, texts, writes, onText }: Props): ReactNode => {
  const { language, say } = useReader();
  return (
    <Table
      label={say("source.refused")}
      of="rejected"
      head={
        <Heads
          names={[
            say("rejected.as-came"),
            say("source.says"),
            { figure: say("source.row") },
            say("source.part"),
            say("source.at"),
          ]}
        />
      }
    >
      {rows.map((one) => {
        const text = texts.get(one.n) ?? one.text;
        const changed = text !== one.text;
        return (
          <tr key={one.n} data-changed={changed}>
            <td data-label={say("rejected.as-came")} className="rejected-text">
              {one.text === undefined ? (
                <span className="quiet">{say("rejected.no-text")}</span>
              ) : writes ? (
                <textarea
                  className="identifier"
                  rows={Math.min(6, 1 + Math.floor((text ?? "").length / 60))}
                  maxLength={8192}
                  spellCheck={false}
                  aria-label={say("rejected.row", { row: one.row, part: one.part })}
                  value={text}
                  onChange={(event) => onText(one.n, event.target.value)}
                />
              ) : (
                <code className="identifier">{visible(one.text)}</code>
              )}
              {changed && one.text !== undefined ? (
                <span className="was">
                  <span className="changed">△</span> <s>{visible(one.text)}</s>{" "}
                  <button type="button" className="plain" onClick={() => onText(one.n, one.text ?? "")}>
                    {say("rejected.as-was")}
                  </button>
                </span>
              ) : null}
            </td>
            <td className="wrap" data-label={say("source.says")}>
              <span>
                {visible(one.says)} <span className="quiet identifier">{one.code}</span>
              </span>
            </td>
            <td className="figure" data-label={say("source.row")}>
              {printNumber(language, one.row)}
            </td>
            <td data-label={say("source.part")}>{one.part === "" ? "–" : <Identifier text={one.part} />}</td>
            <td data-label={say("source.at")}>
              <Moment at={one.at} />
            </td>
          </tr>
        );
      })}
    </Table>
  );
};
