import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { WeaknessRow } from "@api/inventory.ts";
import { printShare } from "@web/advisories/advisories-page.tsx";
import { weaknessesQuery, weaknessMatchesQuery } from "@web/api/product-queries.ts";
import { ListPage } from "@web/parts/list-page.tsx";
import { More } from "@web/parts/more.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { MatchTable } from "./match-table.tsx";

/** One weakness: whom it touches, on which assets, and the findings of it. */
export const WeaknessPage = (): ReactNode => {
  const { of } = useSearch({ from: "/products/weakness" });
  const { language, say } = useReader();
  const about = useInfiniteQuery(weaknessesQuery(language, { weakness: of }));
  const pages = useInfiniteQuery(weaknessMatchesQuery(language, of));
  const { data, error, refetch } = pages;
  const rows = data?.pages.flatMap((page) => page.matches) ?? [];
  const one = about.data?.pages[0]?.weaknesses[0];
  return (
    <ListPage
      title={visible(of)}
      tlp="amber+strict"
      says={one === undefined ? undefined : <About one={one} />}
      back={
        <Link to="/products" search={{}}>
          {say("weaknesses.back")}
        </Link>
      }
      error={error}
      retry={() => void refetch()}
      empty={data !== undefined && rows.length === 0 ? say("weaknesses.nowhere") : undefined}
    >
      {rows.length === 0 ? null : <MatchTable label={say("weaknesses.matches")} rows={rows} by="organisation" />}
      <More pages={pages} says={say("advisories.more")} />
    </ListPage>
  );
};

const About = ({ one }: { readonly one: WeaknessRow }): ReactNode => {
  const { say } = useReader();
  const figures = [
    ...(one.epss === undefined ? [] : [`EPSS ${printShare(one.epss)}`]),
    ...(one.cvss === undefined ? [] : [`CVSS ${one.cvss.toFixed(1)}`]),
    say("weaknesses.touched", { count: one.organisationsTotal }),
    say("weaknesses.assets", { count: one.assets }),
  ];
  return (
    <>
      {one.title === one.weakness || one.title === "" ? null : <>{visible(one.title)} · </>}
      {figures.join(" · ")}
      {one.advisory === undefined ? null : (
        <>
          {" · "}
          <Link to="/advisories/$id" params={{ id: one.advisory.id }}>
            {visible(one.advisory.feed)}
          </Link>
        </>
      )}
    </>
  );
};
