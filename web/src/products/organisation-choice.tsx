import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { organisationsQuery } from "@web/api/product-queries.ts";
import { mayReadProducts, useMe } from "@web/frame/session.ts";
import { Choice } from "@web/parts/choice.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

interface Props {
  /** Absent: all whose products the reader reads. */
  readonly organisation?: string;
  readonly here: "all" | "products" | "inventories";
  /** Other filters of the list, in the same row. */
  readonly children?: ReactNode;
}

/** Whose products, for those who read of several. */
export const OrganisationChoice = ({ organisation = "", here, children }: Props): ReactNode => {
  const { say, language } = useReader();
  const me = useMe();
  const navigate = useNavigate();
  const { data } = useQuery(organisationsQuery(language));
  const members = (data?.organisations ?? []).filter(({ kind }) => kind === "member");
  const go = (chosen: string): void => {
    if (chosen === "") return void navigate({ to: "/products", search: {} });
    const to = here === "inventories" ? "/products/$organisation/inventories" : "/products/$organisation";
    void navigate({ to, params: { organisation: chosen } });
  };
  const choice =
    members.length < 2 ? null : (
      <Choice
        label={say("queue.organisation")}
        value={organisation}
        options={[
          ...(mayReadProducts(me) ? [["", say("queue.all")] as const] : []),
          ...members.map((one) => [one.id, visible(one.name)] as const),
        ]}
        onChoose={go}
      />
    );
  return choice === null && children === undefined ? null : (
    <div className="filters" role={children === undefined ? undefined : "search"}>
      {choice}
      {children}
    </div>
  );
};
