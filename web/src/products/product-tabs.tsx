import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { organisationsQuery } from "@web/api/product-queries.ts";
import { mayReadProducts, useMe } from "@web/frame/session.ts";
import { PageTabs } from "@web/parts/page-tabs.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

interface Props {
  readonly organisation: string;
  readonly here: "products" | "inventories";
}

/** Whose products, for those who read of several; and the two sides of them: what concerns them, and where they come from. */
export const ProductTabs = ({ organisation, here }: Props): ReactNode => {
  const { say, language } = useReader();
  const me = useMe();
  const navigate = useNavigate();
  const { data } = useQuery(organisationsQuery(language));
  const choices = (data?.organisations ?? []).filter(({ kind }) => kind === "member");
  return (
    <>
      {choices.length < 2 ? null : (
        <div className="filters">
          <label className="filter">
            <span>{say("queue.organisation")}</span>
            <select
              value={organisation}
              onChange={(event) =>
                void navigate({
                  to: here === "products" ? "/products/$organisation" : "/products/$organisation/inventories",
                  params: { organisation: event.target.value },
                })
              }
            >
              {choices.map((one) => (
                <option key={one.id} value={one.id}>
                  {visible(one.name)}
                </option>
              ))}
            </select>
          </label>
        </div>
      )}
      <PageTabs label={say("nav.products")}>
        {mayReadProducts(me) ? (
          <Link to="/products/$organisation" params={{ organisation }} activeOptions={{ exact: true }}>
            {say("products.tab")}
          </Link>
        ) : null}
        <Link to="/products/$organisation/inventories" params={{ organisation }}>
          {say("inventories.tab")}
        </Link>
      </PageTabs>
    </>
  );
};
