import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { SharingSetup } from "@api/sharing.ts";
import { call } from "@web/api/call.ts";
import { listCountQuery, partyPath } from "@web/api/sharing-queries.ts";
import { ConfirmDialog } from "@web/parts/confirm-dialog.tsx";
import { Copy } from "@web/parts/copy.tsx";
import { problemWords } from "@web/parts/failed.tsx";
import { Identifier } from "@web/parts/identifier.tsx";
import { Moment } from "@web/time/moment.tsx";
import { printNumber } from "@words/number.ts";
import { useReader } from "@web/words/reader.tsx";
import { type Format, formats } from "./list-words.ts";

interface Props {
  readonly party: string;
  readonly list: SharingSetup["lists"][number];
  readonly writes: boolean;
}

/** A saved list: its address in the chosen format, and how many values that would have now. */
export const ListRow = ({ party, list, writes }: Props): ReactNode => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const [format, setFormat] = useState<Format>("txt");
  const [removing, setRemoving] = useState(false);
  const path = `/lists/${list.name}.${format}`;
  const remove = useMutation({
    mutationFn: () =>
      call(language, `${partyPath(party)}/lists/${encodeURIComponent(list.name)}`, { method: "DELETE" }),
    onSuccess: async () => {
      setRemoving(false);
      await client.invalidateQueries({ queryKey: ["sharing-setup"] });
    },
  });
  return (
    <tr>
      <th scope="row">
        <Identifier text={list.name} />
      </th>
      <td data-label={say("lists.query")}>
        <Identifier text={list.query} />
      </td>
      <td data-label={say("lists.address")}>
        <span className="address">
          <label className="filter">
            <span>{say("lists.format")}</span>
            <select
              value={format}
              onChange={(event) => setFormat(formats.find((one) => one === event.target.value) ?? "txt")}
            >
              {formats.map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
          </label>
          <code className="identifier">{path}</code>
          <Copy text={`${location.origin}${path}`} of={say("lists.address-of", { list: list.name })} />
        </span>
      </td>
      <td className="figure" data-label={say("lists.values")}>
        <CountOf party={party} list={list.name} words="" format={format} />
      </td>
      <td data-label={say("lists.made")}>
        <Moment at={list.made} />
      </td>
      <td className="row-acts">
        {writes ? (
          <button type="button" className="button" onClick={() => setRemoving(true)}>
            {say("lists.forget")}
            <span className="unseen"> {list.name}</span>
          </button>
        ) : null}
        {removing ? (
          <ConfirmDialog
            does={say("lists.forget")}
            subject={`${list.name} · ${list.query}`}
            says={say("lists.forget-says")}
            destructive
            pending={remove.isPending}
            error={remove.error}
            onClose={() => setRemoving(false)}
            onDo={() => remove.mutate()}
          />
        ) : null}
      </td>
    </tr>
  );
};

interface CountProps {
  readonly party: string;
  readonly list: string;
  readonly words: string;
  readonly format: Format;
}

/** The figure alone; what cannot be said in this format, or stays here, stands beside it. */
export const CountOf = ({ party, list, words, format }: CountProps): ReactNode => {
  const { language, say } = useReader();
  const { data, error, isFetching } = useQuery(listCountQuery(language, party, list, words, format));
  if (error) return <span className="count-problem">{problemWords(say, error)}</span>;
  if (data === undefined) return isFetching ? <span className="quiet">{say("lists.counting")}</span> : null;
  const leaves = printNumber(language, data.leaves);
  const beside = [
    ...(data.unsaid > 0 ? [say("lists.unsaid", { count: data.unsaid })] : []),
    ...((data.withheld ?? 0) > 0 ? [say("lists.withheld", { count: data.withheld ?? 0 })] : []),
  ];
  return (
    <span className="counted">
      <b>{data.complete ? leaves : say("lists.at-least", { values: leaves })}</b>
      {beside.map((one) => (
        <span key={one} className="quiet">
          {one}
        </span>
      ))}
    </span>
  );
};
