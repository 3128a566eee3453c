import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { CollectionDetail } from "@api/collection.ts";
import { call } from "@web/api/call.ts";
import { collectionQuery } from "@web/api/sharing-queries.ts";
import { mayJudge, mayWriteSharing, useMe } from "@web/frame/session.ts";
import { ConfirmDialog } from "@web/parts/confirm-dialog.tsx";
import { Copy } from "@web/parts/copy.tsx";
import { Identifier } from "@web/parts/identifier.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { ThingPage } from "@web/parts/thing-page.tsx";
import { TlpTag } from "@web/signs/tlp.tsx";
import { Moment } from "@web/time/moment.tsx";
import { printNumber } from "@words/number.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { RightsForm } from "./rights-form.tsx";

/** One collection: whom it is open to, who sent what, who reads it. */
export const CollectionPage = (): ReactNode => {
  const { id } = useParams({ from: "/sharing/collections/$id" });
  const { language, say } = useReader();
  const me = useMe();
  const { data, error, refetch } = useQuery(collectionQuery(language, id));
  const collection = data?.collection;
  return (
    <ThingPage
      title={collection?.title ?? say("collections.title")}
      tlp="amber"
      of="collection"
      back={<Link to="/sharing/collections">{say("collection.back")}</Link>}
      error={error}
      retry={() => void refetch()}
    >
      {data && collection ? (
        <>
          <header className="finding-head">
            <h1>{visible(collection.title)}</h1>
            {collection.description === undefined ? null : <p className="quiet">{visible(collection.description)}</p>}
          </header>
          <p className="address">
            <span className="quiet">{say("collection.url")}</span>
            <Identifier text={collection.url} />
            <Copy text={collection.url} of={say("collection.url")} />
          </p>
          <dl className="band">
            <div>
              <dt>{say("collection.marking")}</dt>
              <dd>
                <TlpTag tlp={collection.tlp} /> PAP:{collection.pap.toUpperCase()} · {visible(collection.licence)}
              </dd>
            </div>
            <div>
              <dt>{say("sharing.objects")}</dt>
              <dd>{printNumber(language, collection.objects ?? 0)}</dd>
            </div>
            <div>
              <dt>{say("collection.last-added")}</dt>
              <dd>{collection.lastAdded === undefined ? "–" : <Moment at={collection.lastAdded} />}</dd>
            </div>
            <div>
              <dt>{say("collection.reads")}</dt>
              <dd>{printNumber(language, collection.reads ?? 0)}</dd>
            </div>
          </dl>
          {mayWriteSharing(me) ? <RightsForm key={rightsKey(data)} data={data} /> : <Rights data={data} />}
          <Senders data={data} />
          <Activity data={data} />
        </>
      ) : null}
    </ThingPage>
  );
};

/** The form starts anew whenever somebody changed the rights. */
const rightsKey = ({ collection }: CollectionDetail): string =>
  JSON.stringify([collection.readers, collection.writers]);

const Rights = ({ data }: { readonly data: CollectionDetail }): ReactNode => {
  const { say } = useReader();
  const names = (some: CollectionDetail["readers"]): string =>
    some.length === 0
      ? say("audience.nobody")
      : visible(some.map(({ name }) => name || say("audience.group")).join(say("collection.and")));
  return (
    <section>
      <h2>{say("collection.rights")}</h2>
      <dl className="facts">
        <dt>{say("collection.readers")}</dt>
        <dd>{names(data.readers)}</dd>
        <dt>{say("collection.writers")}</dt>
        <dd>{names(data.writers)}</dd>
      </dl>
    </section>
  );
};

const Senders = ({ data }: { readonly data: CollectionDetail }): ReactNode => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const me = useMe();
  const [asked, setAsked] = useState<{ readonly id: string; readonly name: string }>();
  const speak = useMutation({
    mutationFn: (organisation: string) =>
      call(language, `/collections/${encodeURIComponent(data.collection.id)}/acts`, {
        method: "POST",
        body: { act: "let-speak", organisation },
      }),
    onSuccess: async () => {
      setAsked(undefined);
      await client.invalidateQueries({ queryKey: ["collection"] });
    },
  });
  return (
    <section>
      <h2>{say("collection.senders")}</h2>
      {data.senders.length === 0 ? <p className="quiet">{say("collection.no-senders")}</p> : null}
      {data.senders.length === 0 ? null : (
        <Table
          label={say("collection.senders")}
          head={
            <Heads
              names={[
                say("sharing.party"),
                { figure: say("sharing.objects") },
                { figure: say("collection.shadow") },
                say("collection.last-added"),
                { unseen: say("finding.acts") },
              ]}
            />
          }
        >
          {data.senders.map(({ organisation, objects, shadow, last }) => (
            <tr key={organisation?.id ?? ""}>
              <th scope="row">
                {organisation === undefined ? say("collection.ourselves") : visible(organisation.name)}
              </th>
              <td className="figure" data-label={say("sharing.objects")}>
                {printNumber(language, objects)}
              </td>
              <td className="figure" data-label={say("collection.shadow")}>
                {printNumber(language, shadow)}
              </td>
              <td data-label={say("collection.last-added")}>
                <Moment at={last} />
              </td>
              <td className="row-acts">
                {organisation !== undefined && shadow > 0 && mayJudge(me) ? (
                  <button type="button" className="button" onClick={() => setAsked(organisation)}>
                    {say("source-act.speak")}
                    <span className="unseen"> {organisation.name}</span>
                  </button>
                ) : null}
              </td>
            </tr>
          ))}
        </Table>
      )}
      {asked === undefined ? null : (
        <ConfirmDialog
          does={say("source-act.speak")}
          subject={asked.name}
          says={say("collection.speak-says")}
          pending={speak.isPending}
          error={speak.error}
          onClose={() => setAsked(undefined)}
          onDo={() => speak.mutate(asked.id)}
        />
      )}
    </section>
  );
};

const Activity = ({ data }: { readonly data: CollectionDetail }): ReactNode => {
  const { language, say } = useReader();
  return (
    <section>
      <h2>{say("collection.activity")}</h2>
      {data.activity.length === 0 ? <p className="quiet">{say("collection.no-activity")}</p> : null}
      {data.activity.length === 0 ? null : (
        <Table
          label={say("collection.activity")}
          head={
            <Heads
              names={[
                say("sharing.party"),
                { figure: say("collection.pages") },
                { figure: say("sharing.objects") },
                say("collection.last-read"),
              ]}
            />
          }
        >
          {data.activity.map(({ party, reads, objects, last }) => (
            <tr key={party.id}>
              <th scope="row">{visible(party.name === "" ? party.id : party.name)}</th>
              <td className="figure" data-label={say("collection.pages")}>
                {printNumber(language, reads)}
              </td>
              <td className="figure" data-label={say("sharing.objects")}>
                {printNumber(language, objects)}
              </td>
              <td data-label={say("collection.last-read")}>
                <Moment at={last} />
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
};
