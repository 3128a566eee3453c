import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { IntakeReceipt, RejectedPage as Page, RejectedRepair } from "@api/intake.ts";
import { call } from "@web/api/call.ts";
import { rejectedQuery } from "@web/api/care-queries.ts";
import { sourceQuery } from "@web/api/queries.ts";
import { mayJudge, useMe } from "@web/frame/session.ts";
import { ExportButtons } from "@web/parts/export-buttons.tsx";
import { Failed } from "@web/parts/failed.tsx";
import { ListPage } from "@web/parts/list-page.tsx";
import { More } from "@web/parts/more.tsx";
import { ResultPart, useResult } from "@web/parts/result.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { RejectedTable } from "./rejected-table.tsx";
import { RepairOutcome } from "./repair-outcome.tsx";

/** Most rows that are mended at once. */
const atOnce = 200;

/** What is taken away as a table. */
const columns = (["n", "turn", "at", "part", "row", "code", "says", "text"] as const).map(
  (name) => [name, (row: Page["rows"][number]) => row[name] ?? ""] as const,
);

/** Rows a source was refused: read, taken away as a file, mended in their place, tried and replayed. */
export const RejectedPage = (): ReactNode => {
  const { id } = useParams({ from: "/sources/$id/rejected" });
  const { language, say } = useReader();
  const client = useQueryClient();
  const me = useMe();
  const result = useResult();
  const source = useQuery(sourceQuery(language, id));
  const pages = useInfiniteQuery(rejectedQuery(language, id));
  const [texts, setTexts] = useState<ReadonlyMap<number, string>>(new Map());
  const [tried, setTried] = useState<IntakeReceipt>();
  const rows = pages.data?.pages.flatMap((page) => page.rows) ?? [];
  const mended = rows.filter((one) => texts.has(one.n) && texts.get(one.n) !== one.text).slice(0, atOnce);
  const repair = useMutation({
    onMutate: result.asked,
    mutationFn: (dryRun: boolean) => {
      const body: RejectedRepair = {
        rows: mended.map(({ n }) => ({ n, text: texts.get(n) ?? "" })),
        ...(dryRun ? { dryRun } : {}),
      };
      return call<IntakeReceipt>(language, `/sources/${encodeURIComponent(id)}/rejected/repair`, {
        method: "POST",
        body,
        patience: 60_000,
      });
    },
    onSuccess: async (receipt) => {
      setTried(receipt);
      if (receipt.taken) {
        setTexts(new Map());
        await client.invalidateQueries({ queryKey: ["rejected"] });
        await client.invalidateQueries({ queryKey: ["source"] });
      }
      result.came();
    },
  });
  const title = source.data?.source.title ?? id;
  const repairable = mayJudge(me);
  return (
    <ListPage
      title={say("rejected.title", { source: visible(title) })}
      tlp={source.data?.source.tlp === "red" ? "red" : "amber"}
      back={
        <Link to="/sources/$id" params={{ id }}>
          {say("rejected.back", { source: visible(title) })}
        </Link>
      }
      says={say(repairable ? "rejected.says" : "rejected.read-says")}
      error={pages.error}
      retry={() => void pages.refetch()}
      empty={pages.data !== undefined && rows.length === 0 && say("source.no-refused")}
    >
      {rows.length === 0 ? null : (
        <>
          <ExportButtons name={`${id}-refused`} rows={rows} columns={columns} />
          <RejectedTable
            rows={rows}
            texts={texts}
            writes={repairable}
            onText={(n, text) => {
              setTexts(new Map([...texts, [n, text]]));
              setTried(undefined);
            }}
          />
        </>
      )}
      <More pages={pages} says={say("preview.more")} />
      <ResultPart of={result}>{tried === undefined ? null : <RepairOutcome receipt={tried} />}</ResultPart>
      {repair.error ? <Failed error={repair.error} says={say("failed.title")} /> : null}
      {repairable && mended.length > 0 ? (
        <p className="form-acts repair-acts">
          <b>{say("rejected.mended", { count: mended.length })}</b>
          <button
            type="button"
            className={tried === undefined ? "button filled" : "button"}
            disabled={repair.isPending}
            onClick={() => repair.mutate(true)}
          >
            {say("rejected.try")}
          </button>
          {tried !== undefined && !tried.taken && tried.accepted > 0 ? (
            <button
              type="button"
              className="button filled"
              disabled={repair.isPending}
              onClick={() => repair.mutate(false)}
            >
              {say("rejected.replay", { count: tried.accepted })}
            </button>
          ) : null}
          <button
            type="button"
            className="button"
            onClick={() => {
              setTexts(new Map());
              setTried(undefined);
            }}
          >
            {say("rejected.discard")}
          </button>
        </p>
      ) : null}
    </ListPage>
  );
};
