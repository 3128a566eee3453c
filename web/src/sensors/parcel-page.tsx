import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { parcelQuery } from "@web/api/sensor-queries.ts";
import { More } from "@web/parts/more.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { ThingPage } from "@web/parts/thing-page.tsx";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { type WordKey, useReader } from "@web/words/reader.tsx";
import { printBytes, printNumber } from "@words/number.ts";
import { holdsOf, refusedOf } from "./parcels-section.tsx";

/** One parcel line by line as it was taken in, each refused line with its reason. */
export const ParcelPage = (): ReactNode => {
  const { id } = useParams({ from: "/sensors/parcels/$id" });
  const { language, say } = useReader();
  const pages = useInfiniteQuery(parcelQuery(language, id));
  const first = pages.data?.pages[0];
  const parcel = first?.parcel;
  const title =
    parcel?.number === undefined
      ? say("inside.parcel.untitled")
      : say("inside.parcel.title", { number: printNumber(language, parcel.number) });
  return (
    <ThingPage
      title={parcel === undefined ? say("inside.parcels") : title}
      tlp="amber"
      of="parcel"
      back={<Link to="/sensors">{say("inside.title")}</Link>}
      error={pages.error}
      retry={() => void pages.refetch()}
    >
      {parcel === undefined ? null : (
        <>
          <header className="sheet-head">
            <h1>{title}</h1>
            <p className="quiet">{visible(parcel.sensor.name)}</p>
          </header>
          <dl className="band">
            <Fact name={say("inside.parcel.at")}>
              <Moment at={parcel.received} />
            </Fact>
            {parcel.made === undefined ? null : (
              <Fact name={say("inside.parcel.made")}>
                <Moment at={parcel.made} />
              </Fact>
            )}
            <Fact name={say("inside.parcel.size")}>{printBytes(language, parcel.bytes)}</Fact>
            <Fact name={say("inside.parcel.holds")}>{holdsOf(say, parcel)}</Fact>
            <Fact name={say("inside.parcel.refused")}>{printNumber(language, refusedOf(parcel))}</Fact>
            <Fact name={say("inside.parcel.hits")}>{printNumber(language, parcel.hits)}</Fact>
          </dl>
          {parcel.whole ? null : <p className="reason">{say("inside.parcel.broken")}</p>}
          {first?.kept === false ? <p className="empty">{say("inside.parcel.gone")}</p> : null}
          {first?.kept === true ? (
            <>
              <p>
                <a className="button" href={`/api/v1/sensor/parcels/${encodeURIComponent(id)}/content`}>
                  {say("inside.parcel.whole")}
                </a>
              </p>
              <Table
                label={say("inside.parcel.lines")}
                of="parcel-lines"
                head={
                  <Heads
                    names={[
                      { figure: say("inside.parcel.line") },
                      say("inside.parcel.kind"),
                      say("inside.parcel.text"),
                    ]}
                  />
                }
              >
                {pages.data?.pages
                  .flatMap((page) => page.lines)
                  .map(({ line, kind, text, refused }) => (
                    <tr key={line}>
                      <td className="figure" data-label={say("inside.parcel.line")}>
                        {printNumber(language, line)}
                      </td>
                      <td data-label={say("inside.parcel.kind")}>
                        {say(kindWord(kind))}
                        {refused === undefined ? null : <p className="reason">{visible(refused)}</p>}
                      </td>
                      <td data-label={say("inside.parcel.text")}>
                        <code className="as-taken" translate="no">
                          {visible(text)}
                        </code>
                      </td>
                    </tr>
                  ))}
              </Table>
              <More pages={pages} says={say("inside.parcel.lines-more")} />
            </>
          ) : null}
        </>
      )}
    </ThingPage>
  );
};

const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const kindWords = {
  parcel: "inside.kind.parcel",
  match: "inside.kind.match",
  ruled: "inside.kind.ruled",
  behaviour: "inside.kind.behaviour",
  day: "inside.kind.day",
  answer: "inside.kind.answer",
  state: "inside.kind.state",
  end: "inside.kind.end",
} as const satisfies Record<string, WordKey>;

const kindWord = (kind: string): (typeof kindWords)[keyof typeof kindWords] | "inside.kind.other" =>
  Object.entries(kindWords).find(([name]) => name === kind)?.[1] ?? "inside.kind.other";
