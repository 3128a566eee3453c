import { useQuery } from "@tanstack/react-query";
import { Navigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { organisationsQuery } from "@web/api/product-queries.ts";
import { mayReadProducts, useMe } from "@web/frame/session.ts";
import { ListPage } from "@web/parts/list-page.tsx";
import { useReader } from "@web/words/reader.tsx";
import { WeaknessesPage } from "./weaknesses-page.tsx";

/** Who reads the products of several organisations begins with what touches how many; others with those of their own. */
export const ProductsHome = (): ReactNode => {
  const { say, language } = useReader();
  const me = useMe();
  const { data, error, refetch } = useQuery(organisationsQuery(language));
  const members = (data?.organisations ?? []).filter(({ kind }) => kind === "member");
  const [first] = members;
  if (mayReadProducts(me) && (me.staff || members.length > 1)) return <WeaknessesPage />;
  if (first !== undefined)
    return (
      <Navigate
        to={mayReadProducts(me) ? "/products/$organisation" : "/products/$organisation/inventories"}
        params={{ organisation: first.id }}
        replace
      />
    );
  return (
    <ListPage
      title={say("nav.products")}
      tlp="amber+strict"
      error={error}
      retry={() => void refetch()}
      empty={data === undefined ? undefined : say("products.nobody")}
    />
  );
};
