import type { ReactNode } from "react";
import type { FindingDetail, FindingRow } from "@api/finding.ts";
import type { Tlp } from "#core/marking.ts";
import { languageNames, languages } from "@words/language.ts";
import { printList } from "@words/list.ts";
import { Link } from "@tanstack/react-router";
import { Sentence, slot } from "@web/parts/sentence.tsx";
import { Identifier } from "@web/parts/identifier.tsx";
import { Grade, gradeWords } from "@web/signs/grade.tsx";
import { Severity } from "@web/signs/severity.tsx";
import { State } from "@web/signs/state.tsx";
import { TlpTag } from "@web/signs/tlp.tsx";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { type Say, useReader } from "@web/words/reader.tsx";

interface HeadProps {
  readonly detail: FindingDetail;
  readonly level: "h1" | "h2";
  /** Marking of the page it stands on; the tag shows only what differs. */
  readonly pageTlp: Tlp;
}

/** State first: how bad, where it stands, what, whose, and whether anybody knows. */
export const FindingHead = ({ detail, level: Level, pageTlp }: HeadProps): ReactNode => {
  const { language, say } = useReader();
  const { finding } = detail;
  return (
    <header className="finding-head">
      <p className="finding-signs">
        <Severity level={finding.severity} /> <State finding={finding} />
        {finding.tlp === pageTlp ? null : <TlpTag tlp={finding.tlp} />}
        {Level === "h2" ? (
          <Link
            to="/findings/$id"
            params={{ id: finding.id }}
            className="ref identifier"
            title={say("finding.open-page")}
          >
            {visible(finding.ref)}
          </Link>
        ) : (
          <span className="ref identifier">{visible(finding.ref)}</span>
        )}
      </p>
      <Level>{visible(finding.title)}</Level>
      <p className="finding-of">
        <Sentence
          words={say("finding.of", { asset: slot.a, organisation: finding.organisation.name })}
          a={<Identifier text={finding.asset} />}
        />
        {language === "en" ? " " : ""}
        <Told detail={detail} />
      </p>
      <Flags finding={finding} />
    </header>
  );
};

const Told = ({ detail }: { readonly detail: FindingDetail }): ReactNode => {
  const { say } = useReader();
  if (detail.finding.shadow) return say("finding.shadow");
  // what many products have is told in one alert, which is another finding's
  if (!detail.alert) return say(detail.finding.state === "notified" ? "finding.told-together" : "finding.nobody-told");
  const { ref, version, at } = detail.alert;
  return <Sentence words={say("finding.told", { ref, version, time: slot.a })} a={<Moment at={at} />} />;
};

const Flags = ({ finding }: { readonly finding: FindingRow }): ReactNode => {
  const { say } = useReader();
  return (
    <>
      {finding.undeliverable ? <p className="flag">{say("finding.undeliverable")}</p> : null}
      {finding.muted === undefined ? null : (
        <p className="flag">{say(finding.muted === "silence" ? "finding.silenced" : "finding.muted")}</p>
      )}
      {finding.incident ? (
        <p className="quiet">
          <Link to="/incidents/$id" params={{ id: finding.incident.id }}>
            {say("finding.incident", { ref: finding.incident.ref })}
          </Link>
        </p>
      ) : null}
    </>
  );
};

