import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { productMatchesQuery } from "@web/api/product-queries.ts";
import { ListPage } from "@web/parts/list-page.tsx";
import { More } from "@web/parts/more.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { MatchTable } from "./match-table.tsx";

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
      {rows.length === 0 ? null : <MatchTable label={say("products.matches")} rows={rows} by="weakness" />}
      <More pages={pages} says={say("advisories.more")} />
    </ListPage>
  );
};
