import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, type ReactNode, type RefObject, useEffect, useId, useRef } from "react";
import type { FindingRow } from "@api/finding.ts";
import type { FindingView } from "@web/api/queries.ts";
import { Grade } from "@web/signs/grade.tsx";
import { Severity, SeverityShape } from "@web/signs/severity.tsx";
import { State } from "@web/signs/state.tsx";
import { useNow } from "@web/time/clock.ts";
import { Due } from "@web/time/due.tsx";
import { printSpan } from "@web/time/print.ts";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import type { Line } from "./lines.ts";

interface Props {
  readonly grid: RefObject<HTMLDivElement | null>;
  readonly lines: readonly Line[];
  readonly total: number;
  readonly current: string | undefined;
  readonly selected: ReadonlySet<string>;
  readonly stale: boolean;
  readonly view: FindingView;
  readonly onCurrent: (id: string) => void;
  readonly onOpen: (id: string) => void;
  readonly onSelect: (id: string) => void;
  readonly onFold: (organisation: string) => void;
  readonly onMore: () => void;
}

/** Pixels; the column heads stick over the rows and are no row of the virtual list. Too much only scrolls a little further. */
const headHeight = 30;

/**
 * The queue as one grid with one tab stop: the current row is `aria-activedescendant`, keys act on it. Only the rows in
 * sight are drawn; the space of the others is held by two SVGs, whose height is an attribute and no style.
 */
export const QueueList = (props: Props): ReactNode => {
  const { grid, lines, total, current, selected, stale, view, onMore } = props;
  const { say } = useReader();
  const id = useId();
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => grid.current,
    estimateSize: () => 28,
    getItemKey: (index) => lines[index]?.key ?? index,
    overscan: 12,
    scrollPaddingEnd: headHeight,
  });
  const drawn = virtual.getVirtualItems();
  const top = drawn[0]?.start ?? 0;
  const bottom = virtual.getTotalSize() - (drawn.at(-1)?.end ?? 0);
  const at = lines.findIndex((line) => line.kind === "finding" && line.key === current);

  // Only when the current row changes: a list that is read anew must not jump back to it.
  const shown = useRef<string>(undefined);
  useEffect(() => {
    if (at < 0 || shown.current === current) return;
    shown.current = current;
    virtual.scrollToIndex(at, { align: "auto" });
  }, [at, current, virtual]);

  const last = drawn.at(-1)?.index ?? 0;
  const wantsMore = lines.slice(drawn[0]?.index ?? 0, last + 1).some((line) => line.kind === "more");
  useEffect(() => {
    if (wantsMore && !stale) onMore();
  }, [wantsMore, stale, onMore]);

  return (
    <div
      ref={grid}
      className="queue-grid"
      role="grid"
      aria-label={say("queue.list")}
      aria-rowcount={total + 1}
      aria-multiselectable
      aria-activedescendant={at >= 0 ? `${id}-${current}` : undefined}
      aria-busy={stale}
      data-stale={stale}
      tabIndex={0}
    >
      <div role="rowgroup" className="queue-columns">
        <div role="row" aria-rowindex={1} className="line columns">
          <span role="columnheader" className="cell-select">
            <span className="unseen">{say("column.select")}</span>
          </span>
          <span role="columnheader" className="cell-severity">
            {say("column.severity")}
          </span>
          <span role="columnheader" className="cell-what">
            {say("column.what")}
          </span>
          <span role="columnheader" className="cell-asset">
            {say("column.asset")}
          </span>
          <span role="columnheader" className="cell-grade">
            {say("column.grade")}
          </span>
          <span role="columnheader" className="cell-state">
            {say("column.state")}
          </span>
          <span role="columnheader" className="cell-due">
            {say("column.due")}
          </span>
        </div>
      </div>
      <svg className="space" width="1" height={top} aria-hidden="true" />
      <div role="rowgroup" className="queue-rows">
        {drawn.map((item) => {
          const line = lines[item.index];
          if (!line) return null;
          const rowIndex = item.index + 2;
          const measure = { ref: virtual.measureElement, "data-index": item.index };
          return (
            <div key={item.key} {...measure} role="presentation">
              {line.kind === "finding" ? (
                <Row
                  id={`${id}-${line.key}`}
                  rowIndex={rowIndex}
                  finding={line.finding}
                  isCurrent={line.key === current}
                  isSelected={selected.has(line.key)}
                  onCurrent={props.onCurrent}
                  onOpen={props.onOpen}
                  onSelect={props.onSelect}
                />
              ) : line.kind === "group" ? (
                <GroupHead line={line} view={view} rowIndex={rowIndex} onFold={props.onFold} />
              ) : (
                <div role="row" aria-rowindex={rowIndex} className="line more">
                  <span role="gridcell" aria-colspan={7}>
                    <button type="button" tabIndex={-1} onClick={onMore}>
                      {line.group
                        ? say("queue.more", { organisation: line.group.organisation.name })
                        : say("queue.more-all")}
                    </button>
                  </span>
                </div>
              )}
            </div>
          );
        })}
      </div>
      <svg className="space" width="1" height={Math.max(0, bottom)} aria-hidden="true" />
    </div>
  );
};

