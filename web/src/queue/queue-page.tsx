import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { FindingDetail, FindingRow } from "@api/finding.ts";
import { stricterTlp, type Tlp } from "#core/marking.ts";
import { findingQuery, findingsQuery, sourcesQuery } from "@web/api/queries.ts";
import { useStream } from "@web/api/stream.ts";
import { type Act, actOfKey, bulkActs } from "@web/finding/acts.ts";
import { FindingPane } from "@web/finding/pane.tsx";
import { audienceWords } from "@web/finding/parts.tsx";
import { typing } from "@web/finding/typing.ts";
import { useActs } from "@web/finding/use-acts.tsx";
import { Frame } from "@web/frame/frame.tsx";
import { useNarrow } from "@web/frame/narrow.ts";
import { mayReadSources, useMe, useZone } from "@web/frame/session.ts";
import { useSingleKeys } from "@web/frame/shortcuts.ts";
import { Failed } from "@web/parts/failed.tsx";
import { Sentence, slot } from "@web/parts/sentence.tsx";
import { serverNow } from "@web/time/clock.ts";
import { Moment } from "@web/time/moment.tsx";
import { printClock } from "@web/time/print.ts";
import { useReader } from "@web/words/reader.tsx";
import { BulkBar } from "./bulk-bar.tsx";
import { KeysHelp } from "./keys-help.tsx";
import { linesOf } from "./lines.ts";
import { QueueHead } from "./queue-head.tsx";
import { QueueList } from "./queue-list.tsx";
import type { QueueSearch } from "./search.ts";