/** Every source that says so, with its grade in words: this is where somebody decides. */
export const Sources = ({ sources }: { readonly sources: FindingDetail["sources"] }): ReactNode => {
  const { say } = useReader();
  return (
    <ul className="said">
      {sources.map((source) => (
        <li key={source.feed}>
          <Grade grade={source.grade} spoken />
          <div>
            <p>
              <b>{visible(source.title)}</b> {source.labels.map(visible).join(", ")}
            </p>
            <p className="quiet">
              {gradeWords(say, source.grade)} · <Moment at={source.firstSeen} /> – <Moment at={source.lastSeen} />
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
};

export const Audience = ({ detail }: { readonly detail: FindingDetail }): ReactNode => {
  const { language, say } = useReader();
  if (detail.audience.length === 0)
    return <p className="flag">{say("finding.no-audience", { organisation: detail.finding.organisation.name })}</p>;
  return (
    <dl className="facts">
      <dt>{say("finding.to")}</dt>
      <dd>
        {detail.audience.map((person, i) => (
          <p key={`${i}${person.name}`}>
            {visible(person.name)} <span className="quiet">{visible(person.role)}</span>
          </p>
        ))}
      </dd>
      <dt>{say("finding.how")}</dt>
      <dd>{printList(language, [...new Set(detail.audience.map((person) => visible(person.channel)))])}</dd>
      <dt>{say("finding.languages")}</dt>
      <dd>{[...new Set(detail.audience.flatMap((person) => person.languages))].map(languageWord).join(" · ")}</dd>
    </dl>
  );
};

/** "who" strings for the sentence before a release. */
export const audienceWords = (detail: FindingDetail): string =>
  detail.audience.map((person) => `${person.name} (${detail.finding.organisation.name})`).join(", ");

export const audienceTitle = (say: Say, detail: FindingDetail): string =>
  say(detail.alert ? "finding.audience" : "finding.if-you-send");

const languageWord = (tag: string): string => {
  const known = languages.find((each) => each === tag);
  return known ? languageNames[known].full : visible(tag);
};

export const Answers = ({ answers }: { readonly answers: FindingDetail["answers"] }): ReactNode => {
  const { say } = useReader();
  if (answers.length === 0) return <p className="quiet">{say("finding.no-answer")}</p>;
  return (
    <ol className="record">
      {answers.map((answer) => (
        <li key={`${answer.at}${answer.who}`}>
          <Moment at={answer.at} />
          <div>
            <p>
              <b>{visible(answer.who)}</b> {say(`answers.label.${answer.answer}`)}
            </p>
            {answer.note === undefined ? null : <p className="note">{visible(answer.note)}</p>}
          </div>
        </li>
      ))}
    </ol>
  );
};

export const History = ({ history }: { readonly history: FindingDetail["history"] }): ReactNode => (
  <ol className="record">
    {history.map((event, i) => (
      <li key={`${i}${event.at}`}>
        <Moment at={event.at} />
        <div>
          <p>
            <b>{visible(event.who)}</b> {visible(event.what)}
          </p>
          {event.note === undefined ? null : <p className="note">{visible(event.note)}</p>}
        </div>
      </li>
    ))}
  </ol>
);

export const Deliveries = ({ alert }: { readonly alert: NonNullable<FindingDetail["alert"]> }): ReactNode => {
  const { say } = useReader();
  return (
    <ol className="record">
      {alert.deliveries.map((delivery, i) => (
        <li key={`${i}${delivery.to}`}>
          {delivery.at === undefined ? <span className="moment">–</span> : <Moment at={delivery.at} />}
          <p>
            {visible(delivery.to)} · {visible(delivery.channel)} ·{" "}
            <span className={delivery.state === "failed" ? "flag" : "quiet"}>{say(`delivery.${delivery.state}`)}</span>
          </p>
        </li>
      ))}
    </ol>
  );
};

export const Steps = ({ steps }: { readonly steps: FindingDetail["steps"] }): ReactNode => (
  <ol className="steps">
    {steps.map((step, i) => (
      <li key={`${i}${step.what}`}>
        <span className="step-what">{visible(step.what)}</span>
        <span className="step-who">{visible(step.who)}</span>
        <span className="step-when">{visible(step.when)}</span>
      </li>
    ))}
  </ol>
);

export const Instances = ({ instances }: { readonly instances: FindingDetail["instances"] }): ReactNode => {
  const { say } = useReader();
  return (
    <div className="table-scroll" role="region" tabIndex={0} aria-label={say("finding.instances")}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{say("finding.instance")}</th>
            <th scope="col">{say("finding.first-seen")}</th>
            <th scope="col">{say("finding.last-seen")}</th>
            <th scope="col" className="figure">
              {say("finding.hits")}
            </th>
          </tr>
        </thead>
        <tbody>
          {instances.map((instance) => (
            <tr key={instance.key}>
              <th scope="row">
                <Identifier text={instance.key} />
              </th>
              <td>
                <Moment at={instance.firstSeen} />
              </td>
              <td>
                <Moment at={instance.lastSeen} />
              </td>
              <td className="figure">{instance.count}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};
