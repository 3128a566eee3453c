import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { HuntCause } from "@api/hunt-cause.ts";
import { call } from "@web/api/call.ts";
import { huntCausesQuery } from "@web/api/hunt-queries.ts";
import { ReasonDialog } from "@web/parts/confirm-dialog.tsx";
import { ListPage } from "@web/parts/list-page.tsx";
import { More } from "@web/parts/more.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { Who } from "@web/parts/who.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { printNumber } from "@words/number.ts";
import { HuntState } from "./hunt-state.tsx";
import { HuntTabs } from "./hunt-tabs.tsx";

/** Hunts that nobody asked for: what set each off, how far it is, what it found; staff may end one. */
export const AutomaticPage = (): ReactNode => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const pages = useInfiniteQuery(huntCausesQuery(language));
  const [ending, setEnding] = useState<HuntCause>();
  const end = useMutation({
    mutationFn: ({ id, reason }: { readonly id: string; readonly reason: string }) =>
      call(language, `/hunts/automatic/${encodeURIComponent(id)}/cancel`, { method: "POST", body: { reason } }),
    onSuccess: async () => {
      setEnding(undefined);
      await client.invalidateQueries({ queryKey: ["hunt-causes"] });
    },
  });
  const rows = pages.data?.pages.flatMap((page) => page.hunts) ?? [];
  return (
    <ListPage
      title={say("hunts.tab.automatic")}
      tlp="amber+strict"
      says={say("hunt-causes.says")}
      tabs={<HuntTabs />}
      error={pages.error}
      retry={() => void pages.refetch()}
      empty={pages.data !== undefined && rows.length === 0 && say("hunt-causes.empty")}
    >
      {rows.length === 0 ? null : (
        <Table
          label={say("hunts.tab.automatic")}
          of="hunts"
          head={
            <Heads
              names={[
                say("hunt-cause.about"),
                say("hunt-cause.kind"),
                say("hunt.state"),
                { figure: say("hunt-cause.read") },
                { figure: say("hunt.found") },
                { figure: say("hunt-cause.opened") },
                say("verdicts.who"),
                { unseen: say("finding.acts") },
              ]}
            />
          }
        >
          {rows.map((one) => (
            <tr key={one.id}>
              <th scope="row" className="wrap">
                {visible(one.about)}
              </th>
              <td data-label={say("hunt-cause.kind")}>{say(`hunt-cause.kind.${one.kind}`)}</td>
              <td data-label={say("hunt.state")}>
                <HuntState state={one.state} />
                {one.problem === undefined ? null : <span className="quiet"> {visible(one.problem.says)}</span>}
              </td>
              <td className="figure" data-label={say("hunt-cause.read")}>
                {printNumber(language, one.read)}
              </td>
              <td className="figure" data-label={say("hunt.found")}>
                {printNumber(language, one.found)}
              </td>
              <td className="figure" data-label={say("hunt-cause.opened")}>
                {printNumber(language, one.opened)}
              </td>
              <td data-label={say("verdicts.who")}>
                <Who one={one} />
              </td>
              <td className="row-acts">
                {one.state === "waiting" || one.state === "running" ? (
                  <button type="button" className="button" onClick={() => setEnding(one)}>
                    {say("hunt.cancel")}
                    <span className="unseen"> {one.about}</span>
                  </button>
                ) : null}
              </td>
            </tr>
          ))}
        </Table>
      )}
      <More pages={pages} says={say("hunts.more")} />
      {ending === undefined ? null : (
        <ReasonDialog
          does={say("hunt.cancel")}
          subject={ending.about}
          says={say("hunt.cancel-says")}
          pending={end.isPending}
          error={end.error}
          onClose={() => setEnding(undefined)}
          onReason={(reason) => end.mutate({ id: ending.id, reason })}
        />
      )}
    </ListPage>
  );
};
