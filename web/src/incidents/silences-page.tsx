import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { SilenceList, SilenceRow } from "@api/silence.ts";
import { call } from "@web/api/call.ts";
import { silencesQuery } from "@web/api/incident-queries.ts";
import { ReasonDialog } from "@web/parts/confirm-dialog.tsx";
import { ListPage } from "@web/parts/list-page.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { Who } from "@web/parts/who.tsx";
import { Moment } from "@web/time/moment.tsx";
import { printNumber } from "@words/number.ts";
import { visible } from "@web/words/put.ts";
import { type Say, useReader } from "@web/words/reader.tsx";
import { IncidentTabs } from "./incident-tabs.tsx";
import { SilenceForm } from "./silence-form.tsx";

/** What is silenced, why and until when, what that holds back, and the form that silences more. */
export const SilencesPage = (): ReactNode => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(silencesQuery(language));
  const [ending, setEnding] = useState<SilenceRow>();
  const end = useMutation({
    mutationFn: ({ id, reason }: { readonly id: string; readonly reason: string }) =>
      call<SilenceList>(language, `/silences/${encodeURIComponent(id)}/end`, { method: "POST", body: { reason } }),
    onSuccess: async (list) => {
      setEnding(undefined);
      client.setQueryData(silencesQuery(language).queryKey, list);
      await client.invalidateQueries({ queryKey: ["findings"] });
      await client.invalidateQueries({ queryKey: ["incidents"] });
    },
  });
  const rows = data?.silences ?? [];
  return (
    <ListPage
      title={say("silences.title")}
      tlp="amber"
      says={say("silences.says")}
      tabs={<IncidentTabs />}
      error={error}
      retry={() => void refetch()}
    >
      {data && rows.length === 0 ? <p className="empty">{say("silences.empty")}</p> : null}
      {rows.length === 0 ? null : (
        <Table
          label={say("silences.title")}
          of="silences"
          head={
            <Heads
              names={[
                say("silences.what"),
                { figure: say("silences.holds") },
                { figure: say("silences.held") },
                { figure: say("silences.hits") },
                say("source.reason"),
                say("verdicts.who"),
                say("silences.until"),
                { unseen: say("finding.acts") },
              ]}
            />
          }
        >
          {rows.map((one) => (
            <tr key={one.id} data-over={one.ended !== undefined}>
              <th scope="row" className="wrap">
                {matcherWords(say, one)}
              </th>
              {(
                [
                  ["silences.holds", one.holds],
                  ["silences.held", one.findings],
                  ["silences.hits", one.hits],
                ] as const
              ).map(([key, count]) => (
                <td key={key} className="figure" data-label={say(key)}>
                  {printNumber(language, count)}
                </td>
              ))}
              <td className="wrap" data-label={say("source.reason")}>
                {visible(one.reason)}
              </td>
              <td data-label={say("verdicts.who")}>
                <Who one={one} />
              </td>
              <td data-label={say("silences.until")}>
                {one.ended === undefined ? (
                  <Moment at={one.until} />
                ) : (
                  <span className="quiet">
                    {say("silences.ended")} <Moment at={one.ended} />
                  </span>
                )}
              </td>
              <td className="row-acts">
                {one.ended === undefined ? (
                  <button type="button" className="button" onClick={() => setEnding(one)}>
                    {say("silences.end")}
                    <span className="unseen"> {matcherWords(say, one)}</span>
                  </button>
                ) : null}
              </td>
            </tr>
          ))}
        </Table>
      )}
      <SilenceForm />
      {ending === undefined ? null : (
        <ReasonDialog
          does={say("silences.end")}
          subject={matcherWords(say, ending)}
          says={say("silences.end-says")}
          pending={end.isPending}
          error={end.error}
          onClose={() => setEnding(undefined)}
          onReason={(reason) => end.mutate({ id: ending.id, reason })}
        />
      )}
    </ListPage>
  );
};

/** All that must hold, in a line. */
const matcherWords = (say: Say, one: SilenceRow): string =>
  [
    one.organisation === undefined ? "" : visible(one.organisationName ?? one.organisation),
    one.asset === undefined ? "" : visible(one.asset),
    one.problem === undefined ? "" : visible(one.problem),
    one.detector === undefined ? "" : say(`detector.${one.detector}`),
    one.source === undefined ? "" : visible(one.sourceTitle ?? one.source),
  ]
    .filter((part) => part !== "")
    .join(" · ");
