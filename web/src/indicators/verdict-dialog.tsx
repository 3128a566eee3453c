import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { call } from "@web/api/call.ts";
import { ReasonDialog } from "@web/parts/confirm-dialog.tsx";
import { useReader } from "@web/words/reader.tsx";

/** What a person is about to say of a value, or of one source's claim of it. */
export interface Judging {
  readonly verdict: "false" | "restored";
  readonly source?: string;
  readonly title?: string;
}

interface Props {
  readonly id: string;
  readonly value: string;
  readonly judging: Judging;
  readonly onClose: () => void;
}

/** A verdict reaches findings and everybody who received the value, so the reason is asked for and kept. */
export const VerdictDialog = ({ id, value, judging, onClose }: Props): ReactNode => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const { verdict, source, title } = judging;
  const judge = useMutation({
    mutationFn: (reason: string) =>
      call(language, `/indicators/${encodeURIComponent(id)}/verdict`, {
        method: "POST",
        body: { verdict, reason, ...(source === undefined ? {} : { source }) },
      }),
    onSuccess: async () => {
      await Promise.all(
        ["indicator", "indicators", "verdicts", "care-history"].map((key) =>
          client.invalidateQueries({ queryKey: [key] }),
        ),
      );
      onClose();
    },
  });
  return (
    <ReasonDialog
      does={say(
        verdict === "restored" ? "verdict.restore" : source === undefined ? "verdict.false" : "verdict.dispute",
      )}
      subject={title === undefined ? value : `${value} · ${title}`}
      says={say(verdict === "restored" ? "verdict.restored-does" : "verdict.false-does")}
      destructive={verdict === "false"}
      pending={judge.isPending}
      error={judge.error}
      onClose={onClose}
      onReason={(reason) => judge.mutate(reason)}
    />
  );
};
