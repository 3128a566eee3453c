import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { mayReadProducts, useMe } from "@web/frame/session.ts";
import { PageTabs } from "@web/parts/page-tabs.tsx";
import { useReader } from "@web/words/reader.tsx";
import { OrganisationChoice } from "./organisation-choice.tsx";

interface Props {
  readonly organisation: string;
  readonly here: "products" | "inventories";
}

/** Whose products, for those who read of several; and the two sides of them: what concerns them, and where they come from. */
export const ProductTabs = ({ organisation, here }: Props): ReactNode => {
  const { say } = useReader();
  const me = useMe();
  return (
    <>
      <OrganisationChoice organisation={organisation} here={here} />
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
