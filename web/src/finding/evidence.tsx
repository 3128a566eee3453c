import { Fragment, type ReactNode, useState } from "react";
import type { FindingDetail } from "@api/finding.ts";
import { Sentence, slot } from "@web/parts/sentence.tsx";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

interface Props {
  readonly evidence: FindingDetail["evidence"];
  readonly total: number;
}

/** The bytes, unedited, on buff: file and line above, the matched value underlined; of a hit over time its newest lines. */
export const Evidence = ({ evidence, total }: Props): ReactNode => {
  const { say } = useReader();
  const [place, setPlace] = useState(0);
  const shown = evidence[Math.min(place, evidence.length - 1)];
  if (!shown) return <p className="quiet">{say("finding.no-evidence")}</p>;
  const at = Math.min(place, evidence.length - 1);
  // line 0 is the list as a whole
  const source =
    shown.line > 0 ? `${visible(shown.file)} ${say("finding.line", { line: shown.line })}` : visible(shown.file);
  return (
    <figure className="evidence">
      <figcaption>
        <span className="evidence-file">{source}</span>
        <span className="evidence-place">
          {evidence.length > 1 ? (
            <button
              type="button"
              aria-label={say("finding.previous")}
              aria-disabled={at === 0}
              onClick={() => setPlace(Math.max(0, at - 1))}
            >
              ‹
            </button>
          ) : null}
          <span aria-live="polite">
            {say("finding.place", { place: at + 1, total: Math.max(total, evidence.length) })}
          </span>
          {evidence.length > 1 ? (
            <button
              type="button"
              aria-label={say("finding.next")}
              aria-disabled={at === evidence.length - 1}
              onClick={() => setPlace(Math.min(evidence.length - 1, at + 1))}
            >
              ›
            </button>
          ) : null}
        </span>
      </figcaption>
      <pre translate="no" tabIndex={0} aria-label={source} role="region">
        <Bytes text={shown.text} match={shown.match} />
      </pre>
      <p className="evidence-where">
        <Sentence
          words={say("evidence.where", {
            time: slot.a,
            where: say(`glossary.where.${shown.where}`),
            direction: say(`glossary.direction.${shown.direction}`),
          })}
          a={<Moment at={shown.time} utc />}
        />
      </p>
    </figure>
  );
};

const Bytes = ({ text, match }: { readonly text: string; readonly match: string }): ReactNode =>
  (match === "" ? [text] : text.split(match)).map((part, i) => (
    <Fragment key={`${i}`}>
      {i === 0 ? null : <mark>{visible(match)}</mark>}
      {part
        .split("\n")
        .map(visible)
        .join("\n")
        .split(/(?<=[,;])/)
        .map((piece, j) => (
          <Fragment key={`${j}`}>
            {j === 0 ? null : <wbr />}
            {piece}
          </Fragment>
        ))}
    </Fragment>
  ));