interface RowProps {
  readonly id: string;
  readonly rowIndex: number;
  readonly finding: FindingRow;
  readonly isCurrent: boolean;
  readonly isSelected: boolean;
  readonly onCurrent: (id: string) => void;
  readonly onOpen: (id: string) => void;
  readonly onSelect: (id: string) => void;
}

const Row = memo(
  ({ id, rowIndex, finding, isCurrent, isSelected, onCurrent, onOpen, onSelect }: RowProps): ReactNode => {
    const { say } = useReader();
    return (
      <div
        id={id}
        role="row"
        aria-rowindex={rowIndex}
        aria-selected={isSelected}
        className="line finding"
        data-current={isCurrent}
        data-selected={isSelected}
        onClick={() => onCurrent(finding.id)}
        onDoubleClick={() => onOpen(finding.id)}
      >
        <span role="gridcell" className="cell-select">
          <label
            className="tick"
            onClick={(event) => event.stopPropagation()}
            onDoubleClick={(event) => event.stopPropagation()}
          >
            <input
              type="checkbox"
              tabIndex={-1}
              checked={isSelected}
              aria-label={say("queue.select", { ref: finding.ref })}
              onChange={() => onSelect(finding.id)}
            />
          </label>
        </span>
        <span role="gridcell" className="cell-severity">
          <Severity level={finding.severity} />
        </span>
        <span role="gridcell" className="cell-what" data-new={finding.state === "new"} title={finding.title}>
          {visible(finding.title)}
        </span>
        <span role="gridcell" className="cell-asset identifier" translate="no" title={finding.asset}>
          {visible(shortAsset(finding.asset))}
        </span>
        <span role="gridcell" className="cell-grade">
          <Grade grade={finding.grade} />
        </span>
        <span role="gridcell" className="cell-state">
          <State finding={finding} />
        </span>
        <span role="gridcell" className="cell-due">
          <Due finding={finding} />
        </span>
      </div>
    );
  },
);

/** In the narrow column a name loses its last label (`vpn.transport`), never the middle of one; the whole stands in the pane. */
const shortAsset = (asset: string): string =>
  /^[a-z0-9_-]+(\.[a-z0-9_-]+)+\.[a-z][a-z-]+$/i.test(asset) ? asset.slice(0, asset.lastIndexOf(".")) : asset;

interface GroupProps {
  readonly line: Extract<Line, { kind: "group" }>;
  readonly view: FindingView;
  readonly rowIndex: number;
  readonly onFold: (organisation: string) => void;
}

const GroupHead = ({ line, view, rowIndex, onFold }: GroupProps): ReactNode => {
  const { say } = useReader();
  const now = useNow();
  const { group, folded } = line;
  return (
    <div role="row" aria-rowindex={rowIndex} className="line group">
      <span role="gridcell" className="group-cell" aria-colspan={7}>
        <button
          type="button"
          className="fold"
          aria-expanded={!folded}
          aria-label={say("queue.fold", { organisation: group.organisation.name })}
          onClick={() => onFold(group.organisation.id)}
        >
          <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" data-folded={folded}>
            <path d="M2.5 4.5 6 8l3.5-3.5" fill="none" stroke="currentColor" strokeWidth="1.5" />
          </svg>
        </button>
        <b className="group-name">{visible(group.organisation.name)}</b>
        <span className="group-count">
          {say(view === "open" ? "queue.group-open" : "queue.group-count", { count: group.findings })}
        </span>
        {group.critical > 0 ? (
          <span className="severity group-critical" data-level="critical">
            <SeverityShape level="critical" />
            <span aria-hidden="true">{group.critical}</span>
            <span className="unseen">{say("queue.group-critical", { count: group.critical })}</span>
          </span>
        ) : null}
        <span className="group-oldest">
          {say("queue.oldest", { age: printSpan(say, now - Date.parse(group.oldest)) })}
        </span>
      </span>
    </div>
  );
};
