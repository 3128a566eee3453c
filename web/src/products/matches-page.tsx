import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ProductMatchRow } from "@api/inventory.ts";
import { Priority } from "@web/advisories/priority.tsx";
import { productMatchesQuery } from "@web/api/product-queries.ts";
import { mayReadQueue, useMe } from "@web/frame/session.ts";
import { ListPage } from "@web/parts/list-page.tsx";
import { More } from "@web/parts/more.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { Standing, Weakness } from "./match-line.tsx";

/** All weaknesses of one product, asset by asset, each with its reasons. */
export const MatchesPage = (): ReactNode => {
  const { organisation } = useParams({ from: "/products/$organisation/matches" });
  const { product } = useSearch({ from: "/products/$organisation/matches" });
  const { language, say } = useReader();
  const pages = useInfiniteQuery(productMatchesQuery(language, organisation, product));
  const { data, error, refetch } = pages;
  const rows = data?.pages.flatMap((page) => page.matches) ?? [];
  const [first] = rows;
  return (
    <ListPage
      title={first === undefined ? say("products.title") : visible(first.name)}
      tlp="amber+strict"
      back={
        <Link to="/products/$organisation" params={{ organisation }}>
          {say("products.back")}
        </Link>
      }
      error={error}
      retry={() => void refetch()}
      empty={data !== undefined && rows.length === 0 ? say("products.clean") : undefined}
    >
      {rows.length === 0 ? null : (
        <Table
          label={say("products.matches")}
          of="matches"
          head={
            <Heads
              names={[
                say("advisory.priority"),
                say("advisory.cves"),
                say("products.asset"),
                say("products.why"),
                say("products.certainty"),
                say("products.since"),
              ]}
            />
          }
        >
          {rows.map((one) => (
            <Row key={`${one.weakness} ${one.asset} ${one.inventory} ${one.version}`} one={one} />
          ))}
        </Table>
      )}
      <More pages={pages} says={say("advisories.more")} />
    </ListPage>
  );
};

const Row = ({ one }: { readonly one: ProductMatchRow }): ReactNode => {
  const { say } = useReader();
  return (
    <tr>
      <td data-label={say("advisory.priority")}>
        <Priority level={one.priority} />
      </td>
      <th scope="row">
        <Weakness match={one} />
        {one.title === one.weakness || one.title === "" ? null : <p className="reason">{visible(one.title)}</p>}
        {one.hidden === true ? <p className="reason">{say("products.hidden")}</p> : null}
      </th>
      <td data-label={say("products.asset")}>
        {visible(one.asset)}
        <p className="reason">
          {visible([one.name, one.version].filter((part) => part !== "").join(" "))} · {visible(one.inventory)}
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
