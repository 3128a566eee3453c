import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Tlp } from "#core/marking.ts";
import { findingQuery } from "@web/api/queries.ts";
import { Failed } from "@web/parts/failed.tsx";
import { useReader } from "@web/words/reader.tsx";
import { ActButtons } from "./act-buttons.tsx";
import type { Act } from "./acts.ts";
import { BecauseChain } from "./because.tsx";
import { Evidence } from "./evidence.tsx";
import { Answers, Audience, audienceTitle, FindingHead, Sources } from "./parts.tsx";

interface Props {
  readonly id: string;
  readonly pageTlp: Tlp;
  readonly begin: (act: Act) => void;
}

/** The current row, explained: why it is here, on what evidence, and what would happen next. */
export const FindingPane = ({ id, pageTlp, begin }: Props): ReactNode => {
  const { language, say } = useReader();
  const { data, error, refetch } = useQuery(findingQuery(language, id));
  if (error && !data)
    return (
      <aside className="pane" aria-label={say("queue.none-current")}>
        <Failed error={error} says={say("failed.title")} retry={() => void refetch()} />
      </aside>
    );
  if (!data) return <aside className="pane" aria-busy="true" aria-label={say("queue.reading")} />;
  return (
    <aside className="pane" aria-label={say("finding.detail", { ref: data.finding.ref })}>
      <div className="pane-scroll">
        <FindingHead detail={data} level="h2" pageTlp={pageTlp} />
        <section>
          <h3>{say("finding.because")}</h3>
          <BecauseChain steps={data.because} />
        </section>
        <section>
          <h3>{say("finding.evidence")}</h3>
          <Evidence key={id} evidence={data.evidence} total={data.evidenceTotal} />
        </section>
        <section>
          <h3>{audienceTitle(say, data)}</h3>
          <Audience detail={data} />
        </section>
        {data.answers.length > 0 ? (
          <section>
            <h3>{say("finding.answers")}</h3>
            <Answers answers={data.answers} />
          </section>
        ) : null}
        <section>
          <h3>{say("finding.sources")}</h3>
          <Sources sources={data.sources} />
        </section>
      </div>
      <div className="pane-acts">
        <ActButtons detail={data} begin={begin} />
      </div>
    </aside>
  );
};
