import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { WeaknessRow } from "@api/inventory.ts";
import { printShare } from "@web/advisories/advisories-page.tsx";
import { Priority } from "@web/advisories/priority.tsx";
import { priorities } from "@web/advisories/search.ts";
import { weaknessesQuery } from "@web/api/product-queries.ts";
import { Choice } from "@web/parts/choice.tsx";
import { ExportButtons } from "@web/parts/export-buttons.tsx";
import { Identifier } from "@web/parts/identifier.tsx";
import { ListPage } from "@web/parts/list-page.tsx";
import { More } from "@web/parts/more.tsx";
import { SearchField } from "@web/parts/search-field.tsx";
import { Heads, Table } from "@web/parts/table.tsx";
import { Moment } from "@web/time/moment.tsx";
import { printNumber } from "@words/number.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { Standing } from "./match-line.tsx";
import { OrganisationChoice } from "./organisation-choice.tsx";
import { isAsked, type WeaknessSearch } from "./search.ts";

/** What touches how many: weaknesses of what organisations run, exposed and exploited first. */
export const WeaknessesPage = (): ReactNode => {
  const { language, say } = useReader();
  const search = useSearch({ from: "/products" });
  const pages = useInfiniteQuery(weaknessesQuery(language, search));
  const { data, error, refetch, isPlaceholderData } = pages;
  const [first] = data?.pages ?? [];
  const rows = data?.pages.flatMap((page) => page.weaknesses) ?? [];
  const count = (value: number): string => printNumber(language, value);
  return (
    <ListPage
      title={say("weaknesses.title")}
      tlp="amber+strict"
      says={
        first === undefined ? undefined : (
          <>
            {say("weaknesses.found", { count: first.found })}
            {" · "}
            {say("weaknesses.touched", { count: first.organisations })}
            {first.urgent === 0 ? null : (
              <>
                {" · "}
                <b>{say("weaknesses.urgent", { count: first.urgent })}</b>
              </>
            )}
          </>
        )
      }
      error={error}
      retry={() => void refetch()}
    >
      <Filters search={search} />
      {first !== undefined && rows.length === 0 ? (
        <p className="empty">{say(isAsked(search) ? "advisories.none" : "weaknesses.none")}</p>
      ) : null}
      {rows.length === 0 ? null : (
        <>
          <Table
            label={say("weaknesses.list")}
            of="weaknesses"
            stale={isPlaceholderData}
            head={
              <Heads
                names={[
                  say("advisory.priority"),
                  say("weaknesses.weakness"),
                  { figure: say("weaknesses.organisations") },
                  say("weaknesses.who"),
                  { figure: say("products.assets") },
                  { figure: say("weaknesses.exposed") },
                  { figure: "EPSS" },
                  { figure: "CVSS" },
                  say("products.since"),
                ]}
              />
            }
          >
            {rows.map((one) => (
              <Row key={one.weakness} one={one} count={count} />
            ))}
          </Table>
          <More pages={pages} says={say("advisories.more")} />
          <ExportButtons name="weaknesses" rows={rows} columns={columns} />
        </>
      )}
    </ListPage>
  );
};

const columns: readonly (readonly [string, (row: WeaknessRow) => string | number])[] = [
  ["weakness", ({ weakness }) => weakness],
  ["title", ({ title }) => title],
  ["priority", ({ priority }) => priority],
  ["exploited", ({ exploited }) => String(exploited)],
  ["exposed", ({ exposed }) => String(exposed)],
  ["epss", ({ epss }) => epss ?? ""],
  ["cvss", ({ cvss }) => cvss ?? ""],
  ["due", ({ due }) => due ?? ""],
  ["organisations", ({ organisationsTotal }) => organisationsTotal],
  ["most_pressing", ({ organisations }) => organisations.map(({ organisation }) => organisation.name).join("; ")],
  ["assets", ({ assets }) => assets],
  ["exposed_assets", ({ exposedAssets }) => exposedAssets],
  ["products", ({ products }) => products.join("; ")],
  ["since", ({ since }) => since],
];

