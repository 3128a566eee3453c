import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useCallback, useState } from "react";
import type { FindingActBody, FindingDetail, FindingRow } from "@api/finding.ts";
import { call } from "@web/api/call.ts";
import { actedNow } from "@web/api/stream.ts";
import { problemWords } from "@web/parts/failed.tsx";
import { useReader } from "@web/words/reader.tsx";
import { ActDialog } from "./act-dialog.tsx";
import { type Act, shapeOf } from "./acts.ts";

interface Acting {
  /** Does the act, or first asks for what it needs. */
  readonly begin: (act: Act, findings: readonly FindingRow[], audience?: string) => void;
  readonly dialog: ReactNode;
  /** What came of the last act, for a live region; "" before any. */
  readonly outcome: string;
  readonly failed: boolean;
}

/** Acts on one or many findings: one call each, in order; what fails says so and the rest is done. */
export const useActs = (onDone?: () => void): Acting => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const [asked, setAsked] = useState<{ act: Act; findings: readonly FindingRow[]; audience: string }>();
  const [outcome, setOutcome] = useState({ says: "", failed: false });

  const run = useCallback(
    async (body: FindingActBody, findings: readonly FindingRow[]): Promise<void> => {
      const failures: unknown[] = [];
      for (const finding of findings)
        try {
          actedNow();
          const detail = await call<FindingDetail>(language, `/findings/${encodeURIComponent(finding.id)}/acts`, {
            method: "POST",
            body,
          });
          client.setQueryData(["finding", language, finding.id], detail);
        } catch (error) {
          failures.push(error);
        }
      actedNow();
      const done = findings.length - failures.length;
      setOutcome({
        says: [
          done > 0 ? say("queue.bulk-done", { count: done }) : "",
          failures.length > 0
            ? say("queue.bulk-failed", { count: failures.length, detail: problemWords(say, failures[0]) })
            : "",
        ]
          .filter(Boolean)
          .join(" "),
        failed: failures.length > 0,
      });
      if (done > 0) {
        onDone?.();
        await client.invalidateQueries({ queryKey: ["findings"] });
      }
    },
    [client, language, onDone, say],
  );

  const begin = useCallback(
    (act: Act, findings: readonly FindingRow[], audience = ""): void => {
      if (findings.length === 0) return;
      if (shapeOf(act).asks === "nothing") void run({ act }, findings);
      else setAsked({ act, findings, audience });
    },
    [run],
  );

  const dialog = asked ? (
    <ActDialog
      act={asked.act}
      findings={asked.findings}
      audience={asked.audience}
      onClose={() => setAsked(undefined)}
      onAct={(body) => {
        setAsked(undefined);
        void run(body, asked.findings);
      }}
    />
  ) : null;
  return { begin, dialog, outcome: outcome.says, failed: outcome.failed };
};
