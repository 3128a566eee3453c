import type { ReactNode } from "react";
import type { NamedLabel } from "@api/named-label.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

/** What the words of sources mean: rows of a list of facts. Several meanings stay several. */
export const NameRows = ({ names }: { readonly names: readonly NamedLabel[] }): ReactNode => {
  const { say } = useReader();
  return names.map(({ label, meanings }) => (
    <div key={label} className="fact">
      <dt>{visible(label)}</dt>
      <dd>
        {meanings.length > 1 ? <span className="quiet">{say("indicator.ambiguous")} </span> : null}
        {visible(meanings.map((one) => `${one.name} (${one.kind}, ${one.source})`).join("; "))}
        {meanings.every((one) => one.gone) ? <span className="quiet"> {say("names.gone")}</span> : null}
      </dd>
    </div>
  ));
};

/** The same as a section of its own; nothing where no word is a name. */
export const Names = ({ names }: { readonly names: readonly NamedLabel[] }): ReactNode => {
  const { say } = useReader();
  if (names.length === 0) return null;
  return (
    <section>
      <h2>{say("indicator.names")}</h2>
      <dl className="facts">
        <NameRows names={names} />
      </dl>
    </section>
  );
};
