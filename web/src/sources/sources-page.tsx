import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import type { SourceRow } from "@api/source.ts";
import { stricterTlp, type Tlp } from "#core/marking.ts";
import { sourcesQuery } from "@web/api/queries.ts";
import { useStream } from "@web/api/stream.ts";
import { ListPage } from "@web/parts/list-page.tsx";
import { Grade } from "@web/signs/grade.tsx";
import { SourceState } from "@web/signs/source-state.tsx";
import { useNow } from "@web/time/clock.ts";
import { Moment } from "@web/time/moment.tsx";
import { printSpan } from "@web/time/print.ts";
import { printNumber } from "@words/number.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

/** What waits for a person stands first; the order is the order of the table. */
const urgency = {
  held: 0,
  quarantined: 1,
  silent: 2,
  failing: 3,
  late: 4,
  never: 5,
  healthy: 6,
} as const satisfies Record<SourceRow["state"], number>;

/** How every source does: a silent feed protects nobody, so silence is as visible as noise. */
export const SourcesPage = (): ReactNode => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const now = useNow();
  const { data, error, refetch } = useQuery(sourcesQuery(language));
  useStream(useMemo(() => ({ sources: () => void client.invalidateQueries({ queryKey: ["sources"] }) }), [client]));
  const sources = (data?.sources ?? []).toSorted((a, b) => urgency[a.state] - urgency[b.state]);
  const healthy = sources.filter((source) => source.state === "healthy").length;
  const tlp = sources.reduce<Tlp>((strictest, source) => stricterTlp(strictest, source.tlp), "green");
  return (
    <ListPage
      title={say("sources.title")}
      tlp={tlp}
      says={data ? say("sources.says", { healthy, total: sources.length }) : ""}
      error={error}
      retry={() => void refetch()}
      empty={data !== undefined && sources.length === 0 && say("sources.empty")}
    >
      {sources.length > 0 ? (
        <div className="table-scroll" role="region" tabIndex={0} aria-label={say("sources.list")}>
          <table className="table stack sources">
            <thead>
              <tr>
                <th scope="col">{say("source.state")}</th>
                <th scope="col">{say("source.title")}</th>
                <th scope="col">{say("source.voice")}</th>
                <th scope="col">{say("column.grade")}</th>
                <th scope="col" className="figure">
                  {say("source.alive")}
                </th>
                <th scope="col" className="figure">
                  {say("source.rows")}
                </th>
                <th scope="col" className="figure">
                  {say("source.rejected")}
                </th>
                <th scope="col">{say("source.last")}</th>
                <th scope="col">{say("source.next")}</th>
              </tr>
            </thead>
            <tbody>
              {sources.map((source) => (
                <tr key={source.id}>
                  <td data-label={say("source.state")}>
                    <SourceState level={source.state} />
                  </td>
                  <th scope="row">
                    <Link to="/sources/$id" params={{ id: source.id }}>
                      {visible(source.title)}
                    </Link>
                    {source.shadow ? <span className="quiet"> {say("source.shadow")}</span> : null}
                    {source.reason === undefined ? null : <p className="reason">{visible(source.reason)}</p>}
                  </th>
                  <td data-label={say("source.voice")}>{say(`glossary.voice.${source.voice}`)}</td>
                  <td data-label={say("column.grade")}>
                    <Grade grade={source.grade} />
                  </td>
                  <td className="figure" data-label={say("source.alive")}>
                    <Alive source={source} />
                  </td>
                  <td className="figure" data-label={say("source.rows")}>
                    {source.last ? printNumber(language, source.last.rows) : "–"}
                  </td>
                  <td className="figure" data-label={say("source.rejected")}>
                    {source.last ? printNumber(language, source.last.rejected) : "–"}
                  </td>
                  <td data-label={say("source.last")}>
                    {source.lastTurn === undefined ? "–" : <Moment at={source.lastTurn} />}
                  </td>
                  <td data-label={say("source.next")}>
                    {source.nextTurn === undefined ? (
                      "–"
                    ) : Date.parse(source.nextTurn) > now ? (
                      printSpan(say, Date.parse(source.nextTurn) - now)
                    ) : (
                      <Moment at={source.nextTurn} />
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </ListPage>
  );
};

/** What of a source is in force: indicators as a figure, the others with their word, since few sources have them. */
const Alive = ({ source }: { readonly source: SourceRow }): ReactNode => {
  const { language, say } = useReader();
  const others = (["reports", "advisories", "names"] as const).filter((kind) => (source[kind] ?? 0) > 0);
  return (
    <>
      {source.indicators > 0 || others.length === 0 ? <span>{printNumber(language, source.indicators)}</span> : null}
      {others.map((kind) => (
        <span key={kind} className="alive-other">
          {say(`source.count.${kind}`, { count: printNumber(language, source[kind] ?? 0) })}
        </span>
      ))}
    </>
  );
};
