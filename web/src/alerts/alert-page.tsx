import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useId, useState } from "react";
import type { FindingAnswerBody, FindingDetail } from "@api/finding.ts";
import { parseGrade, betterGrade, printGrade } from "#core/grade.ts";
import { call } from "@web/api/call.ts";
import { findingQuery } from "@web/api/queries.ts";
import { actedNow } from "@web/api/stream.ts";
import { Evidence } from "@web/finding/evidence.tsx";
import { Deliveries, Steps } from "@web/finding/parts.tsx";
import { Frame } from "@web/frame/frame.tsx";
import { useZone } from "@web/frame/session.ts";
import { Failed, problemWords } from "@web/parts/failed.tsx";
import { Sentence, slot } from "@web/parts/sentence.tsx";
import { Certainty } from "@web/signs/certainty.tsx";
import { Grade, gradeWords } from "@web/signs/grade.tsx";
import { Severity } from "@web/signs/severity.tsx";
import { State } from "@web/signs/state.tsx";
import { Due } from "@web/time/due.tsx";
import { Moment } from "@web/time/moment.tsx";
import { printMoment, printUtc } from "@web/time/print.ts";
import { useNow } from "@web/time/clock.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

/** The alert as its recipient reads it: the same five blocks, in the same order, as in mail. */
export const AlertPage = (): ReactNode => {
  const { id } = useParams({ from: "/alerts/$id" });
  const { language, say } = useReader();
  const { data, error, refetch } = useQuery(findingQuery(language, id));
  return (
    <Frame
      title={data?.finding.title ?? say("alerts.title")}
      tlp={data?.finding.tlp ?? "amber+strict"}
      recipient={data?.finding.organisation.name ?? ""}
    >
      <div className="sheet">
        <p className="back">
          <Link to="/alerts">{say("alert.back")}</Link>
        </p>
        {error ? <Failed error={error} says={data ? "" : say("failed.title")} retry={() => void refetch()} /> : null}
        {data ? (
          <>
            <Blocks detail={data} />
            <Side detail={data} />
          </>
        ) : null}
      </div>
    </Frame>
  );
};

const Blocks = ({ detail }: { readonly detail: FindingDetail }): ReactNode => {
  const { say } = useReader();
  const { finding, alert } = detail;
  const happened = detail.because.filter((step) => step.step !== "yours");
  const yours = detail.because.filter((step) => step.step === "yours");
  return (
    <article className="sheet-main alert">
      <header className="finding-head">
        <p className="finding-signs">
          <Severity level={finding.severity} /> <State finding={finding} />
          <span className="quiet">
            {alert
              ? `${say("alert.ref", { ref: alert.ref })} · ${say("alert.version", { version: alert.version })} · `
              : null}
            {alert ? <Moment at={alert.at} /> : visible(finding.ref)}
          </span>
        </p>
        <h1>{visible(finding.title)}</h1>
      </header>
      <ol className="blocks">
        <li>
          <h2>{say("alert.happened")}</h2>
          <div className="prose">
            {happened.map((step, i) => (
              <p key={`${i}${step.step}`}>
                {visible(step.text)} <span className="quiet">{visible(step.source)}</span>
              </p>
            ))}
          </div>
        </li>
        <li>
          <h2>{say("alert.us")}</h2>
          <div className="prose">
            {yours.length > 0 ? (
              yours.map((step) => (
                <p key={step.text}>
                  {visible(step.text)} <span className="quiet">{visible(step.source)}</span>
                </p>
              ))
            ) : (
              <p>{say("alert.us-yes", { asset: finding.asset, organisation: finding.organisation.name })}</p>
            )}
            <EvidenceFold detail={detail} />
          </div>
        </li>
        <li>
          <h2>{say("alert.sure")}</h2>
          <div className="prose">
            <Certainty word={finding.certainty} />
            <Sure detail={detail} />
          </div>
        </li>
        <li>
          <h2>{say("alert.do")}</h2>
          <div className="prose">
            {detail.steps.length > 0 ? <Steps steps={detail.steps} /> : <p>{say("alert.no-steps")}</p>}
          </div>
        </li>
        <li>
          <h2>{say("alert.answer")}</h2>
          <div className="prose">
            <Answer detail={detail} />
          </div>
        </li>
      </ol>
    </article>
  );
};

const EvidenceFold = ({ detail }: { readonly detail: FindingDetail }): ReactNode => {
  const { say } = useReader();
  const [open, setOpen] = useState(false);
  const count = Math.max(detail.evidenceTotal, detail.evidence.length);
  if (count === 0) return null;
  return (
    <>
      <p>
        <button type="button" className="plain" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? say("alert.evidence-hide") : say("alert.evidence", { count })}
        </button>
      </p>
      {open ? <Evidence evidence={detail.evidence} total={detail.evidenceTotal} /> : null}
    </>
  );
};

