import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { ExclusionRow } from "@api/indicator-care.ts";
import { call } from "@web/api/call.ts";
import { exclusionsQuery } from "@web/api/care-queries.ts";
import { mayJudge, useMe } from "@web/frame/session.ts";
import { ReasonDialog } from "@web/parts/confirm-dialog.tsx";
import { Identifier } from "@web/parts/identifier.tsx";
import { ListPage } from "@web/parts/list-page.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { Who } from "@web/parts/who.tsx";
import { Moment } from "@web/time/moment.tsx";
import { printNumber } from "@words/number.ts";
import { visible } from "@web/words/put.ts";
import { type Say, useReader } from "@web/words/reader.tsx";
import { ExclusionCheckSection } from "./exclusion-check.tsx";
import { ExclusionForm } from "./exclusion-form.tsx";
import { IndicatorTabs } from "./indicator-tabs.tsx";

const types = ["string", "cidr", "hostname", "substring", "regex"] as const;

/** MISP's word for how entries match, in the reader's; another is shown as it is. */
const typeWord = (say: Say, type: string): string => {
  const known = types.find((one) => one === type);
  return known === undefined ? visible(type) : say(`exclusion.type.${known}`);
};

/** What is kept out of block-lists and of the match with telemetry, why, and what that sets aside. */
export const ExclusionsPage = (): ReactNode => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const me = useMe();
  const { data, error, refetch } = useQuery(exclusionsQuery(language));
  const [ending, setEnding] = useState<ExclusionRow>();
  const end = useMutation({
    mutationFn: ({ id, reason }: { readonly id: string; readonly reason: string }) =>
      call(language, `/exclusions/${encodeURIComponent(id)}/end`, { method: "POST", body: { reason } }),
    onSuccess: async () => {
      setEnding(undefined);
      await client.invalidateQueries({ queryKey: ["exclusions"] });
      await client.invalidateQueries({ queryKey: ["exclusion-check"] });
      await client.invalidateQueries({ queryKey: ["care-history"] });
    },
  });
  const rows = data?.exclusions ?? [];
  return (
    <ListPage
      title={say("exclusions.title")}
      tlp="amber"
      says={data === undefined ? "" : say("exclusions.says", { count: data.inForce })}
      tabs={<IndicatorTabs />}
      error={error}
      retry={() => void refetch()}
    >
      <ExclusionCheckSection />
      <section>
        <h2>{say("exclusions.here")}</h2>
        <p className="quiet">{say("exclusions.own")}</p>
        {data && rows.length === 0 ? <p className="empty">{say("exclusions.empty")}</p> : null}
        {rows.length === 0 ? null : (
          <Table
            label={say("exclusions.here")}
            of="exclusions"
            head={
              <Heads
                names={[
                  say("exclusion.name"),
                  say("exclusion.type"),
                  { figure: say("exclusion.entries") },
                  { figure: say("exclusion.findings") },
                  say("source.reason"),
                  say("verdicts.who"),
                  say("exclusion.until"),
                  { unseen: say("finding.acts") },
                ]}
              />
            }
          >
            {rows.map((one) => (
              <tr key={one.id}>
                <th scope="row">{one.value === undefined ? visible(one.name) : <Identifier text={one.value} />}</th>
                <td data-label={say("exclusion.type")}>
                  {one.value === undefined ? typeWord(say, one.type) : say("exclusion.one")}
                </td>
                <td className="figure" data-label={say("exclusion.entries")}>
                  {printNumber(language, one.entries)}
                </td>
                <td className="figure" data-label={say("exclusion.findings")}>
                  {printNumber(language, one.findings ?? 0)}
                </td>
                <td className="wrap" data-label={say("source.reason")}>
                  {visible(one.reason)}
                </td>
                <td data-label={say("verdicts.who")}>
                  <Who one={one} />
                </td>
                <td data-label={say("exclusion.until")}>
                  {one.until === undefined ? say("exclusion.no-end") : <Moment at={one.until} />}
                </td>
                <td className="row-acts">
                  {mayJudge(me) ? (
                    <button type="button" className="button" onClick={() => setEnding(one)}>
                      {say("exclusion.end")}
                      <span className="unseen"> {one.value ?? one.name}</span>
                    </button>
                  ) : null}
                </td>
              </tr>
            ))}
          </Table>
        )}
      </section>
      {data === undefined || data.refused.length === 0 ? null : (
        <section>
          <h2>{say("exclusions.refused")}</h2>
          <Table
            label={say("exclusions.refused")}
            head={<Heads names={[say("exclusion.list"), { figure: say("exclusion.entries") }, say("source.says")]} />}
          >
            {data.refused.map((one) => (
              <tr key={one.list}>
                <th scope="row">
                  <Identifier text={one.list} />
                </th>
                <td className="figure" data-label={say("exclusion.entries")}>
                  {printNumber(language, one.count)}
                </td>
                <td className="wrap" data-label={say("source.says")}>
                  <span>
                    {visible(one.says)} <span className="quiet identifier">{one.code}</span>
                  </span>
                </td>
              </tr>
            ))}
          </Table>
        </section>
      )}
      {mayJudge(me) ? <ExclusionForm /> : null}
      {ending === undefined ? null : (
        <ReasonDialog
          does={say("exclusion.end")}
          subject={ending.value ?? ending.name}
          says={say("exclusion.end-says")}
          pending={end.isPending}
          error={end.error}
          onClose={() => setEnding(undefined)}
          onReason={(reason) => end.mutate({ id: ending.id, reason })}
        />
      )}
    </ListPage>
  );
};