const Row = ({ one, count }: { readonly one: WeaknessRow; readonly count: (value: number) => string }): ReactNode => {
  const { say } = useReader();
  const rest = one.organisationsTotal - one.organisations.length;
  return (
    <tr data-urgent={one.urgent}>
      <td data-label={say("advisory.priority")}>
        <Priority level={one.priority} />
      </td>
      <th scope="row">
        <Link to="/products/weakness" search={{ of: one.weakness }}>
          <Identifier text={one.weakness} />
        </Link>
        <p className="reason">
          {one.title === one.weakness || one.title === "" ? null : visible(one.title)}
          {one.title === one.weakness || one.title === "" || one.products.length === 0 ? null : " · "}
          {visible(one.products.join(", "))}
          {one.productsTotal > one.products.length
            ? ` ${say("advisory.more", { count: one.productsTotal - one.products.length })}`
            : null}
        </p>
        {one.hidden === true ? <p className="reason">{say("products.hidden")}</p> : null}
        <Standing exposed={one.exposed} exploited={one.exploited} />
      </th>
      <td className="figure" data-label={say("weaknesses.organisations")}>
        {count(one.organisationsTotal)}
      </td>
      <td className="wrap" data-label={say("weaknesses.who")}>
        {one.organisations.map(({ organisation }) => (
          <p key={organisation.id} className="match-line">
            <Link to="/products/$organisation" params={{ organisation: organisation.id }}>
              {visible(organisation.name)}
            </Link>
          </p>
        ))}
        {rest > 0 ? (
          <Link className="quiet" to="/products/weakness" search={{ of: one.weakness }}>
            {say("advisory.more", { count: rest })}
          </Link>
        ) : null}
      </td>
      <td className="figure" data-label={say("products.assets")}>
        {count(one.assets)}
      </td>
      <td className="figure" data-label={say("weaknesses.exposed")}>
        {one.exposedAssets === 0 ? "–" : count(one.exposedAssets)}
      </td>
      <td className="figure" data-label="EPSS">
        {one.epss === undefined ? "–" : printShare(one.epss)}
      </td>
      <td className="figure" data-label="CVSS">
        {one.cvss === undefined ? "–" : one.cvss.toFixed(1)}
      </td>
      <td data-label={say("products.since")}>
        <Moment at={one.since} />
      </td>
    </tr>
  );
};

const Filters = ({ search }: { readonly search: WeaknessSearch }): ReactNode => {
  const { say } = useReader();
  const navigate = useNavigate();
  const change = (next: Partial<WeaknessSearch>): void =>
    void navigate({ to: "/products", search: { ...search, ...next }, replace: true });
  return (
    <OrganisationChoice here="all">
      <Choice
        label={say("advisory.priority")}
        value={search.priority ?? ""}
        options={[["", say("queue.any")], ...priorities.map((one) => [one, say(`glossary.priority.${one}`)] as const)]}
        onChoose={(value) => change({ priority: priorities.find((one) => one === value) })}
      />
      <Check
        says={say("products.exposed")}
        on={search.exposed === true}
        onChange={(on) => change({ exposed: on ? true : undefined })}
      />
      <Check
        says={say("products.used")}
        on={search.exploited === true}
        onChange={(on) => change({ exploited: on ? true : undefined })}
      />
      <SearchField
        value={search.search ?? ""}
        hint={say("weaknesses.search-hint")}
        onSearch={(value) => change({ search: value === "" ? undefined : value })}
      />
    </OrganisationChoice>
  );
};

const Check = ({
  says,
  on,
  onChange,
}: {
  readonly says: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
}): ReactNode => (
  <label className="filter">
    <input type="checkbox" checked={on} onChange={(event) => onChange(event.target.checked)} />
    <span>{says}</span>
  </label>
);
