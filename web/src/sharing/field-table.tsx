import type { ReactNode } from "react";
import type { PreviewValue } from "@api/sharing.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

const signs = { kept: "✓", changed: "→", removed: "−" } as const;

/** Each field before and after, with a sign that needs no colour, and why; below it the statements that stay here. */
export const FieldTable = ({ value }: { readonly value: PreviewValue }): ReactNode => {
  const { say } = useReader();
  const fields =
    value.fields.length > 0
      ? value.fields
      : [{ field: "value", held: `${value.kind} ${value.value}`, does: "removed" as const, why: value.does }];
  const count = (does: keyof typeof signs): number => fields.filter((one) => one.does === does).length;
  return (
    <>
      <p className="preview-counts quiet">
        {(["kept", "changed", "removed"] as const).map((does) => (
          <span key={does}>
            <span aria-hidden="true">{signs[does]}</span> {say(`preview.${does}`, { count: count(does) })}
          </span>
        ))}
      </p>
      <div className="table-scroll" role="region" tabIndex={0} aria-label={say("preview.held")}>
        <table className="table preview-fields">
          <thead>
            <tr>
              <th scope="col">
                <span className="unseen">{say("preview.does")}</span>
              </th>
              <th scope="col">{say("preview.field")}</th>
              <th scope="col">{say("preview.value")}</th>
              <th scope="col">{say("preview.reason")}</th>
            </tr>
          </thead>
          <tbody>
            {fields.map((one) => (
              <tr key={one.field} data-does={one.does}>
                <td>
                  <span aria-hidden="true">{signs[one.does]}</span>
                  <span className="unseen">{say(`preview.does.${one.does}`)}</span>
                </td>
                <th scope="row">{visible(one.field)}</th>
                <td>
                  {one.does === "kept" ? visible(one.held) : <s>{visible(one.held)}</s>}{" "}
                  {one.does === "changed" ? <b>{visible(("sent" in one ? one.sent : undefined) ?? "")}</b> : null}
                </td>
                <td>{reason(say, one.why)}</td>
              </tr>
            ))}
            {value.kept.map((one) => (
              <tr key={`claim ${one.feed}`} data-does="removed">
                <td>
                  <span aria-hidden="true">−</span>
                  <span className="unseen">{say("preview.does.removed")}</span>
                </td>
                <th scope="row">{say("preview.statement")}</th>
                <td>
                  <s>{visible(one.source || one.feed)}</s>
                </td>
                <td>
                  {one.reasons.map(({ bound, value: held, ceiling }) => (
                    <span key={bound} className="preview-reason">
                      {reason(say, bound)}: {visible(held)} › {visible(ceiling)}
                    </span>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
};

/** Reasons that have words; another is shown by its own name. */
const worded = [
  "shadow",
  "audience",
  "group",
  "licence",
  "local",
  "agreement",
  "period",
  "purpose",
  "tlp",
  "pap",
  "field",
  "must",
  "may",
  "personal",
  "source",
  "internal",
  "own",
  "anonymous",
  "unclassified",
  "withheld",
  "aside",
] as const;

const reason = (say: ReturnType<typeof useReader>["say"], why: string): string => {
  const known = worded.find((one) => one === why);
  return known === undefined ? visible(why) : say(`preview.why.${known}`);
};
