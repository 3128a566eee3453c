import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactNode, type RefObject, useEffect, useId, useState } from "react";
import type { FindingPage } from "@api/finding.ts";
import { severities } from "#core/severity.ts";
import { Key } from "@web/parts/key.tsx";
import { visible } from "@web/words/put.ts";
import { useReader, type WordKey } from "@web/words/reader.tsx";
import { type QueueSearch, views } from "./search.ts";

interface Props {
  readonly search: QueueSearch;
  readonly first: FindingPage | undefined;
  readonly field: RefObject<HTMLInputElement | null>;
  readonly news: ReactNode;
}

/** Title, views with their counts, and the filters; all of it lives in the address. */
export const QueueHead = ({ search, first, field, news }: Props): ReactNode => {
  const { say } = useReader();
  const navigate = useNavigate();
  const change = (next: Partial<QueueSearch>): void =>
    void navigate({ to: "/queue", search: { ...search, at: undefined, ...next }, replace: true });
  // what is rarely there takes no room while it is not
  const isShown = (view: QueueSearch["view"]): boolean =>
    view !== "muted" || view === search.view || (first?.counts.muted ?? 0) > 0;
  return (
    <div className="queue-head">
      <div className="queue-title">
        <h1>{say("queue.title")}</h1>
        <nav className="tabs" aria-label={say("queue.views")}>
          {views.filter(isShown).map((view) => (
            <Link
              key={view}
              to="/queue"
              search={{ ...search, view, at: undefined }}
              aria-current={view === search.view ? "page" : undefined}
            >
              {say(viewWords[view])} <span className="count">{first?.counts[view] ?? ""}</span>
            </Link>
          ))}
        </nav>
        {news}
      </div>
      <div className="filters" role="search">
        <Choice
          label={say("queue.group")}
          value={search.group ?? "organisation"}
          options={[
            ["organisation", say("queue.group.organisation")],
            ["none", say("queue.group.none")],
          ]}
          onChoose={(value) => change({ group: value === "none" ? "none" : undefined })}
        />
        <Choice
          label={say("queue.severity")}
          value={search.severity ?? ""}
          options={[
            ["", say("queue.any")],
            ...severities.toReversed().map((level) => [level, say(`glossary.severity.${level}`)] as const),
          ]}
          onChoose={(value) => change({ severity: severities.find((level) => level === value) })}
        />
        <Choice
          label={say("queue.organisation")}
          value={search.organisation ?? ""}
          options={[
            ["", say("queue.all")],
            ...(first?.groups ?? []).map((group) => [group.organisation.id, visible(group.organisation.name)] as const),
          ]}
          onChoose={(value) => change({ organisation: value === "" ? undefined : value })}
        />
        <SearchField
          key={search.search ?? ""}
          value={search.search ?? ""}
          field={field}
          onSearch={(value) => change({ search: value === "" ? undefined : value })}
        />
      </div>
    </div>
  );
};

const viewWords = {
  open: "view.open",
  shadow: "glossary.state.shadow",
  snoozed: "glossary.state.snoozed",
  suppressed: "glossary.state.suppressed",
  muted: "view.muted",
  closed: "view.closed",
} as const satisfies Record<QueueSearch["view"], WordKey>;

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, says: string])[];
  readonly onChoose: (value: string) => void;
}

const Choice = ({ label, value, options, onChoose }: ChoiceProps): ReactNode => (
  <label className="filter">
    <span>{label}</span>
    <select value={value} onChange={(event) => onChoose(event.target.value)}>
      {options.some(([known]) => known === value) ? null : <option value={value}>{value}</option>}
      {options.map(([each, says]) => (
        <option key={each} value={each}>
          {says}
        </option>
      ))}
    </select>
  </label>
);

interface SearchProps {
  readonly value: string;
  readonly field: RefObject<HTMLInputElement | null>;
  readonly onSearch: (value: string) => void;
}

/** Typing pauses before asking: a search per letter would ask for lists nobody reads. */
const restMs = 350;

const SearchField = ({ value, field, onSearch }: SearchProps): ReactNode => {
  const { say } = useReader();
  const [typed, setTyped] = useState(value);
  const id = useId();
  useEffect(() => {
    if (typed === value) return;
    const rest = setTimeout(() => onSearch(typed.trim()), restMs);
    return () => clearTimeout(rest);
  }, [typed, value, onSearch]);
  return (
    <div className="filter search">
      <label htmlFor={id}>{say("queue.search")}</label>
      <input
        ref={field}
        id={id}
        type="search"
        value={typed}
        title={say("queue.search-hint")}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") onSearch(typed.trim());
        }}
      />
      <Key name="/" />
    </div>
  );
};
