import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, Fragment, type ReactNode, useEffect, useId, useMemo, useState } from "react";
import type { IndicatorPage as Page, IndicatorRow } from "@api/indicator.ts";
import { stricterTlp, type Tlp } from "#core/marking.ts";
import { indicatorsQuery, sourcesQuery } from "@web/api/queries.ts";
import { mayReadSources, useMe } from "@web/frame/session.ts";
import { Failed } from "@web/parts/failed.tsx";
import { ListPage } from "@web/parts/list-page.tsx";
import { More } from "@web/parts/more.tsx";
import { Identifier } from "@web/parts/identifier.tsx";
import { Grade } from "@web/signs/grade.tsx";
import { TlpTag } from "@web/signs/tlp.tsx";
import { serverNow } from "@web/time/clock.ts";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { dayChoices, type IndicatorSearch, kinds } from "./search.ts";
import { IndicatorTabs } from "./indicator-tabs.tsx";
import { Standing } from "./standing.tsx";

const dayMs = 86_400_000;

/** What is known to be bad: one box for whatever was pasted, and the answers in the order of how near they are. */
export const IndicatorsPage = (): ReactNode => {
  const { language, say } = useReader();
  const search = useSearch({ from: "/indicators" });
  const since = useMemo(
    () => (search.days === undefined ? undefined : new Date(serverNow() - search.days * dayMs).toISOString()),
    [search.days],
  );
  const pages = useInfiniteQuery(indicatorsQuery(language, search, since));
  const { data, error, refetch, isPlaceholderData } = pages;
  const rows = data?.pages.flatMap((page) => page.indicators) ?? [];
  const tlp = rows.reduce<Tlp>((strictest, one) => stricterTlp(strictest, one.tlp), "green");
  const first = data?.pages[0];
  return (
    <ListPage title={say("indicators.title")} tlp={tlp} tabs={<IndicatorTabs />}>
      <Filters search={search} />
      <p className="quiet" role="status">
        {first === undefined ? "" : <Understood page={first} asked={search.search !== undefined} />}
      </p>
      {first?.behind === undefined ? null : (
        <p className="quiet">
          {first.behind.filling ? say("indicators.filling") : say("indicators.behind", { count: first.behind.batches })}
        </p>
      )}
      {error ? <Failed error={error} says={say("failed.title")} retry={() => void refetch()} /> : null}
      {data && rows.length === 0 ? (
        <p className="empty">{say(search.search === undefined ? "indicators.empty" : "indicators.none")}</p>
      ) : null}
      {rows.length > 0 ? <Table rows={rows} tlp={tlp} stale={isPlaceholderData} /> : null}
      <More pages={pages} says={say("indicators.more")} />
    </ListPage>
  );
};

const Understood = ({ page, asked }: { readonly page: Page; readonly asked: boolean }): ReactNode => {
  const { say } = useReader();
  if (!asked) return say("indicators.hint");
  if (page.understood === undefined) return say("indicators.as-text");
  return (
    <>
      {say(`kind.${page.understood.kind}`)} <Identifier text={page.understood.value} />
    </>
  );
};

