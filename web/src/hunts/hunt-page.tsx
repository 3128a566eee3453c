import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Fragment, type ReactNode, useState } from "react";
import type { Hunt, HuntSighting } from "@api/hunt.ts";
import { call } from "@web/api/call.ts";
import { huntQuery, huntResultsQuery } from "@web/api/hunt-queries.ts";
import { ConfirmDialog } from "@web/parts/confirm-dialog.tsx";
import { Identifier } from "@web/parts/identifier.tsx";
import { ListPage } from "@web/parts/list-page.tsx";
import { More } from "@web/parts/more.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { printNumber } from "@words/number.ts";
import { AskedSensors } from "./asked-sensors.tsx";
import { HuntState } from "./hunt-state.tsx";

/** One hunt: what for and why, how far it is, and what it saw so far, oldest first. */
export const HuntPage = (): ReactNode => {
  const { id } = useParams({ from: "/hunts/$id" });
  const { language, say } = useReader();
  const client = useQueryClient();
  const { data: hunt, error, refetch } = useQuery(huntQuery(language, id));
  const results = useInfiniteQuery(huntResultsQuery(language, id, hunt?.found ?? 0));
  const [asking, setAsking] = useState(false);
  const cancel = useMutation({
    mutationFn: () => call<Hunt>(language, `/hunts/${encodeURIComponent(id)}`, { method: "DELETE" }),
    onSuccess: async () => {
      setAsking(false);
      await client.invalidateQueries({ queryKey: ["hunt"] });
      await client.invalidateQueries({ queryKey: ["hunts"] });
    },
  });
  const rows = results.data?.pages.flatMap((page) => page.results) ?? [];
  const goesOn = hunt?.state === "waiting" || hunt?.state === "running";
  const title = hunt === undefined ? say("nav.hunts") : (hunt.rule ?? hunt.pattern ?? hunt.values[0]?.value ?? "");
  return (
    <ListPage
      title={visible(title)}
      tlp="amber+strict"
      back={<Link to="/hunts">{say("nav.hunts")}</Link>}
      error={error}
      retry={() => void refetch()}
    >
      {hunt === undefined ? null : <About hunt={hunt} />}
      {hunt?.sensors === undefined ? null : <AskedSensors sensors={hunt.sensors} />}
      {goesOn ? (
        <p className="form-acts">
          <button type="button" className="button" onClick={() => setAsking(true)}>
            {say("hunt.cancel")}
          </button>
        </p>
      ) : null}
      <section>
        <h2>{say("hunt.results")}</h2>
        {hunt !== undefined && !goesOn && hunt.found === 0 ? <p className="empty">{say("hunt.none")}</p> : null}
        {hunt?.cut === true ? <p className="quiet">{say("hunt.cut")}</p> : null}
        {rows.length === 0 ? null : (
          <Table
            label={say("hunt.results")}
            of="hunt-results"
            stale={results.isPlaceholderData}
            head={
              <Heads
                names={[
                  say("hunt.time"),
                  say("hunt.organisation"),
                  say("hunt.own"),
                  say("hunt.seen"),
                  say("hunt.where"),
                  say("hunt.record"),
                ]}
              />
            }
          >
            {rows.map((one, at) => (
              <tr key={`${one.time} ${one.sensor} ${at}`}>
                <td data-label={say("hunt.time")}>
                  <Moment at={one.time} />
                </td>
                <td data-label={say("hunt.organisation")}>
                  {visible(one.organisation)} <span className="quiet">{visible(one.sensor)}</span>
                </td>
                <td data-label={say("hunt.own")}>{one.own === undefined ? "" : <Identifier text={one.own} />}</td>
                <td data-label={say("hunt.seen")}>
                  <What one={one} />
                </td>
                <td data-label={say("hunt.where")}>
                  {one.rule === undefined && one.pattern === undefined ? visible(one.where) : ""}{" "}
                  {one.pattern === undefined ? <span className="quiet">{say(`hunt.weight.${one.weight}`)}</span> : null}
                </td>
                <td className="wrap identifier" data-label={say("hunt.record")}>
                  {visible(one.text)}
                </td>
              </tr>
            ))}
          </Table>
        )}
        <More pages={results} says={say("hunts.more")} />
      </section>
      {asking ? (
        <ConfirmDialog
          does={say("hunt.cancel")}
          subject={title}
          says={say("hunt.cancel-says")}
          pending={cancel.isPending}
          error={cancel.error}
          onClose={() => setAsking(false)}
          onDo={() => cancel.mutate()}
        />
      ) : null}
    </ListPage>
  );
};

/** The value that was seen, the rule that matched, or which time the pattern was true. */
const What = ({ one }: { readonly one: HuntSighting }): ReactNode => {
  const { language, say } = useReader();
  if (one.rule !== undefined) return visible(one.rule.title);
  if (one.pattern === undefined) return <Identifier text={one.seen.value} />;
  const { match, records } = one.pattern;
  return (
    <>
      {say("hunt.match", { match: printNumber(language, match) })}{" "}
      {records === 1 ? null : <span className="quiet">{say("hunt.match-of", { count: records })}</span>}
    </>
  );
};

/** What stands between what was asked and what can be known. */
const Limits = ({ hunt: { unread = 0, undecided = 0, letGo = 0 } }: { readonly hunt: Hunt }): ReactNode => {
  const { say } = useReader();
  return (
    <>
      {unread === 0 ? null : <p className="quiet">{say("hunt.unread", { count: unread })}</p>}
      {undecided === 0 ? null : <p className="quiet">{say("hunt.undecided", { count: undecided })}</p>}
      {letGo === 0 ? null : <p className="quiet">{say("hunt.let-go", { count: letGo })}</p>}
    </>
  );
};

const About = ({ hunt }: { readonly hunt: Hunt }): ReactNode => {
  const { language, say } = useReader();
  const number = (n: number): string => printNumber(language, n);
  const rows: readonly (readonly [string, ReactNode])[] = [
    [say("hunt.state"), <HuntState key="state" state={hunt.state} read={hunt.read} toRead={hunt.toRead} />],
    [
      say("hunt.read"),
      hunt.toRead === undefined
        ? number(hunt.read)
        : say("hunt.of", { read: number(hunt.read), all: number(hunt.toRead) }),
    ],
    ...(hunt.matches === undefined ? [] : [[say("hunt.matches"), number(hunt.matches)] as const]),
    [say("hunt.found"), number(hunt.found)],
    [say("hunt.purpose"), visible(hunt.purpose)],
    [say("hunt.organisation"), hunt.organisation === undefined ? say("hunt.everybody") : visible(hunt.organisation)],
    [
      say("hunt.period"),
      Date.parse(hunt.from) === 0 ? (
        say("hunt.all-kept")
      ) : (
        <>
          <Moment at={hunt.from} /> – <Moment at={hunt.to} />
        </>
      ),
    ],
    [
      say("verdicts.who"),
      <>
        {visible(hunt.who)} <span className="quiet">· </span>
        <Moment at={hunt.at} />
      </>,
    ],
  ];
  return (
    <section>
      <dl className="facts">
        {rows.map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
      </dl>
      <Limits hunt={hunt} />
      {hunt.problem === undefined ? null : <p className="field-problem">{visible(hunt.problem.says)}</p>}
    </section>
  );
};
