import { type FormEvent, type ReactNode, type RefObject, useId, useRef, useState } from "react";
import { useReader } from "@web/words/reader.tsx";

/** A reason that is asked for and kept; `submit` lets a form through once there is one, and else leads to the field. */
export interface Reason {
  readonly text: string;
  readonly missing: boolean;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly write: (text: string) => void;
  readonly submit: (does: (reason: string) => void) => (event: FormEvent) => void;
}

export const useReason = (): Reason => {
  const [text, setText] = useState("");
  const [missing, setMissing] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  return {
    ...{ text, missing, field },
    write: (next) => {
      setText(next);
      setMissing(false);
    },
    submit: (does) => (event) => {
      event.preventDefault();
      if (text.trim() !== "") return does(text.trim());
      setMissing(true);
      field.current?.focus();
    },
  };
};

export const ReasonField = ({ reason, rows = 3 }: { readonly reason: Reason; readonly rows?: number }): ReactNode => {
  const { say } = useReader();
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{say("act.reason")}</label>
      <textarea
        ref={reason.field}
        id={id}
        rows={rows}
        maxLength={2000}
        aria-required
        aria-invalid={reason.missing}
        aria-describedby={reason.missing ? `${id}-problem` : undefined}
        value={reason.text}
        onChange={(event) => reason.write(event.target.value)}
      />
      {reason.missing ? (
        <p className="field-problem" id={`${id}-problem`}>
          {say("act.reason-missing")}
        </p>
      ) : null}
    </div>
  );
};