/** What waits for staff: one line a finding, the current one explained beside it. */
export const QueuePage = (): ReactNode => {
  const search: QueueSearch = useSearch({ from: "/queue" });
  const { language, say } = useReader();
  const client = useQueryClient();
  const navigate = useNavigate();
  const narrow = useNarrow();
  const zone = useZone();
  const keys = useSingleKeys();
  const grid = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [help, setHelp] = useState(false);
  const [news, setNews] = useState<{ count: number; since: string }>();

  const { view, organisation, severity, search: words } = search;
  const filter = useMemo(
    () => ({ view, organisation, severity, search: words }),
    [view, organisation, severity, words],
  );
  const list = useInfiniteQuery(findingsQuery(language, filter));
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage, isPlaceholderData, dataUpdatedAt } =
    list;
  const pages = useMemo(() => data?.pages ?? [], [data]);
  const rows = useMemo(() => new Map(pages.flatMap((page) => page.findings).map((row) => [row.id, row])), [pages]);
  const grouped = search.group !== "none";
  const lines = useMemo(() => linesOf(pages, grouped, folded), [pages, grouped, folded]);
  const order = useMemo(() => lines.flatMap((line) => (line.kind === "finding" ? [line.key] : [])), [lines]);

  // The current row is the address's; when it left the list, the row now in its place.
  const lastPlace = useRef(0);
  const wanted = search.at !== undefined && order.includes(search.at) ? search.at : undefined;
  const current = wanted ?? order[Math.min(lastPlace.current, order.length - 1)];
  const place = current === undefined ? -1 : order.indexOf(current);
  useEffect(() => {
    if (place >= 0) lastPlace.current = place;
  }, [place]);
  useEffect(() => {
    lastPlace.current = 0;
    setSelected(new Set());
  }, [filter]);

  const go = useCallback(
    (next: Partial<QueueSearch>) => void navigate({ to: "/queue", search: { ...search, ...next }, replace: true }),
    [navigate, search],
  );
  const open = useCallback((id: string) => void navigate({ to: "/findings/$id", params: { id } }), [navigate]);
  const onCurrent = useCallback((id: string) => (narrow ? open(id) : go({ at: id })), [narrow, open, go]);
  const onSelect = useCallback(
    (id: string) =>
      setSelected((before) => {
        const after = new Set(before);
        if (!after.delete(id)) after.add(id);
        return after;
      }),
    [],
  );
  const onFold = useCallback(
    (id: string) =>
      setFolded((before) => {
        const after = new Set(before);
        if (!after.delete(id)) after.add(id);
        return after;
      }),
    [],
  );
  const onMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  useStream(
    useMemo(
      () => ({
        findings: (changed: number) =>
          setNews((before) => ({
            count: (before?.count ?? 0) + changed,
            since: before?.since ?? new Date(serverNow()).toISOString(),
          })),
        sources: () => void client.invalidateQueries({ queryKey: ["sources"] }),
      }),
      [client],
    ),
  );
  useEffect(() => setNews(undefined), [dataUpdatedAt]);

  const clear = useCallback(() => setSelected(new Set()), []);
  const { begin, dialog, outcome, failed } = useActs(clear);
  const act = useCallback(
    (which: Act) => {
      const chosen = [...selected].map((id) => rows.get(id)).filter((row): row is FindingRow => row !== undefined);
      if (chosen.length > 0) {
        if ((bulkActs[view] as readonly Act[]).includes(which)) begin(which, chosen);
        return;
      }
      if (current === undefined || narrow) return;
      const detail = client.getQueryData<FindingDetail>(findingQuery(language, current).queryKey);
      if (detail?.acts.includes(which)) begin(which, [detail.finding], audienceWords(detail));
    },
    [selected, rows, view, begin, current, narrow, client, language],
  );

  useEffect(() => {
    if (!keys) return;
    const onKey = (event: KeyboardEvent): void => {
      if (typing(event)) return;
      const step = event.key === "j" ? 1 : event.key === "k" ? -1 : 0;
      const which = actOfKey(event.key);
      if (step !== 0) {
        const next = order[Math.max(0, Math.min(order.length - 1, place + step))];
        if (next !== undefined) go({ at: next });
        grid.current?.focus({ preventScroll: true });
      } else if (event.key === "x" && current !== undefined) onSelect(current);
      else if (event.key === "/") field.current?.focus();
      else if (event.key === "?") setHelp(true);
      else if (which !== undefined) act(which);
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [keys, order, place, current, go, onSelect, act]);

  // Arrows, Home, End, Enter and Space belong to the grid itself, and stay when single keys are off.
  const onGridKey = (event: React.KeyboardEvent): void => {
    if (event.target !== grid.current) return;
    const to = {
      ArrowDown: place + 1,
      ArrowUp: place - 1,
      Home: 0,
      End: order.length - 1,
      PageDown: place + 20,
      PageUp: place - 20,
    }[event.key];
    if (to !== undefined) {
      const next = order[Math.max(0, Math.min(order.length - 1, to))];
      if (next !== undefined) go({ at: next });
    } else if (event.key === "Enter" && current !== undefined) open(current);
    else if (event.key === " " && current !== undefined) onSelect(current);
    else return;
    event.preventDefault();
  };

  const tlp = [...rows.values()].reduce<Tlp>((strictest, row) => stricterTlp(strictest, row.tlp), "amber");
  const filtered = organisation !== undefined || severity !== undefined || words !== undefined;
  const first = pages[0];
  return (
    <Frame title={say("queue.title")} tlp={tlp} wide>
      <div className="queue" data-pane={!narrow && order.length > 0}>
        <div className="queue-list" onKeyDown={onGridKey}>
          <QueueHead
            search={search}
            first={first}
            field={field}
            news={
              news ? (
                <p className="news" role="status">
                  <svg className="sign flare" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
                    <path d="M1.2 12.8C1.6 7.2 5.2 2.2 11.2 1.200c1.3-.2 1.8.4 1.5 1.700C11.5 8.8 6.8 12.6 1.2 12.800z" />
                  </svg>
                  <NewsWords count={news.count} since={news.since} />
                  <button type="button" className="plain" onClick={() => void refetch()}>
                    {say("queue.show")}
                  </button>
                </p>
              ) : null
            }
          />
          {error ? (
            <Failed
              error={error}
              says={first ? say("failed.stale", { time: printClock(dataUpdatedAt, zone) }) : say("failed.title")}
              retry={() => void refetch()}
            />
          ) : null}
          {order.length > 0 || (first && first.groups.length > 0) ? (
            <QueueList
              grid={grid}
              lines={lines}
              total={lines.length}
              current={narrow ? undefined : current}
              selected={selected}
              stale={isPlaceholderData || (error !== null && first !== undefined)}
              view={view}
              onCurrent={onCurrent}
              onOpen={open}
              onSelect={onSelect}
              onFold={onFold}
              onMore={onMore}
            />
          ) : first ? (
            <div className="empty">
              <p>
                {filtered ? say("queue.empty.filtered") : say(`queue.empty.${view}`)}{" "}
                {filtered ? null : <EmptyTimes lastClosed={first.lastClosed} />}
              </p>
              {filtered ? (
                <Link to="/queue" search={{ view }}>
                  {say("queue.clear-filter")}
                </Link>
              ) : null}
            </div>
          ) : error ? null : (
            <p className="empty" role="status">
              {say("queue.reading")}
            </p>
          )}
          <BulkBar view={view} selected={selected.size} outcome={outcome} failed={failed} begin={act} clear={clear} />
        </div>
        {narrow || current === undefined ? null : <FindingPane id={current} pageTlp={tlp} begin={act} />}
      </div>
      {dialog}
      {help ? <KeysHelp onClose={() => setHelp(false)} /> : null}
    </Frame>
  );
};

const NewsWords = ({ count, since }: { readonly count: number; readonly since: string }): ReactNode => {
  const { say } = useReader();
  return (
    <span>
      <Sentence words={say("queue.new", { count, time: slot.a })} a={<Moment at={since} clockOnly />} />
    </span>
  );
};

/** "Last closed 09:14. Next feed 09:30.": an empty list says when it was last touched and when it may change. */
const EmptyTimes = ({ lastClosed }: { readonly lastClosed: string | undefined }): ReactNode => {
  const { language, say } = useReader();
  const me = useMe();
  const { data } = useQuery({ ...sourcesQuery(language), enabled: mayReadSources(me) });
  const next = data?.sources
    .flatMap((source) => source.nextTurn ?? [])
    .sort()
    .find((time) => Date.parse(time) > serverNow());
  return (
    <>
      {lastClosed === undefined ? null : (
        <Sentence words={say("queue.empty.last-closed", { time: slot.a })} a={<Moment at={lastClosed} />} />
      )}{" "}
      {next === undefined ? null : (
        <Sentence words={say("queue.empty.next-feed", { time: slot.a })} a={<Moment at={next} />} />
      )}
    </>
  );
};
