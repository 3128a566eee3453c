import { type ReactNode, useState } from "react";
import type { IntakeReceipt } from "@api/intake.ts";
import { observableKinds } from "#core/observable.ts";
import { Failed } from "@web/parts/failed.tsx";
import { Identifier } from "@web/parts/identifier.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { visible } from "@web/words/put.ts";
import { type Say, useReader } from "@web/words/reader.tsx";

/** Perhaps a value, perhaps not: a version number, a file's name. A person may take it all the same. */
const doubtful = "WGL_TEXT_DOUBTFUL";

interface Props {
  readonly receipt: IntakeReceipt;
  /** The text that was pasted; absent: a file was read. */
  readonly written: string | undefined;
  readonly pending: boolean;
  readonly error: unknown;
  /** @param without values left out  @param also doubtful ones taken */
  readonly onTake: (without: string[], also: string[]) => void;
}

/** What was found, each to be kept or left; what was refused with its reason; what is doubtful to be decided. */
export const FoundSection = ({ receipt, written, pending, error, onTake }: Props): ReactNode => {
  const { say } = useReader();
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [also, setAlso] = useState<ReadonlySet<string>>(new Set());
  const values = [...new Map(receipt.found.map((one) => [`${one.kind} ${one.value}`, one])).values()];
  const keeping = values.filter((one) => !left.has(one.value)).length + also.size;
  const others = receipt.reports + receipt.advisories;
  const all = keeping + others + (receipt.accepted - receipt.found.length);
  return (
    <>
      <section>
        <h2>{say("intake.found")}</h2>
        <p role="status">
          {say("intake.found-says", { count: receipt.accepted })}{" "}
          {others > 0 ? say("intake.others", { reports: receipt.reports, advisories: receipt.advisories }) : ""}
        </p>
        {values.length === 0 ? null : (
          <Table
            label={say("intake.found")}
            of="found"
            head={
              <Heads
                names={[
                  say("intake.keep"),
                  say("indicator.value"),
                  say("indicator.kind"),
                  say("intake.written"),
                  say("intake.labels"),
                  say("source.part"),
                ]}
              />
            }
          >
            {values.map((one) => (
              <tr key={`${one.kind} ${one.value}`} data-left={left.has(one.value)}>
                <td data-label={say("intake.keep")}>
                  <label className="hit">
                    <input
                      type="checkbox"
                      checked={!left.has(one.value)}
                      onChange={() => setLeft(toggled(left, one.value))}
                    />
                    <span className="unseen">{say("intake.keep-it", { value: one.value })}</span>
                  </label>
                </td>
                <th scope="row">
                  <Identifier text={one.value} />
                </th>
                <td data-label={say("indicator.kind")}>{kindWord(say, one.kind)}</td>
                <td data-label={say("intake.written")}>
                  {written === undefined ? (
                    <span className="quiet">{say("intake.in-file")}</span>
                  ) : standsIn(written, one.value) ? (
                    <span className="quiet">{say("intake.plain")}</span>
                  ) : (
                    <span className="changed">△ {say("intake.refanged")}</span>
                  )}
                </td>
                <td data-label={say("intake.labels")}>
                  {one.labels.length + one.flags.length === 0 ? "–" : visible([...one.labels, ...one.flags].join(", "))}
                </td>
                <td data-label={say("source.part")}>{one.part === "" ? "–" : <Identifier text={one.part} />}</td>
              </tr>
            ))}
          </Table>
        )}
        {receipt.accepted > receipt.found.length ? (
          <p className="quiet">{say("intake.more-found", { count: receipt.accepted - receipt.found.length })}</p>
        ) : null}
      </section>
      {receipt.notTaken.length === 0 ? null : (
        <section>
          <h2>{say("intake.refused")}</h2>
          <Table
            label={say("intake.refused")}
            of="refused"
            head={
              <Heads
                names={[
                  say("intake.take-too"),
                  say("intake.as-written"),
                  say("source.says"),
                  { figure: say("source.row") },
                ]}
              />
            }
          >
            {receipt.notTaken.map((one, at) => {
              const { text } = one;
              return (
                <tr key={`${at} ${one.part} ${one.row}`}>
                  <td data-label={say("intake.take-too")}>
                    {one.code === doubtful && text !== undefined ? (
                      <label className="hit">
                        <input type="checkbox" checked={also.has(text)} onChange={() => setAlso(toggled(also, text))} />
                        <span className="unseen">{say("intake.take-it", { value: text })}</span>
                      </label>
                    ) : (
                      <span className="quiet" aria-hidden="true">
                        −
                      </span>
                    )}
                  </td>
                  <th scope="row">{text === undefined ? "–" : <Identifier text={text} />}</th>
                  <td data-label={say("source.says")}>
                    <span>
                      {visible(one.says)} <span className="quiet identifier">{one.code}</span>
                    </span>
                  </td>
                  <td className="figure" data-label={say("source.row")}>
                    {one.row === 0 ? "–" : one.row}
                  </td>
                </tr>
              );
            })}
          </Table>
        </section>
      )}
      {error ? <Failed error={error} says={say("failed.title")} /> : null}
      <p className="form-acts">
        <button
          type="button"
          className="button filled"
          disabled={pending || all <= 0}
          onClick={() => onTake([...left], [...also])}
        >
          {say("intake.take", { count: all })}
        </button>
        <span className="quiet">{say("intake.take-says")}</span>
      </p>
    </>
  );
};

const toggled = (some: ReadonlySet<string>, value: string): ReadonlySet<string> =>
  some.has(value) ? new Set([...some].filter((one) => one !== value)) : new Set([...some, value]);

/** Written as it is: a defanged value stands nowhere in the text in its own letters. */
const standsIn = (text: string, value: string): boolean => text.toLowerCase().includes(value.toLowerCase());

const kindWord = (say: Say, kind: string): string => {
  const known = observableKinds.find((one) => one === kind);
  return known === undefined ? visible(kind) : say(`kind.${known}`);
};
