import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { findingQuery } from "@web/api/queries.ts";
import { Frame } from "@web/frame/frame.tsx";
import { useSingleKeys } from "@web/frame/shortcuts.ts";
import { Failed } from "@web/parts/failed.tsx";
import { Names } from "@web/parts/names.tsx";
import { Certainty } from "@web/signs/certainty.tsx";
import { Due } from "@web/time/due.tsx";
import { Moment } from "@web/time/moment.tsx";
import { useReader } from "@web/words/reader.tsx";
import { ActButtons } from "./act-buttons.tsx";
import { actOfKey } from "./acts.ts";
import { BecauseChain } from "./because.tsx";
import { Evidence } from "./evidence.tsx";
import {
  Answers,
  Audience,
  audienceTitle,
  audienceWords,
  Deliveries,
  FindingHead,
  History,
  Instances,
  Sources,
  Steps,
} from "./parts.tsx";
import { typing } from "./typing.ts";
import { Risk } from "@web/incidents/risk.tsx";
import { visible } from "@web/words/put.ts";
import { useActs } from "./use-acts.tsx";
import { useSteps } from "./use-steps.tsx";

/** Everything about one finding, on a page of its own. */
export const FindingPage = (): ReactNode => {
  const { id } = useParams({ from: "/findings/$id" });
  const { language, say } = useReader();
  const { data, error, refetch } = useQuery(findingQuery(language, id));
  const { begin, dialog, outcome, failed } = useActs();
  const keys = useSingleKeys();
  const steps = useSteps(id);

  useEffect(() => {
    if (!keys || !data) return;
    const onKey = (event: KeyboardEvent): void => {
      if (typing(event)) return;
      const act = actOfKey(event.key);
      if (act === undefined || !data.acts.includes(act)) return;
      event.preventDefault();
      begin(act, [data.finding], audienceWords(data));
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [keys, data, begin]);

  const tlp = data?.finding.tlp ?? "amber";
  return (
    <Frame title={data?.finding.title ?? say("finding.detail", { ref: "" })} tlp={tlp}>
      <div className="sheet">
        <p className="back">
          <Link to="/queue" search={{ view: "open" }}>
            {say("finding.back")}
          </Link>
        </p>
        {error ? <Failed error={error} says={data ? "" : say("failed.title")} retry={() => void refetch()} /> : null}
        {data ? (
          <>
            <div className="sheet-main">
              <FindingHead detail={data} level="h1" pageTlp={tlp} />
              <section>
                <h2>{say("finding.because")}</h2>
                <BecauseChain steps={data.because} takeBack={data.mayTakeBack ? steps.takeBack : undefined} />
              </section>
              <section>
                <h2>{say("finding.evidence")}</h2>
                <Evidence evidence={data.evidence} total={data.evidenceTotal} />
              </section>
              <section>
                <h2>{say("finding.sources")}</h2>
                <Certainty word={data.finding.certainty} />
                <Sources sources={data.sources} />
              </section>
              <Names names={data.names} />
              {data.instances.length > 0 ? (
                <section>
                  <h2>{say("finding.instances")}</h2>
                  <Instances instances={data.instances} />
                </section>
              ) : null}
              {data.steps.length > 0 ? (
                <section>
                  <h2>{say("finding.steps")}</h2>
                  <Steps steps={data.steps} />
                </section>
              ) : null}
            </div>
            <aside className="sheet-side" aria-label={say("finding.acts")}>
              <section>
                <dl className="facts">
                  <dt>{say("risk.title")}</dt>
                  <dd>
                    <Risk risk={data.finding.risk} />
                  </dd>
                  {data.mutedBy === undefined ? null : (
                    <>
                      <dt>{say("finding.muted-by")}</dt>
                      <dd>
                        <Link to="/findings/$id" params={{ id: data.mutedBy.id }}>
                          {visible(data.mutedBy.title)}
                        </Link>
                      </dd>
                    </>
                  )}
                  {data.mutes === 0 ? null : (
                    <>
                      <dt>{say("view.muted")}</dt>
                      <dd>{say("act.many", { count: data.mutes })}</dd>
                    </>
                  )}
                  <dt>{say("column.due")}</dt>
                  <dd>
                    <Due finding={data.finding} />
                  </dd>
                  <dt>{say("finding.first-seen")}</dt>
                  <dd>
                    <Moment at={data.finding.firstSeen} />
                  </dd>
                  <dt>{say("finding.last-seen")}</dt>
                  <dd>
                    <Moment at={data.finding.lastSeen} />
                  </dd>
                  <dt>{say("finding.hits")}</dt>
                  <dd>{say("queue.count", { count: data.finding.count })}</dd>
                </dl>
                <ActButtons detail={data} begin={(act) => begin(act, [data.finding], audienceWords(data))} />
                <p className={failed ? "outcome flag" : "outcome"} role="status">
                  {outcome}
                </p>
                {data.mayTakeBack ? (
                  <p className="more-acts">
                    <Link
                      to="/silences"
                      search={{
                        ...{ organisation: data.finding.organisation.id, asset: data.finding.asset },
                        problem: data.finding.problem.type,
                      }}
                    >
                      {say("finding.silence")}
                    </Link>
                  </p>
                ) : null}
              </section>
              <section>
                <h2>{audienceTitle(say, data)}</h2>
                <Audience detail={data} />
              </section>
              {data.alert ? (
                <section>
                  <h2>{say("finding.deliveries")}</h2>
                  <p className="quiet">{say("finding.alert", { ref: data.alert.ref, version: data.alert.version })}</p>
                  <Deliveries alert={data.alert} />
                </section>
              ) : null}
              <section>
                <h2>{say("finding.answers")}</h2>
                <Answers answers={data.answers} />
              </section>
              <section>
                <h2>{say("finding.history")}</h2>
                <History history={data.history} />
              </section>
            </aside>
          </>
        ) : null}
      </div>
      {dialog}
      {steps.dialog}
    </Frame>
  );
};
