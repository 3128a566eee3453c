import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ComponentRow, InventoryDetail } from "@api/inventory.ts";
import { inventoryQuery } from "@web/api/product-queries.ts";
import { Identifier } from "@web/parts/identifier.tsx";
import { ListPage } from "@web/parts/list-page.tsx";
import { More } from "@web/parts/more.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { Problems } from "./receipt.tsx";

/** One inventory: its components, what of it could not be read, and its versions. */
export const InventoryPage = (): ReactNode => {
  const { organisation, name } = useParams({ from: "/products/$organisation/inventories/$name" });
  const { language, say } = useReader();
  const pages = useInfiniteQuery(inventoryQuery(language, organisation, name));
  const { data, error, refetch } = pages;
  const [first] = data?.pages ?? [];
  const rows = data?.pages.flatMap((page) => page.components) ?? [];
  const says = ({ source, version }: InventoryDetail["inventory"]): string =>
    source === "directory"
      ? say("inventories.directory-says")
      : [say(`inventories.format.${version.format}`), visible(version.file)].filter((part) => part !== "").join(" · ");
  return (
    <ListPage
      title={first?.inventory.source === "directory" ? say("inventories.directory") : visible(name)}
      tlp="amber+strict"
      says={first === undefined ? undefined : says(first.inventory)}
      back={
        <Link to="/products/$organisation/inventories" params={{ organisation }}>
          {say("inventories.back")}
        </Link>
      }
      error={error}
      retry={() => void refetch()}
      empty={first !== undefined && rows.length === 0 ? say("inventories.nothing") : undefined}
    >
      {first === undefined ? null : <Problems problems={first.problems} count={first.inventory.version.problemCount} />}
      {rows.length === 0 ? null : (
        <Table
          label={say("inventories.components")}
          of="components"
          head={
            <Heads
              names={[
                say("advisory.product"),
                say("products.asset"),
                say("inventories.identity"),
                { figure: say("products.count") },
                say("inventories.since"),
              ]}
            />
          }
        >
          {rows.map((one) => (
            <Component key={`${one.at} ${one.asset} ${one.from}`} one={one} />
          ))}
        </Table>
      )}
      <More pages={pages} says={say("advisories.more")} />
      {first === undefined ? null : <Versions versions={first.versions} />}
    </ListPage>
  );
};

const Component = ({ one }: { readonly one: ComponentRow }): ReactNode => {
  const { say } = useReader();
  const standing = [
    ...(one.exposed ? [say("products.exposed")] : []),
    ...(one.worth === undefined || one.worth === "normal" ? [] : [say(`inventories.worth.${one.worth}`)]),
  ];
  return (
    <tr>
      <th scope="row">
        {visible([one.name, one.version].filter((part) => part !== "").join(" "))}
        {one.vendor === "" ? null : <p className="reason">{visible(one.vendor)}</p>}
      </th>
      <td data-label={say("products.asset")}>
        {visible(one.asset)}
        {standing.length === 0 ? null : <p className="reason">{standing.join(" · ")}</p>}
      </td>
      <td className="wrap" data-label={say("inventories.identity")}>
        {[...one.cpes, ...(one.purl === undefined ? [] : [one.purl])].map((identity) => (
          <p key={identity}>
            <Identifier text={identity} />
          </p>
        ))}
        {one.cpes.length === 0 && one.purl === undefined ? "–" : null}
      </td>
      <td className="figure" data-label={say("products.count")}>
        {one.weaknesses === 0 ? "–" : one.weaknesses}
      </td>
      <td data-label={say("inventories.since")}>
        <Moment at={one.from} />
      </td>
    </tr>
  );
};

const Versions = ({ versions }: { readonly versions: InventoryDetail["versions"] }): ReactNode => {
  const { say } = useReader();
  return (
    <section>
      <h2>{say("inventories.versions")}</h2>
      <ul className="references">
        {versions.map((one) => (
          <li key={one.from}>
            <Moment at={one.from} /> {one.who === "" ? null : visible(one.who)}
            {" · "}
            {say("inventories.taken", { count: one.items, added: one.added, removed: one.removed })}
          </li>
        ))}
      </ul>
    </section>
  );
};
