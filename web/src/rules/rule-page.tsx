import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { RuleAct, RuleDetail } from "@api/rule.ts";
import { stricterTlp } from "#core/marking.ts";
import { printNumber } from "@words/number.ts";
import { ruleQuery } from "@web/api/rule-queries.ts";
import { ReasonDialog } from "@web/parts/confirm-dialog.tsx";
import { ThingPage } from "@web/parts/thing-page.tsx";
import { useThingAct } from "@web/parts/use-thing-act.ts";
import { Severity } from "@web/signs/severity.tsx";
import { TlpTag } from "@web/signs/tlp.tsx";
import { ScorecardSection } from "@web/sources/scorecard-section.tsx";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { ProblemTable } from "./problem-table.tsx";
import { levelOf } from "./rules-page.tsx";

type Act = RuleAct["act"];

/** One rule: what it says, how it stands and did, its text, and what a person may decide of it. */
export const RulePage = (): ReactNode => {
  const { id } = useParams({ from: "/rules/$id" });
  const { language, say } = useReader();
  const { data, error, refetch } = useQuery(ruleQuery(language, id));
  const [asked, setAsked] = useState<Act>();
  const rule = data?.rule;
  const { outcome, run: act } = useThingAct(`/rules/${encodeURIComponent(id)}/acts`, ruleQuery(language, id).queryKey, [
    "rules",
    "sources",
  ]);
  const run = (body: RuleAct): Promise<void> => {
    setAsked(undefined);
    return act(body);
  };
  return (
    <ThingPage
      title={rule?.title ?? say("rules.title")}
      tlp={stricterTlp(rule?.tlp ?? "amber", "green")}
      of="rule"
      back={
        <Link to="/rules" search={{}}>
          {say("rule.back")}
        </Link>
      }
      error={error}
      retry={() => void refetch()}
    >
      {data && rule ? (
        <>
          <header className="finding-head">
            <p className="finding-signs">
              {rule.kind === "filter" ? null : <Severity level={levelOf(rule.level)} />}
              <span>{say(`rule.standing.${rule.standing}`)}</span>
              <span className="quiet">{say(`rule.voice.${rule.voice}`)}</span>
              <span className="ref identifier">{visible(rule.rule)}</span>
            </p>
            <h1>{visible(rule.title)}</h1>
            {data.description === undefined ? null : <p>{visible(data.description)}</p>}
            {rule.decided === undefined ? null : (
              <p className="reason">
                {say(rule.decided.runs ? "rule.decided-on" : "rule.decided-off", { who: visible(rule.decided.who) })}{" "}
                <Moment at={rule.decided.at} /> · {visible(rule.decided.on)} · {visible(rule.decided.reason)}
              </p>
            )}
          </header>
          <Facts data={data} />
          {data.acts.length > 0 ? (
            <div className="act-buttons row" role="group" aria-label={say("finding.acts")}>
              {data.acts.map((act) => (
                <button
                  key={act}
                  type="button"
                  className={
                    act === "disable" ? "button destructive" : act === data.acts[0] ? "button filled" : "button"
                  }
                  onClick={() => setAsked(act)}
                >
                  {say(`rule-act.${act}`)}
                </button>
              ))}
            </div>
          ) : null}
          <p className={outcome.failed ? "outcome flag" : "outcome"} role="status">
            {outcome.says}
          </p>
          {data.problems.length === 0 ? null : (
            <section>
              <h2>{say("rules.problems")}</h2>
              <ProblemTable problems={data.problems} />
            </section>
          )}
          <Days data={data} />
          {data.scorecard === undefined ? null : <ScorecardSection card={data.scorecard} />}
          <Text title={say("rule.text")} file={`${rule.folder}/${rule.file}`} text={data.text} />
          {data.tests === undefined ? null : (
            <Text
              title={say(`rule.tests.${rule.tested}`, { count: printNumber(language, data.tests.events) })}
              file={`${rule.folder}/${data.tests.file}`}
              text={data.tests.text}
            />
          )}
        </>
      ) : null}
      {asked === undefined || rule === undefined ? null : (
        <ReasonDialog
          does={say(`rule-act.${asked}`)}
          subject={rule.title}
          says={say(`rule-act-says.${asked}`)}
          destructive={asked === "disable"}
          onClose={() => setAsked(undefined)}
          onReason={(reason) => void run({ act: asked, reason })}
        />
      )}
    </ThingPage>
  );
};

const Facts = ({ data }: { readonly data: RuleDetail }): ReactNode => {
  const { say } = useReader();
  const { rule } = data;
  const facts: readonly (readonly [name: string, value: ReactNode])[] = [
    [say("rules.folder"), visible(`${rule.folder}/${rule.file}:${rule.line}`)],
    [say("rule.tlp"), <TlpTag key="tlp" tlp={rule.tlp} />],
    ...(data.logsource === undefined ? [] : [[say("rule.logsource"), visible(data.logsource)] as const]),
    ...(rule.status === undefined ? [] : [[say("rule.status"), visible(rule.status)] as const]),
    ...(rule.tactics.length === 0 ? [] : [[say("rule.tactic"), visible(rule.tactics.join(", "))] as const]),
    ...(rule.techniques.length === 0 ? [] : [[say("rule.attack"), visible(rule.techniques.join(", "))] as const]),
    ...(data.author === undefined ? [] : [[say("rule.author"), visible(data.author)] as const]),
    ...(data.date === undefined ? [] : [[say("rule.date"), visible(data.date)] as const]),
    ...(data.licence === undefined ? [] : [[say("source.licence"), visible(data.licence)] as const]),
    ...(data.falsePositives.length === 0
      ? []
      : [[say("rule.false-positives"), visible(data.falsePositives.join("; "))] as const]),
    ...(data.references.length === 0 ? [] : [[say("rule.references"), visible(data.references.join(" "))] as const]),
  ];
  return (
    <dl className="band">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
};

/** Hits by day as soundings: the deeper, the more. */
const Days = ({ data }: { readonly data: RuleDetail }): ReactNode => {
  const { language, say } = useReader();
  const total = data.days.reduce((sum, { hits }) => sum + hits, 0);
  return (
    <section>
      <h2>{say("rule.days", { count: printNumber(language, total) })}</h2>
      {data.days.length === 0 ? (
        <p className="quiet">{say("rule.no-hits")}</p>
      ) : (
        <ol className="rule-days">
          {data.days.map(({ day, hits }) => (
            <li key={day} data-depth={Math.min(5, 1 + Math.floor(Math.log10(hits)))}>
              <span>{day.slice(5)}</span> <b>{printNumber(language, hits)}</b>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
};

const Text = ({
  title,
  file,
  text,
}: {
  readonly title: string;
  readonly file: string;
  readonly text: string;
}): ReactNode => (
  <section>
    <h2>{title}</h2>
    <figure className="evidence">
      <figcaption>
        <span className="evidence-file">{visible(file)}</span>
      </figcaption>
      <pre tabIndex={0}>{text}</pre>
    </figure>
  </section>
);
