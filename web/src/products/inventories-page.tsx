import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { InventoryReceipt, InventoryRow } from "@api/inventory.ts";
import { call } from "@web/api/call.ts";
import { inventoriesQuery } from "@web/api/product-queries.ts";
import { ConfirmDialog } from "@web/parts/confirm-dialog.tsx";
import { ListPage } from "@web/parts/list-page.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { SourceName } from "./source-name.tsx";
import { ProductTabs } from "./product-tabs.tsx";
import { Receipt } from "./receipt.tsx";
import { UploadForm } from "./upload-form.tsx";

/** Where the products come from: lists and SBOMs, each whole under its name, with who brought it when. */
export const InventoriesPage = (): ReactNode => {
  const { organisation } = useParams({ from: "/products/$organisation/inventories" });
  const { language, say } = useReader();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(inventoriesQuery(language, organisation));
  const [receipt, setReceipt] = useState<InventoryReceipt>();
  const [ending, setEnding] = useState<string>();
  const changed = (): void => {
    for (const key of ["inventories", "inventory", "products", "product-matches", "weaknesses", "weakness-matches"])
      void queries.invalidateQueries({ queryKey: [key] });
  };
  const end = useMutation({
    mutationFn: (name: string) =>
      call(language, `/organisations/${encodeURIComponent(organisation)}/inventories/${encodeURIComponent(name)}`, {
        method: "DELETE",
      }),
    onSuccess: () => {
      setEnding(undefined);
      changed();
    },
  });
  return (
    <ListPage
      title={say("inventories.title")}
      tlp="amber+strict"
      says={data === undefined ? undefined : visible(data.organisation.name)}
      tabs={<ProductTabs organisation={organisation} here="inventories" />}
      error={error}
      retry={() => void refetch()}
      empty={data !== undefined && data.inventories.length === 0 ? say("inventories.none") : undefined}
    >
      {data === undefined || data.inventories.length === 0 ? null : (
        <Table
          label={say("inventories.title")}
          of="inventories"
          head={
            <Heads
              names={[
                say("inventories.name"),
                { figure: say("inventories.items") },
                { figure: say("inventories.rejected") },
                say("inventories.since"),
                say("inventories.who"),
                ...(data.writable ? [{ unseen: say("inventories.end") }] : []),
              ]}
            />
          }
        >
          {data.inventories.map((one) => (
            <Row
              key={one.name}
              one={one}
              organisation={organisation}
              acts={data.writable}
              {...(data.writable && one.source === "inventory" ? { onEnd: () => setEnding(one.name) } : {})}
            />
          ))}
        </Table>
      )}
      {receipt === undefined ? null : <Receipt receipt={receipt} />}
      {data?.writable === true ? (
        <UploadForm
          organisation={organisation}
          names={data.inventories.flatMap(({ name, source }) => (source === "inventory" ? [name] : []))}
          onDone={(done) => {
            setReceipt(done);
            changed();
          }}
        />
      ) : null}
      {ending === undefined ? null : (
        <ConfirmDialog
          does={say("inventories.end")}
          subject={ending}
          says={say("inventories.end-says")}
          destructive
          pending={end.isPending}
          error={end.error}
          onClose={() => setEnding(undefined)}
          onDo={() => end.mutate(ending)}
        />
      )}
    </ListPage>
  );
};

const Row = ({
  one,
  organisation,
  acts,
  onEnd,
}: {
  readonly one: InventoryRow;
  readonly organisation: string;
  /** There is a column for what the reader may do. */
  readonly acts: boolean;
  readonly onEnd?: () => void;
}): ReactNode => {
  const { say } = useReader();
  const { version } = one;
  return (
    <tr>
      <th scope="row">
        <Link to="/products/$organisation/inventories/$name" params={{ organisation, name: one.name }}>
          <SourceName of={{ source: one.source, inventory: one.name }} />
        </Link>
        {one.ended === undefined ? null : <span className="quiet"> {say("inventories.ended")}</span>}
        <p className="reason">
          {one.source === "directory" ? say("inventories.directory-says") : say(`inventories.format.${version.format}`)}
          {version.file === "" ? null : ` · ${visible(version.file)}`}
        </p>
      </th>
      <td className="figure" data-label={say("inventories.items")}>
        {one.ended === undefined ? version.items : 0}
      </td>
      <td className="figure" data-label={say("inventories.rejected")}>
        {version.rejected === 0 ? "–" : version.rejected}
      </td>
      <td data-label={say("inventories.since")}>
        <Moment at={one.ended ?? version.from} />
      </td>
      <td data-label={say("inventories.who")}>{version.who === "" ? "–" : visible(version.who)}</td>
      {acts ? (
        <td>
          {onEnd !== undefined && one.ended === undefined ? (
            <button type="button" className="plain" onClick={onEnd}>
              {say("inventories.end")}
            </button>
          ) : null}
        </td>
      ) : null}
    </tr>
  );
};
