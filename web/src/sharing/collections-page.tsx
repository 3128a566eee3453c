import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import type { CollectionNew } from "@api/collection.ts";
import { call } from "@web/api/call.ts";
import { sharingQuery } from "@web/api/queries.ts";
import { collectionsQuery } from "@web/api/sharing-queries.ts";
import { mayWriteSharing, useMe } from "@web/frame/session.ts";
import { Failed } from "@web/parts/failed.tsx";
import { Identifier } from "@web/parts/identifier.tsx";
import { ListPage } from "@web/parts/list-page.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { Moment } from "@web/time/moment.tsx";
import { printNumber } from "@words/number.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { SharingTabs } from "./sharing-tabs.tsx";

/** Collections that parties read and write by TAXII: whom each is open to, what it holds, and whether anybody reads it. */
export const CollectionsPage = (): ReactNode => {
  const { language, say } = useReader();
  const me = useMe();
  const { data, error, refetch } = useQuery(collectionsQuery(language));
  const parties = useQuery(sharingQuery(language));
  const rows = data?.collections ?? [];
  const nameOf = (audience: string): string => {
    if (audience === "members" || audience === "partners") return say(`audience.${audience}`);
    const [kind, id = ""] = audience.split(/:(.*)/s);
    const name = parties.data?.parties.find((one) => one.id === id)?.name;
    return name ?? say(kind === "group" ? "audience.group" : "audience.organisation");
  };
  const names = (audience: readonly string[]): string =>
    audience.length === 0 ? say("audience.nobody") : visible(audience.map(nameOf).join(say("collection.and")));
  return (
    <ListPage
      title={say("collections.title")}
      tlp="amber"
      says={say("collections.says")}
      tabs={<SharingTabs />}
      error={error}
      retry={() => void refetch()}
      empty={data !== undefined && rows.length === 0 && say("collections.empty")}
    >
      {rows.length === 0 ? null : (
        <Table
          label={say("collections.title")}
          of="collections"
          head={
            <Heads
              names={[
                say("collections.collection"),
                say("collection.readers"),
                say("collection.writers"),
                { figure: say("sharing.objects") },
                say("collection.last-added"),
                { figure: say("collection.reads") },
                say("collection.last-read"),
              ]}
            />
          }
        >
          {rows.map((one) => (
            <tr key={one.id}>
              <th scope="row">
                <Link to="/sharing/collections/$id" params={{ id: one.id }}>
                  {visible(one.title)}
                </Link>{" "}
                <span className="quiet">
                  <Identifier text={one.alias} />
                </span>
              </th>
              <td data-label={say("collection.readers")}>{names(one.readers)}</td>
              <td data-label={say("collection.writers")}>{names(one.writers)}</td>
              <td className="figure" data-label={say("sharing.objects")}>
                {printNumber(language, one.objects ?? 0)}
              </td>
              <td data-label={say("collection.last-added")}>
                {one.lastAdded === undefined ? "–" : <Moment at={one.lastAdded} />}
              </td>
              <td className="figure" data-label={say("collection.reads")}>
                {printNumber(language, one.reads ?? 0)}
              </td>
              <td data-label={say("collection.last-read")}>
                {one.lastRead === undefined ? "–" : <Moment at={one.lastRead} />}
              </td>
            </tr>
          ))}
        </Table>
      )}
      {mayWriteSharing(me) ? <NewCollection /> : null}
    </ListPage>
  );
};

const aliasOf = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** A new collection is open to nobody until its rights are given on its own page. */
const NewCollection = (): ReactNode => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const id = useId();
  const [title, setTitle] = useState("");
  const [alias, setAlias] = useState("");
  const [missing, setMissing] = useState(false);
  const make = useMutation({
    mutationFn: (body: CollectionNew) => call(language, "/collections", { method: "POST", body }),
    onSuccess: async () => {
      setTitle("");
      setAlias("");
      await client.invalidateQueries({ queryKey: ["collections"] });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const bad = title.trim() === "" || !aliasOf.test(alias.trim());
    setMissing(bad);
    if (!bad) make.mutate({ title: title.trim(), alias: alias.trim(), readers: [], writers: [] });
  };
  return (
    <section>
      <h2>{say("collection.add")}</h2>
      <form className="form inline" onSubmit={submit} noValidate>
        <div className="field short">
          <label htmlFor={`${id}-title`}>{say("collection.title")}</label>
          <input
            id={`${id}-title`}
            type="text"
            maxLength={120}
            aria-required
            aria-invalid={missing && title.trim() === ""}
            value={title}
            onChange={(event) => setTitle(event.target.value)}
          />
        </div>
        <div className="field short">
          <label htmlFor={`${id}-alias`}>{say("collection.alias")}</label>
          <input
            id={`${id}-alias`}
            type="text"
            maxLength={64}
            spellCheck={false}
            autoComplete="off"
            aria-required
            aria-invalid={missing && !aliasOf.test(alias.trim())}
            aria-describedby={`${id}-says`}
            value={alias}
            onChange={(event) => setAlias(event.target.value)}
          />
        </div>
        <button type="submit" className="button" disabled={make.isPending}>
          {say("collection.make")}
        </button>
      </form>
      <p id={`${id}-says`} className={missing ? "field-problem" : "quiet"}>
        {say("collection.add-says")}
      </p>
      {make.error ? <Failed error={make.error} says={say("failed.title")} /> : null}
    </section>
  );
};