const Table = ({
  rows,
  tlp,
  stale,
}: {
  readonly rows: readonly IndicatorRow[];
  readonly tlp: Tlp;
  readonly stale: boolean;
}): ReactNode => {
  const { say } = useReader();
  return (
    <div className="table-scroll" role="region" tabIndex={0} aria-label={say("indicators.list")}>
      <table className="table stack indicators" data-stale={stale}>
        <thead>
          <tr>
            <th scope="col">{say("indicator.value")}</th>
            <th scope="col">{say("indicator.standing")}</th>
            <th scope="col" className="figure">
              {say("indicator.score")}
            </th>
            <th scope="col">{say("column.grade")}</th>
            <th scope="col">{say("indicator.says")}</th>
            <th scope="col" className="figure">
              {say("indicator.sources")}
            </th>
            <th scope="col">{say("indicator.last-seen")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one, at) => (
            <Fragment key={one.id}>
              {one.way !== "listed" && one.way !== rows[at - 1]?.way ? (
                <tr className="group">
                  <th scope="colgroup" colSpan={7}>
                    {say(`way.${one.way}`)}
                  </th>
                </tr>
              ) : null}
              <Row one={one} tlp={tlp} />
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
};

const Row = ({ one, tlp }: { readonly one: IndicatorRow; readonly tlp: Tlp }): ReactNode => {
  const { say } = useReader();
  return (
    <tr>
      <th scope="row">
        <Link to="/indicators/$id" params={{ id: one.id }}>
          <Identifier text={one.value} />
        </Link>{" "}
        <span className="quiet">{say(`kind.${one.kind}`)}</span>
        {one.tlp === tlp ? null : <TlpTag tlp={one.tlp} />}
      </th>
      <td data-label={say("indicator.standing")}>
        <Standing standing={one.standing} />
      </td>
      <td className="figure" data-label={say("indicator.score")}>
        {Math.round(one.score)}
      </td>
      <td data-label={say("column.grade")}>{one.grade === undefined ? "–" : <Grade grade={one.grade} />}</td>
      <td data-label={say("indicator.says")}>
        <span className="labels">{one.labels.length === 0 ? "–" : visible(one.labels.join(", "))}</span>
      </td>
      <td className="figure" data-label={say("indicator.sources")}>
        {one.sources}
      </td>
      <td data-label={say("indicator.last-seen")}>
        <Moment at={one.lastSeen} />
      </td>
    </tr>
  );
};

const Filters = ({ search }: { readonly search: IndicatorSearch }): ReactNode => {
  const { say } = useReader();
  const navigate = useNavigate();
  const id = useId();
  const [typed, setTyped] = useState(search.search ?? "");
  useEffect(() => setTyped(search.search ?? ""), [search.search]);
  const change = (next: Partial<IndicatorSearch>): void =>
    void navigate({ to: "/indicators", search: { ...search, ...next } });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const wanted = typed.trim();
    change({ search: wanted === "" ? undefined : wanted });
  };
  return (
    <form className="filters" role="search" aria-label={say("indicators.title")} onSubmit={submit}>
      <div className="filter search wide">
        <label htmlFor={id}>{say("queue.search")}</label>
        <input
          id={id}
          type="search"
          maxLength={8192}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          placeholder={say("indicators.search-hint")}
          onChange={(event) => setTyped(event.target.value)}
        />
      </div>
      <button type="submit" className="button">
        {say("queue.search")}
      </button>
      <label className="filter">
        <span>{say("indicator.kind")}</span>
        <select
          value={search.kind ?? ""}
          onChange={(event) => change({ kind: kinds.find((one) => one === event.target.value) })}
        >
          <option value="">{say("queue.any")}</option>
          {kinds.map((one) => (
            <option key={one} value={one}>
              {say(`kind.${one}`)}
            </option>
          ))}
        </select>
      </label>
      <SourceFilter feed={search.feed} change={(feed) => change({ feed })} />
      <label className="filter">
        <span>{say("indicator.since")}</span>
        <select
          value={search.days ?? ""}
          onChange={(event) => change({ days: dayChoices.find((one) => one === Number(event.target.value)) })}
        >
          <option value="">{say("queue.any")}</option>
          {dayChoices.map((one) => (
            <option key={one} value={one}>
              {say("time.days", { count: one })}
            </option>
          ))}
        </select>
      </label>
      <label className="filter">
        <input
          type="checkbox"
          checked={search.alive === true}
          onChange={(event) => change({ alive: event.target.checked ? true : undefined })}
        />
        <span>{say("indicator.alive")}</span>
      </label>
    </form>
  );
};

/** Sources by name, for whoever may know them. */
const SourceFilter = ({
  feed,
  change,
}: {
  readonly feed: string | undefined;
  readonly change: (feed: string | undefined) => void;
}): ReactNode => {
  const { language, say } = useReader();
  const me = useMe();
  const { data } = useQuery({ ...sourcesQuery(language), enabled: mayReadSources(me) });
  if (data === undefined) return null;
  const listed = data.sources.filter((source) => source.indicators > 0 || source.id === feed);
  return (
    <label className="filter">
      <span>{say("source.title")}</span>
      <select
        value={feed ?? ""}
        onChange={(event) => change(event.target.value === "" ? undefined : event.target.value)}
      >
        <option value="">{say("queue.any")}</option>
        {listed.map((source) => (
          <option key={source.id} value={source.id}>
            {visible(source.title)}
          </option>
        ))}
      </select>
    </label>
  );
};
