import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { CollectionDetail, CollectionRights } from "@api/collection.ts";
import { call } from "@web/api/call.ts";
import { Failed } from "@web/parts/failed.tsx";
import { ReasonField, useReason } from "@web/parts/reason-field.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

/** Who may read and who may write, party by party; what is changed is said in its row, and the reason is asked for. */
export const RightsForm = ({ data }: { readonly data: CollectionDetail }): ReactNode => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const reason = useReason();
  const { collection, choices } = data;
  const [readers, setReaders] = useState<readonly string[]>(collection.readers);
  const [writers, setWriters] = useState<readonly string[]>(collection.writers);
  const save = useMutation({
    mutationFn: (body: CollectionRights) =>
      call(language, `/collections/${encodeURIComponent(collection.id)}/rights`, { method: "POST", body }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["collection"] });
      await client.invalidateQueries({ queryKey: ["collections"] });
    },
  });
  // A group that this person does not know of stays as it is, under no name
  const hidden = [...new Set([...collection.readers, ...collection.writers])]
    .filter((audience) => !choices.some((one) => one.audience === audience))
    .map((audience) => ({ audience, name: say("audience.group") }));
  const rows = [...choices, ...hidden];
  const toggle = (some: readonly string[], audience: string): readonly string[] =>
    some.includes(audience) ? some.filter((one) => one !== audience) : [...some, audience];
  const differs = (audience: string): boolean =>
    readers.includes(audience) !== collection.readers.includes(audience) ||
    writers.includes(audience) !== collection.writers.includes(audience);
  const changed = rows.filter((one) => differs(one.audience)).length;
  return (
    <section>
      <h2>{say("collection.rights")}</h2>
      <form
        className="form"
        noValidate
        onSubmit={reason.submit((text) => save.mutate({ readers: [...readers], writers: [...writers], reason: text }))}
      >
        <Table
          label={say("collection.rights")}
          of="rights"
          head={
            <Heads
              names={[
                say("sharing.party"),
                say("collection.may-read"),
                say("collection.may-write"),
                { unseen: say("source.changes") },
              ]}
            />
          }
        >
          {rows.map(({ audience, name }) => (
            <tr key={audience} data-changed={differs(audience)}>
              <th scope="row">{visible(name === "" ? audience : name)}</th>
              <td data-label={say("collection.may-read")}>
                <label className="hit">
                  <input
                    type="checkbox"
                    checked={readers.includes(audience)}
                    onChange={() => setReaders(toggle(readers, audience))}
                  />
                  <span className="unseen">{say("collection.reads-it", { party: name })}</span>
                </label>
              </td>
              <td data-label={say("collection.may-write")}>
                <label className="hit">
                  <input
                    type="checkbox"
                    checked={writers.includes(audience)}
                    onChange={() => setWriters(toggle(writers, audience))}
                  />
                  <span className="unseen">{say("collection.writes-it", { party: name })}</span>
                </label>
              </td>
              <td>{differs(audience) ? <span className="changed">△ {say("preview.does.changed")}</span> : null}</td>
            </tr>
          ))}
        </Table>
        <p className="quiet">{say("collection.rights-say")}</p>
        {changed === 0 ? null : (
          <>
            <ReasonField reason={reason} rows={2} />
            <p className="form-acts">
              <button type="submit" className="button filled" disabled={save.isPending}>
                {say("collection.save", { count: changed })}
              </button>
              <button
                type="button"
                className="button"
                onClick={() => {
                  setReaders(collection.readers);
                  setWriters(collection.writers);
                }}
              >
                {say("act.cancel")}
              </button>
            </p>
          </>
        )}
        {save.error ? <Failed error={save.error} says={say("failed.title")} /> : null}
      </form>
    </section>
  );
};
