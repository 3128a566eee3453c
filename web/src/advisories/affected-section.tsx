import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { affectedQuery } from "@web/api/product-queries.ts";
import { Heads, Table } from "@web/parts/table.tsx";
import { Standing } from "@web/products/match-line.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

/** Who runs what an advisory is about: to staff every member, to a member itself. Nobody: nothing is shown. */
export const AffectedSection = ({ advisory }: { readonly advisory: string }): ReactNode => {
  const { language, say } = useReader();
  const { data } = useQuery(affectedQuery(language, advisory));
  const rows = data?.organisations ?? [];
  if (rows.length === 0) return null;
  return (
    <section>
      <h2>{say("advisory.runs")}</h2>
      <Table
        label={say("advisory.runs")}
        of="affected"
        head={
          <Heads
            names={[
              say("queue.organisation"),
              { figure: say("products.assets") },
              say("products.asset"),
              say("products.certainty"),
            ]}
          />
        }
      >
        {rows.map((one) => (
          <tr key={one.organisation.id}>
            <th scope="row">
              <Link to="/products/$organisation" params={{ organisation: one.organisation.id }}>
                {visible(one.organisation.name)}
              </Link>
              <Standing exposed={one.exposed} exploited={false} />
            </th>
            <td className="figure" data-label={say("products.assets")}>
              {one.assetsTotal}
            </td>
            <td className="wrap" data-label={say("products.asset")}>
              {visible(one.assets.join(", "))}
              {one.assetsTotal > one.assets.length
                ? ` ${say("advisory.more", { count: one.assetsTotal - one.assets.length })}`
                : null}
            </td>
            <td data-label={say("products.certainty")}>{say(`glossary.certainty.${one.certainty}`)}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
};