const Sure = ({ detail }: { readonly detail: FindingDetail }): ReactNode => {
  const { say } = useReader();
  const grades = detail.sources.flatMap((source) => {
    const grade = parseGrade(source.grade);
    return grade.ok ? [grade.value] : [];
  });
  const best = grades.reduce((a, b) => betterGrade(a, b), grades[0] ?? { source: "F", statement: 6 });
  const words = gradeWords(say, printGrade(best));
  return (
    <p>
      <b>{say("alert.sure-word", { word: say(`glossary.certainty.${detail.finding.certainty}`) })}</b>{" "}
      <Sentence
        words={
          grades.length > 1
            ? say("alert.sure-says", { count: grades.length, grade: slot.a })
            : say("alert.sure-one", { grade: slot.a })
        }
        a={
          <>
            <Grade grade={printGrade(best)} spoken /> {words}
          </>
        }
      />
    </p>
  );
};

type Word = FindingAnswerBody["answer"];
const answerOrder: readonly Word[] = ["acknowledged", "need-help", "not-ours", "false", "fixed"];

/** The five answers; a later one replaces an earlier one, so all stay pressable. */
const Answer = ({ detail }: { readonly detail: FindingDetail }): ReactNode => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const [outcome, setOutcome] = useState({ says: "", failed: false });
  const [waiting, setWaiting] = useState(false);
  const id = useId();
  const last = detail.answers.toSorted((a, b) => (a.at < b.at ? 1 : -1))[0];
  const answer = async (word: Word): Promise<void> => {
    if (waiting) return;
    setWaiting(true);
    try {
      actedNow();
      const next = await call<FindingDetail>(language, `/findings/${encodeURIComponent(detail.finding.id)}/answers`, {
        method: "POST",
        body: { answer: word, ...(note.trim() === "" ? {} : { note: note.trim() }) } satisfies FindingAnswerBody,
      });
      client.setQueryData(findingQuery(language, detail.finding.id).queryKey, next);
      setNote("");
      setOutcome({ says: say("alert.answer-thanks"), failed: false });
      await client.invalidateQueries({ queryKey: ["findings"] });
    } catch (error) {
      setOutcome({ says: say("failed.act", { detail: problemWords(say, error) }), failed: true });
    } finally {
      setWaiting(false);
    }
  };
  return (
    <>
      {last ? (
        <p className="answered">
          <Sentence
            words={say("alert.answered", { time: slot.a, who: slot.b, answer: say(`answers.label.${last.answer}`) })}
            a={<Moment at={last.at} />}
            b={<b>{visible(last.who)}</b>}
          />
        </p>
      ) : null}
      {detail.mayAnswer ? (
        <>
          <div className="answers">
            {answerOrder.map((word) => (
              <button
                key={word}
                type="button"
                className={word === (last?.answer ?? "acknowledged") ? "button large filled" : "button large"}
                aria-pressed={word === last?.answer}
                aria-disabled={waiting}
                title={say(`answers.means.${word}`)}
                onClick={() => void answer(word)}
              >
                {say(`answers.label.${word}`)}
              </button>
            ))}
          </div>
          <div className="field">
            <label htmlFor={id}>{say("alert.note")}</label>
            <textarea
              id={id}
              rows={2}
              maxLength={2000}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
          </div>
        </>
      ) : (
        <p>{say("alert.cannot-answer", { organisation: detail.finding.organisation.name })}</p>
      )}
      <p className={outcome.failed ? "outcome flag" : "outcome"} role="status">
        {outcome.says}
      </p>
    </>
  );
};

const Side = ({ detail }: { readonly detail: FindingDetail }): ReactNode => {
  const { language, say } = useReader();
  const zone = useZone();
  const now = useNow();
  const due = detail.alert?.due ?? detail.finding.due;
  return (
    <aside className="sheet-side" aria-label={say("alert.due")}>
      <section>
        {due === undefined ? (
          <p>{say("alert.no-due")}</p>
        ) : (
          <>
            <h2 className="label">{say("alert.due")}</h2>
            <p className="big">
              <time dateTime={due}>{printMoment(language, Date.parse(due), zone, now)}</time>
            </p>
            <p className="quiet">
              {printUtc(Date.parse(due))} · <Due finding={{ ...detail.finding, due }} />
            </p>
          </>
        )}
      </section>
      {detail.alert ? (
        <section>
          <h2>{say("alert.record")}</h2>
          <Deliveries alert={detail.alert} />
        </section>
      ) : null}
      {detail.history.length > 0 ? (
        <section>
          <h2>{say("finding.history")}</h2>
          <ol className="record">
            {detail.history.map((event, i) => (
              <li key={`${i}${event.at}`}>
                <Moment at={event.at} />
                <p>
                  <b>{visible(event.who)}</b> {visible(event.what)}
                </p>
              </li>
            ))}
          </ol>
        </section>
      ) : null}
    </aside>
  );
};
