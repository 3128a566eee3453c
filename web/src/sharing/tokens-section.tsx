import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import type { TokenMade, TokenRow } from "@api/token.ts";
import { call } from "@web/api/call.ts";
import { tokensQuery } from "@web/api/sharing-queries.ts";
import { ConfirmDialog } from "@web/parts/confirm-dialog.tsx";
import { Failed } from "@web/parts/failed.tsx";
import { Secret } from "@web/parts/secret.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { Mark } from "@web/signs/mark.tsx";
import { serverNow, useNow } from "@web/time/clock.ts";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";

const dayMs = 86_400_000;
/** Days a new token lives; a subscriber that is forgotten stops by itself. */
const lives = [30, 90, 365] as const;

/** A token for each subscriber, so that one can be shut out without the others. */
export const TokensSection = ({ party }: { readonly party: string }): ReactNode => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const now = useNow();
  const id = useId();
  const tokens = useQuery(tokensQuery(language));
  const [title, setTitle] = useState("");
  const [days, setDays] = useState<number>(365);
  const [missing, setMissing] = useState(false);
  const [made, setMade] = useState<TokenMade>();
  const [revoking, setRevoking] = useState<TokenRow>();
  const again = (): Promise<void> => client.invalidateQueries({ queryKey: ["tokens"] });
  const make = useMutation({
    mutationFn: () =>
      call<TokenMade>(language, "/tokens", {
        method: "POST",
        body: {
          ...{ kind: "party", title: title.trim(), organisation: party, permissions: ["lists.read"] },
          until: new Date(serverNow() + days * dayMs).toISOString(),
        },
      }),
    onSuccess: async (token) => {
      setMade(token);
      setTitle("");
      await again();
    },
  });
  const revoke = useMutation({
    mutationFn: (token: string) => call(language, `/tokens/${encodeURIComponent(token)}`, { method: "DELETE" }),
    onSuccess: async () => {
      setRevoking(undefined);
      await again();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setMissing(title.trim() === "");
    if (title.trim() !== "") make.mutate();
  };
  const rows = (tokens.data?.tokens ?? []).filter(
    (one) => one.organisation.id === party && one.permissions.includes("lists.read"),
  );
  const ended = (one: TokenRow): boolean =>
    one.revoked !== undefined || (one.until !== undefined && Date.parse(one.until) <= now);
  return (
    <section>
      <h2>{say("tokens.title")}</h2>
      <p className="quiet">{say("tokens.says")}</p>
      {made === undefined ? null : (
        <Secret
          label={say("tokens.secret", { title: made.token.title })}
          text={made.secret}
          says={say("tokens.secret-says")}
          onKept={() => setMade(undefined)}
        />
      )}
      {tokens.error ? (
        <Failed error={tokens.error} says={say("failed.title")} retry={() => void tokens.refetch()} />
      ) : null}
      {rows.length === 0 ? null : (
        <Table
          label={say("tokens.title")}
          head={
            <Heads
              names={[
                say("tokens.subscriber"),
                say("source.state"),
                say("tokens.prefix"),
                say("tokens.used"),
                say("tokens.until"),
                { unseen: say("finding.acts") },
              ]}
            />
          }
        >
          {rows.map((one) => (
            <tr key={one.id}>
              <th scope="row">{visible(one.title)}</th>
              <td data-label={say("source.state")}>
                {one.revoked !== undefined ? (
                  <span className="quiet">{say("tokens.revoked")}</span>
                ) : ended(one) ? (
                  <span className="quiet">{say("tokens.over")}</span>
                ) : (
                  <Mark sign="good">{say("tokens.good")}</Mark>
                )}
              </td>
              <td data-label={say("tokens.prefix")}>
                <code>wgl_{one.prefix}_…</code>
              </td>
              <td data-label={say("tokens.used")}>
                {one.lastUsed === undefined ? say("tokens.never") : <Moment at={one.lastUsed} />}
              </td>
              <td data-label={say("tokens.until")}>{one.until === undefined ? "–" : <Moment at={one.until} />}</td>
              <td className="row-acts">
                {ended(one) ? null : (
                  <button type="button" className="button destructive" onClick={() => setRevoking(one)}>
                    {say("tokens.revoke")}
                    <span className="unseen"> {one.title}</span>
                  </button>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
      <form className="form inline" onSubmit={submit} noValidate>
        <div className="field short">
          <label htmlFor={id}>{say("tokens.new")}</label>
          <input
            id={id}
            type="text"
            maxLength={120}
            autoComplete="off"
            aria-required
            aria-invalid={missing}
            aria-describedby={`${id}-says`}
            value={title}
            onChange={(event) => {
              setTitle(event.target.value);
              setMissing(false);
            }}
          />
          <p id={`${id}-says`} className={missing ? "field-problem" : "quiet"}>
            {say("tokens.new-says")}
          </p>
        </div>
        <label className="filter">
          <span>{say("tokens.lives")}</span>
          <select value={days} onChange={(event) => setDays(Number(event.target.value))}>
            {lives.map((one) => (
              <option key={one} value={one}>
                {say("time.days", { count: one })}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" className="button" disabled={make.isPending}>
          {say("tokens.make")}
        </button>
      </form>
      {make.error ? <Failed error={make.error} says={say("failed.title")} /> : null}
      {revoking === undefined ? null : (
        <ConfirmDialog
          does={say("tokens.revoke")}
          subject={revoking.title}
          says={say("tokens.revoke-says")}
          destructive
          pending={revoke.isPending}
          error={revoke.error}
          onClose={() => setRevoking(undefined)}
          onDo={() => revoke.mutate(revoking.id)}
        />
      )}
    </section>
  );
};
