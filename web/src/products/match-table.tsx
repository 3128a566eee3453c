import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ProductMatchRow } from "@api/inventory.ts";
import { Priority } from "@web/advisories/priority.tsx";
import { mayReadQueue, useMe } from "@web/frame/session.ts";
import { Heads, Table } from "@web/parts/table.tsx";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { Standing, Weakness } from "./match-line.tsx";
import { SourceName } from "./source-name.tsx";

interface Props {
  readonly label: string;
  readonly rows: readonly ProductMatchRow[];
  /** What tells rows apart: the weaknesses of one product, or the organisations that one weakness touches. */
  readonly by: "weakness" | "organisation";
}

/** Weaknesses of assets one by one, each with its reasons. */
export const MatchTable = ({ label, rows, by }: Props): ReactNode => {
  const { say } = useReader();
  return (
    <Table
      label={label}
      of="matches"
      head={
        <Heads
          names={[
            say("advisory.priority"),
            say(by === "weakness" ? "advisory.cves" : "queue.organisation"),
            say("products.asset"),
            say("products.why"),
            say("products.certainty"),
            say("products.since"),
          ]}
        />
      }
    >
      {rows.map((one) => (
        <Row
          key={[one.organisation.id, one.weakness, one.asset, one.inventory, one.name, one.version].join(" ")}
          one={one}
          by={by}
        />
      ))}
    </Table>
  );
};

const Row = ({ one, by }: { readonly one: ProductMatchRow; readonly by: Props["by"] }): ReactNode => {
  const { say } = useReader();
  return (
    <tr>
      <td data-label={say("advisory.priority")}>
        <Priority level={one.priority} />
      </td>
      {by === "weakness" ? (
        <th scope="row">
          <Weakness match={one} />
          {one.title === one.weakness || one.title === "" ? null : <p className="reason">{visible(one.title)}</p>}
          {one.hidden === true ? <p className="reason">{say("products.hidden")}</p> : null}
        </th>
      ) : (
        <th scope="row">
          <Link to="/products/$organisation" params={{ organisation: one.organisation.id }}>
            {visible(one.organisation.name)}
          </Link>
          {one.hidden === true ? <p className="reason">{say("products.hidden")}</p> : null}
        </th>
      )}
      <td data-label={say("products.asset")}>
        {visible(one.asset)}
        <p className="reason">
          {visible([one.name, one.version].filter((part) => part !== "").join(" "))} · <SourceName of={one} />
        </p>
        <Standing exposed={one.exposed} exploited={one.exploited} />
      </td>
      <td className="wrap" data-label={say("products.why")}>
        <ul className="why">
          {one.why.map((reason) => (
            <li key={reason}>{visible(reason)}</li>
          ))}
        </ul>
      </td>
      <td data-label={say("products.certainty")}>
        {one.finding === undefined ? (
          say(`glossary.certainty.${one.certainty}`)
        ) : (
          <>
            {say(`glossary.certainty.${one.certainty}`)}
            <FindingLink id={one.finding} />
          </>
        )}
      </td>
      <td data-label={say("products.since")}>
        <Moment at={one.since} />
      </td>
    </tr>
  );
};

const FindingLink = ({ id }: { readonly id: string }): ReactNode => {
  const { say } = useReader();
  const me = useMe();
  return (
    <p className="reason">
      {mayReadQueue(me) ? (
        <Link to="/findings/$id" params={{ id }}>
          {say("products.finding")}
        </Link>
      ) : (
        <Link to="/alerts/$id" params={{ id }}>
          {say("products.finding")}
        </Link>
      )}
    </p>
  );
};
