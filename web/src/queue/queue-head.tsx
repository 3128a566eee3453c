import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode, RefObject } from "react";
import type { FindingPage } from "@api/finding.ts";
import { severities } from "#core/severity.ts";
import { Choice } from "@web/parts/choice.tsx";
import { SearchField } from "@web/parts/search-field.tsx";
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
          value={search.search ?? ""}
          hint={say("queue.search-hint")}
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
