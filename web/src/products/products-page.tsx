import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ProductRow } from "@api/inventory.ts";
import { Priority } from "@web/advisories/priority.tsx";
import { productsQuery } from "@web/api/product-queries.ts";
import { ListPage } from "@web/parts/list-page.tsx";
import { More } from "@web/parts/more.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { MatchLine, Standing } from "./match-line.tsx";
import { ProductTabs } from "./product-tabs.tsx";

/** Products with known weaknesses: what strangers reach and attackers use first. */
export const ProductsPage = (): ReactNode => {
  const { organisation } = useParams({ from: "/products/$organisation" });
  const { language, say } = useReader();
  const pages = useInfiniteQuery(productsQuery(language, organisation));
  const { data, error, refetch, isPlaceholderData } = pages;
  const [first] = data?.pages ?? [];
  const rows = data?.pages.flatMap((page) => page.products) ?? [];
  return (
    <ListPage
      title={say("products.title")}
      tlp="amber+strict"
      says={
        first === undefined ? undefined : (
          <>
            {visible(first.organisation.name)} · {say("products.components", { count: first.components })}
            {first.urgent === 0 ? null : (
              <>
                {" · "}
                <b>{say("products.urgent", { count: first.urgent })}</b>
              </>
            )}
            {first.waiting ? <> · {say("products.waiting")}</> : null}
          </>
        )
      }
      tabs={<ProductTabs organisation={organisation} here="products" />}
      error={error}
      retry={() => void refetch()}
      empty={
        first !== undefined && rows.length === 0
          ? say(first.components === 0 ? "products.none" : first.waiting ? "products.waiting" : "products.clean")
          : undefined
      }
    >
      {rows.length === 0 ? null : (
        <Table
          label={say("products.list")}
          of="products"
          stale={isPlaceholderData}
          head={
            <Heads
              names={[
                say("advisory.priority"),
                say("advisory.product"),
                say("products.weaknesses"),
                { figure: say("products.count") },
                { figure: say("products.exploited") },
                { figure: say("products.assets") },
              ]}
            />
          }
        >
          {rows.map((one) => (
            <Row key={one.product} one={one} organisation={organisation} />
          ))}
        </Table>
      )}
      <More pages={pages} says={say("advisories.more")} />
    </ListPage>
  );
};

const Row = ({ one, organisation }: { readonly one: ProductRow; readonly organisation: string }): ReactNode => {
  const { say } = useReader();
  const [worst] = one.matches;
  return (
    <tr data-urgent={one.urgent}>
      <td data-label={say("advisory.priority")}>{worst === undefined ? "–" : <Priority level={worst.priority} />}</td>
      <th scope="row">
        <Link to="/products/$organisation/matches" params={{ organisation }} search={{ product: one.product }}>
          {visible(one.name)}
        </Link>
        {one.versions.length === 0 ? null : <p className="reason">{visible(one.versions.join(", "))}</p>}
        <Standing exposed={one.exposed} exploited={one.exploited > 0} />
      </th>
      <td className="wrap" data-label={say("products.weaknesses")}>
        {one.matches.map((match) => (
          <MatchLine key={`${match.weakness} ${match.asset} ${match.version}`} match={match} />
        ))}
        {one.weaknesses > one.matches.length ? (
          <Link
            className="quiet"
            to="/products/$organisation/matches"
            params={{ organisation }}
            search={{ product: one.product }}
          >
            {say("products.all", { count: one.weaknesses })}
          </Link>
        ) : null}
      </td>
      <td className="figure" data-label={say("products.count")}>
        {one.weaknesses}
      </td>
      <td className="figure" data-label={say("products.exploited")}>
        {one.exploited === 0 ? "–" : one.exploited}
      </td>
      <td className="figure" data-label={say("products.assets")}>
        {one.assets}
      </td>
    </tr>
  );
};
