import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { KeptRow, LegalHold } from "@api/kept.ts";
import { call } from "@web/api/call.ts";
import { keptQuery } from "@web/api/hunt-queries.ts";
import { mayKeepFor, useMe } from "@web/frame/session.ts";
import { ReasonDialog } from "@web/parts/confirm-dialog.tsx";
import { ListPage } from "@web/parts/list-page.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { type Say, useReader } from "@web/words/reader.tsx";
import type { Language } from "@words/language.ts";
import { printBytes, printNumber } from "@words/number.ts";
import { HuntTabs } from "./hunt-tabs.tsx";
import { KeptForm } from "./kept-form.tsx";

const boundOf = (say: Say, language: Language, { days, bytesAtMost }: KeptRow): string =>
  [
    days === undefined ? "" : say("hunt.days", { count: days }),
    bytesAtMost === undefined ? "" : printBytes(language, bytesAtMost),
  ]
    .filter((one) => one !== "")
    .join(" · ");

/** What there is to hunt in: of whom, since when, how much, for how long; and what may not go. */
export const KeptPage = (): ReactNode => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const me = useMe();
  const { data, error, refetch } = useQuery(keptQuery(language));
  const [ending, setEnding] = useState<LegalHold>();
  const end = useMutation({
    mutationFn: ({ id, reason }: { readonly id: string; readonly reason: string }) =>
      call(language, `/holds/${encodeURIComponent(id)}/end`, { method: "POST", body: { reason } }),
    onSuccess: async () => {
      setEnding(undefined);
      await client.invalidateQueries({ queryKey: ["kept"] });
    },
  });
  return (
    <ListPage
      title={say("hunts.tab.kept")}
      tlp="amber+strict"
      says={say("kept.says")}
      tabs={<HuntTabs />}
      error={error}
      retry={() => void refetch()}
      empty={data !== undefined && data.kept.length === 0 && say("kept.empty")}
    >
      {data === undefined || data.kept.length === 0 ? null : (
        <Table
          label={say("hunts.tab.kept")}
          of="hunts"
          head={
            <Heads
              names={[
                say("hunt.organisation"),
                say("kept.what"),
                say("kept.since"),
                { figure: say("kept.records") },
                { figure: say("kept.size") },
                say("kept.bound"),
                say("kept.counted"),
              ]}
            />
          }
        >
          {data.kept.map((one) => (
            <tr key={`${one.organisation.id} ${one.what}`}>
              <th scope="row">{visible(one.organisation.name)}</th>
              <td data-label={say("kept.what")}>{say(`kept.what.${one.what}`)}</td>
              <td data-label={say("kept.since")}>{one.since === undefined ? "" : <Moment at={one.since} />}</td>
              <td className="figure" data-label={say("kept.records")}>
                {printNumber(language, one.records)}
              </td>
              <td className="figure" data-label={say("kept.size")}>
                {printBytes(language, one.bytes)}
              </td>
              <td data-label={say("kept.bound")}>
                {boundOf(say, language, one)}{" "}
                <span className="quiet">{say(one.own ? "kept.own" : "kept.configured")}</span>
              </td>
              <td data-label={say("kept.counted")}>{one.counted === undefined ? "" : <Moment at={one.counted} />}</td>
            </tr>
          ))}
        </Table>
      )}
      {data === undefined || data.holds.length === 0 ? null : (
        <section>
          <h2>{say("kept.holds")}</h2>
          <p className="quiet">{say("kept.holds-says")}</p>
          <Table
            label={say("kept.holds")}
            of="hunts"
            head={
              <Heads
                names={[
                  say("hunt.organisation"),
                  say("hunt.period"),
                  say("source.reason"),
                  say("verdicts.who"),
                  { unseen: say("finding.acts") },
                ]}
              />
            }
          >
            {data.holds.map((one) => (
              <tr key={one.id}>
                <th scope="row">{visible(one.organisation.name)}</th>
                <td data-label={say("hunt.period")}>
                  <Moment at={one.since} /> –{" "}
                  {one.until === undefined ? say("exclusion.no-end") : <Moment at={one.until} />}
                </td>
                <td className="wrap" data-label={say("source.reason")}>
                  {visible(one.reason ?? "")}
                </td>
                <td data-label={say("verdicts.who")}>
                  {visible(one.who ?? "")} <Moment at={one.at} />
                </td>
                <td className="row-acts">
                  {mayKeepFor(me) ? (
                    <button type="button" className="button" onClick={() => setEnding(one)}>
                      {say("kept.end-hold")}
                    </button>
                  ) : null}
                </td>
              </tr>
            ))}
          </Table>
        </section>
      )}
      {mayKeepFor(me) && data !== undefined ? <KeptForm kept={data.kept} /> : null}
      {ending === undefined ? null : (
        <ReasonDialog
          does={say("kept.end-hold")}
          subject={ending.organisation.name}
          says={say("kept.end-hold-says")}
          destructive
          pending={end.isPending}
          error={end.error}
          onClose={() => setEnding(undefined)}
          onReason={(reason) => end.mutate({ id: ending.id, reason })}
        />
      )}
    </ListPage>
  );
};
