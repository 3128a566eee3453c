import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ProductMatchRow } from "@api/inventory.ts";
import { Identifier } from "@web/parts/identifier.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

/** "CVE-2026-10001 · web-01, likely": the weakness leads to its advisory. */
export const MatchLine = ({ match }: { readonly match: ProductMatchRow }): ReactNode => {
  const { say } = useReader();
  return (
    <p className="match-line">
      <Weakness match={match} />{" "}
      <span className="quiet">
        {visible(match.asset)} · {say(`glossary.certainty.${match.certainty}`)}
      </span>
    </p>
  );
};

export const Weakness = ({ match }: { readonly match: ProductMatchRow }): ReactNode =>
  match.advisory === undefined ? (
    <Identifier text={match.weakness} />
  ) : (
    <Link to="/advisories/$id" params={{ id: match.advisory.id }} title={visible(match.title)}>
      <Identifier text={match.weakness} />
    </Link>
  );

/** Words, since colour is severity's: what strangers reach, and what is being used. */
export const Standing = ({
  exposed,
  exploited,
}: {
  readonly exposed: boolean;
  readonly exploited: boolean;
}): ReactNode => {
  const { say } = useReader();
  if (!exposed && !exploited) return null;
  return (
    <p className="standing">
      {exposed ? <span className="tag">{say("products.exposed")}</span> : null}
      {exploited ? <span className="tag strong">{say("products.used")}</span> : null}
    </p>
  );
};
