import type { ReactNode } from "react";
import type { SourceAct } from "@api/source.ts";
import { ReasonDialog } from "@web/parts/confirm-dialog.tsx";
import { useReader } from "@web/words/reader.tsx";

interface Props {
  readonly act: SourceAct["act"];
  readonly title: string;
  /** Said before a detector is let speak: what its record does not allow. */
  readonly warning?: string | undefined;
  readonly onClose: () => void;
  readonly onAct: (body: SourceAct) => void;
}

/** A source's voice and held bodies concern every member, so the reason is asked for and kept. */
export const SourceActDialog = ({ act, title, warning, onClose, onAct }: Props): ReactNode => {
  const { say } = useReader();
  return (
    <ReasonDialog
      does={say(`source-act.${act}`)}
      subject={title}
      says={
        act === "collect"
          ? undefined
          : [act === "speak" ? warning : undefined, say(`source-act-says.${act}`)].filter(Boolean).join(" ")
      }
      destructive={act === "discard-held"}
      onClose={onClose}
      onReason={(reason) => onAct({ act, reason })}
    />
  );
};
