import type { ReactNode } from "react";
import type { SourceAct } from "@api/source.ts";
import { ReasonDialog } from "@web/parts/confirm-dialog.tsx";
import { useReader } from "@web/words/reader.tsx";

interface Props {
  readonly act: SourceAct["act"];
  readonly title: string;
  readonly onClose: () => void;
  readonly onAct: (body: SourceAct) => void;
}

/** A source's voice and held bodies concern every member, so the reason is asked for and kept. */
export const SourceActDialog = ({ act, title, onClose, onAct }: Props): ReactNode => {
  const { say } = useReader();
  return (
    <ReasonDialog
      does={say(`source-act.${act}`)}
      subject={title}
      says={act === "collect" ? undefined : say(`source-act-says.${act}`)}
      destructive={act === "discard-held"}
      onClose={onClose}
      onReason={(reason) => onAct({ act, reason })}
    />
  );
};
