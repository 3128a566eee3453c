import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { FindingDetail, FindingStepBody } from "@api/finding.ts";
import { call } from "@web/api/call.ts";
import { findingQuery } from "@web/api/queries.ts";
import { actedNow } from "@web/api/stream.ts";
import { ReasonDialog } from "@web/parts/confirm-dialog.tsx";
import { useReader } from "@web/words/reader.tsx";

type Evidence = NonNullable<FindingDetail["because"][number]["evidence"]>;

/** Steps of a finding's because-chain: taken back with a reason, or let stand again. */
export const useSteps = (
  finding: string,
): { readonly takeBack: (evidence: Evidence, stands: boolean) => void; readonly dialog: ReactNode } => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const [asked, setAsked] = useState<Evidence>();
  const step = useMutation({
    mutationFn: (body: FindingStepBody) => {
      actedNow();
      return call<FindingDetail>(language, `/findings/${encodeURIComponent(finding)}/steps`, { method: "POST", body });
    },
    onSuccess: async (detail) => {
      setAsked(undefined);
      client.setQueryData(findingQuery(language, finding).queryKey, detail);
      for (const key of ["findings", "incidents", "incident"]) await client.invalidateQueries({ queryKey: [key] });
    },
  });
  return {
    takeBack: (evidence, stands) => {
      if (stands) step.mutate({ kind: evidence.kind, id: evidence.id, stands });
      else setAsked(evidence);
    },
    dialog:
      asked === undefined ? null : (
        <ReasonDialog
          does={say("step.take-back")}
          subject={`${say(`step.rests.${asked.kind}`)} ${asked.id}`}
          says={say("step.says")}
          destructive
          pending={step.isPending}
          error={step.error}
          onClose={() => setAsked(undefined)}
          onReason={(reason) => step.mutate({ kind: asked.kind, id: asked.id, stands: false, reason })}
        />
      ),
  };
};
