import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { PreviewValue, SharingParty } from "@api/sharing.ts";
import { sharingLedgerQuery, sharingPreviewQuery } from "@web/api/queries.ts";
import { Frame } from "@web/frame/frame.tsx";
import { Failed } from "@web/parts/failed.tsx";
import { Identifier } from "@web/parts/identifier.tsx";
import { TlpTag } from "@web/signs/tlp.tsx";
import { Moment } from "@web/time/moment.tsx";
import { printNumber } from "@words/number.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { FieldTable } from "./field-table.tsx";
import { PartyTabs } from "./sharing-tabs.tsx";

/** What a party would receive: on the left what we hold and what becomes of each field, on the right what leaves. */
export const PreviewPage = (): ReactNode => {
  const { party: id } = useParams({ from: "/sharing/$party" });
  const { language, say } = useReader();
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery(
    sharingPreviewQuery(language, id),
  );
  const [at, setAt] = useState(0);
  const party = data?.pages[0]?.party;
  const values = data?.pages.flatMap((page) => page.values) ?? [];
  const value = values[at];
  const next = (): void => {
    if (at + 1 < values.length) setAt(at + 1);
    if (at + 2 >= values.length && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  };
  return (
    <Frame title={party === undefined ? say("sharing.title") : say("preview.title", { party: party.name })} tlp="amber">
      <div className="sheet single preview">
        <p className="back">
          <Link to="/sharing">{say("preview.back")}</Link>
        </p>
        {error ? <Failed error={error} says={say("failed.title")} retry={() => void refetch()} /> : null}
        {party === undefined ? null : (
          <>
            <header className="preview-head">
              <div>
                <h1>{say("preview.title", { party: visible(party.name) })}</h1>
                <p className="quiet">{say("preview.says")}</p>
              </div>
              {value === undefined ? null : (
                <p className="preview-steps">
                  <button type="button" className="button" disabled={at === 0} onClick={() => setAt(at - 1)}>
                    {say("preview.previous")}
                  </button>
                  <button
                    type="button"
                    className="button"
                    disabled={at + 1 >= values.length && !hasNextPage}
                    onClick={next}
                  >
                    {say("preview.next")}
                  </button>
                </p>
              )}
            </header>
            <PartyTabs party={id} />
            <Terms party={party} />
            {value === undefined ? <p className="empty">{say("preview.empty")}</p> : <Value value={value} />}
            <Ledger party={id} />
          </>
        )}
      </div>
    </Frame>
  );
};

const Terms = ({ party }: { readonly party: SharingParty }): ReactNode => {
  const { language, say } = useReader();
  const { agreement } = party;
  return (
    <dl className="band">
      <div>
        <dt>{say("sharing.party")}</dt>
        <dd>{visible(party.name)}</dd>
      </div>
      <div>
        <dt>{say("sharing.agreement")}</dt>
        <dd>
          {agreement === undefined
            ? say("sharing.agreement.none")
            : say(agreement.inForce ? "sharing.agreement.in-force" : "sharing.agreement.over")}
        </dd>
      </div>
      {agreement === undefined ? null : (
        <>
          <div>
            <dt>{say("sharing.ceiling")}</dt>
            <dd>
              <TlpTag tlp={agreement.tlpMax} />
            </dd>
          </div>
          <div>
            <dt>{say("sharing.profile")}</dt>
            <dd>{say(agreement.anonymiseSources ? "sharing.anonymous" : "sharing.named")}</dd>
          </div>
        </>
      )}
      <div>
        <dt>{say("sharing.lately")}</dt>
        <dd>
          {say("sharing.lately.says", { count: party.objects, responses: printNumber(language, party.responses) })}
        </dd>
      </div>
    </dl>
  );
};

const Value = ({ value }: { readonly value: PreviewValue }): ReactNode => {
  const { say } = useReader();
  const leaves = value.does === "leaves";
  return (
    <div className="preview-sides">
      <section>
        <h2>
          {say("preview.held")} <TlpTag tlp={value.held.tlp} />
        </h2>
        <FieldTable value={value} />
      </section>
      <section>
        <h2>
          {say("preview.leaves")} {leaves && value.note !== undefined ? <TlpTag tlp={value.note.tlp} /> : null}
        </h2>
        {leaves && value.text !== undefined ? (
          <pre className="preview-text" tabIndex={0} aria-label={say("preview.leaves")}>
            {visible(pretty(value.text)).replaceAll("\\u{a}", "\n")}
          </pre>
        ) : (
          <p className="preview-nothing">
            {value.does === "aside" && value.aside !== undefined
              ? say(`preview.aside.${value.aside}`)
              : say("preview.nothing")}
          </p>
        )}
      </section>
    </div>
  );
};

/** JSON is shown indented; a line of another format as it is. */
const pretty = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 1);
  } catch {
    return text;
  }
};

const Ledger = ({ party }: { readonly party: string }): ReactNode => {
  const { language, say } = useReader();
  const { data, hasNextPage, fetchNextPage } = useInfiniteQuery(sharingLedgerQuery(language, party));
  const entries = data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <section className="preview-ledger">
      <h2>{say("preview.ledger")}</h2>
      {data && entries.length === 0 ? <p className="empty">{say("preview.ledger.empty")}</p> : null}
      {entries.length === 0 ? null : (
        <div className="table-scroll" role="region" tabIndex={0} aria-label={say("preview.ledger")}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{say("preview.ledger.at")}</th>
                <th scope="col">{say("preview.ledger.query")}</th>
                <th scope="col" className="figure">
                  {say("sharing.objects")}
                </th>
                <th scope="col">SHA-256</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <tr key={`${entry.at} ${entry.contentHash}`}>
                  <td>
                    <Moment at={entry.at} />
                  </td>
                  <th scope="row">
                    <Identifier text={entry.query} />
                  </th>
                  <td className="figure">{printNumber(language, entry.objects)}</td>
                  <td>
                    <code>{entry.contentHash.slice(0, 16)}…</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {hasNextPage ? (
        <p className="more">
          <button type="button" className="button" onClick={() => void fetchNextPage()}>
            {say("preview.more")}
          </button>
        </p>
      ) : null}
    </section>
  );
};
