import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { AdvisoryRow } from "@api/advisory.ts";
import { stricterTlp, type Tlp } from "#core/marking.ts";
import { advisoriesQuery } from "@web/api/queries.ts";
import { Choice } from "@web/parts/choice.tsx";
import { Failed } from "@web/parts/failed.tsx";
import { ListPage } from "@web/parts/list-page.tsx";
import { More } from "@web/parts/more.tsx";
import { Identifier } from "@web/parts/identifier.tsx";
import { SearchField } from "@web/parts/search-field.tsx";
import { TlpTag } from "@web/signs/tlp.tsx";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { Priority } from "./priority.tsx";
import { type AdvisorySearch, priorities } from "./search.ts";

/** What is known about weaknesses, newest first, each with how soon it wants work and why. */
export const AdvisoriesPage = (): ReactNode => {
  const { language, say } = useReader();
  const search = useSearch({ from: "/advisories" });
  const pages = useInfiniteQuery(advisoriesQuery(language, search));
  const { data, error, refetch, isPlaceholderData } = pages;
  const rows = data?.pages.flatMap((page) => page.advisories) ?? [];
  const tlp = rows.reduce<Tlp>((strictest, one) => stricterTlp(strictest, one.tlp), "clear");
  return (
    <ListPage title={say("advisories.title")} tlp={tlp}>
      <Filters search={search} />
      {error ? <Failed error={error} says={say("failed.title")} retry={() => void refetch()} /> : null}
      {data && rows.length === 0 ? (
        <p className="empty">{say(isAsked(search) ? "advisories.none" : "advisories.empty")}</p>
      ) : null}
      {rows.length > 0 ? (
        <div className="table-scroll" role="region" tabIndex={0} aria-label={say("advisories.list")}>
          <table className="table stack advisories" data-stale={isPlaceholderData}>
            <thead>
              <tr>
                <th scope="col">{say("advisory.priority")}</th>
                <th scope="col">{say("advisory.what")}</th>
                <th scope="col">{say("advisory.cves")}</th>
                <th scope="col" className="figure">
                  CVSS
                </th>
                <th scope="col" className="figure">
                  EPSS
                </th>
                <th scope="col">{say("source.title")}</th>
                <th scope="col">{say("advisory.updated")}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((one) => (
                <Row key={one.id} one={one} tlp={tlp} />
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      <More pages={pages} says={say("advisories.more")} />
    </ListPage>
  );
};

const isAsked = ({ search, priority, feed }: AdvisorySearch): boolean =>
  search !== undefined || priority !== undefined || feed !== undefined;

const Row = ({ one, tlp }: { readonly one: AdvisoryRow; readonly tlp: Tlp }): ReactNode => {
  const { say } = useReader();
  return (
    <tr>
      <td data-label={say("advisory.priority")}>
        <Priority level={one.priority} />
      </td>
      <th scope="row">
        <Link to="/advisories/$id" params={{ id: one.id }} lang={one.language}>
          {visible(one.title)}
        </Link>
        {one.withdrawn ? <span className="quiet"> {say("advisory.withdrawn")}</span> : null}
        {one.tlp === tlp ? null : <TlpTag tlp={one.tlp} />}
        <p className="reason">
          <Identifier text={one.key} />
          {one.products.length === 0 ? null : ` · ${visible(one.products.join(", "))}`}
          {one.productsTotal > one.products.length
            ? ` ${say("advisory.more", { count: one.productsTotal - one.products.length })}`
            : null}
        </p>
      </th>
      <td data-label={say("advisory.cves")}>
        {one.cves.slice(0, 2).map((cve) => (
          <span key={cve} className="cve">
            <Identifier text={cve} />
          </span>
        ))}
        {one.cves.length > 2 ? (
          <span className="quiet">{say("advisory.more", { count: one.cves.length - 2 })}</span>
        ) : null}
        {one.cves.length === 0 ? "–" : null}
      </td>
      <td className="figure" data-label="CVSS">
        {one.cvss === undefined ? "–" : one.cvss.toFixed(1)}
      </td>
      <td className="figure" data-label="EPSS">
        {one.epss === undefined ? "–" : printShare(one.epss)}
      </td>
      <td data-label={say("source.title")}>{visible(one.feed.title)}</td>
      <td data-label={say("advisory.updated")}>
        <Moment at={one.updated} />
      </td>
    </tr>
  );
};

/** "94 %", and "< 1 %" for what is small and not nothing. */
export const printShare = (share: number): string =>
  share < 0.01 ? "< 1\u00a0%" : `${Math.round(share * 100)}\u00a0%`;

const Filters = ({ search }: { readonly search: AdvisorySearch }): ReactNode => {
  const { say } = useReader();
  const navigate = useNavigate();
  const change = (next: Partial<AdvisorySearch>): void =>
    void navigate({ to: "/advisories", search: { ...search, ...next }, replace: true });
  return (
    <div className="filters" role="search">
      <Choice
        label={say("advisory.priority")}
        value={search.priority ?? ""}
        options={[["", say("queue.any")], ...priorities.map((one) => [one, say(`glossary.priority.${one}`)] as const)]}
        onChoose={(value) => change({ priority: priorities.find((one) => one === value) })}
      />
      <SearchField
        value={search.search ?? ""}
        hint={say("advisories.search-hint")}
        onSearch={(value) => change({ search: value === "" ? undefined : value })}
      />
      {search.feed === undefined ? null : (
        <button type="button" className="button" onClick={() => change({ feed: undefined })}>
          {say("advisories.all-sources")}
        </button>
      )}
    </div>
  );
};
