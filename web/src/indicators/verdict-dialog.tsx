import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useId, useRef, useState } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { call } from "@web/api/call.ts";
import { Failed } from "@web/parts/failed.tsx";
import { visible } from "@web/words/put.ts";
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
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const name = useId();
  const { verdict, source, title } = judging;
  const judge = useMutation({
    mutationFn: () =>
      call(language, `/indicators/${encodeURIComponent(id)}/verdict`, {
        method: "POST",
        body: { verdict, reason: reason.trim(), ...(source === undefined ? {} : { source }) },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["indicator"] });
      await client.invalidateQueries({ queryKey: ["indicators"] });
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (reason.trim() !== "") return judge.mutate();
    setMissing(true);
    field.current?.focus();
  };
  const does = say(
    verdict === "restored" ? "verdict.restore" : source === undefined ? "verdict.false" : "verdict.dispute",
  );
  return (
    <ModalOverlay className="veil" isOpen isDismissable onOpenChange={(open) => open || onClose()}>
      <Modal className="dialog">
        <Dialog>
          <form onSubmit={submit} noValidate>
            <Heading slot="title">{does}</Heading>
            <p className="dialog-subject">
              {visible(value)}
              {title === undefined ? "" : ` · ${visible(title)}`}
            </p>
            <p>{say(verdict === "restored" ? "verdict.restored-does" : "verdict.false-does")}</p>
            <div className="field">
              <label htmlFor={name}>{say("act.reason")}</label>
              <textarea
                ref={field}
                id={name}
                rows={3}
                maxLength={2000}
                aria-required
                aria-invalid={missing}
                aria-describedby={missing ? `${name}-problem` : undefined}
                value={reason}
                onChange={(event) => {
                  setReason(event.target.value);
                  setMissing(false);
                }}
              />
              {missing ? (
                <p className="field-problem" id={`${name}-problem`}>
                  {say("act.reason-missing")}
                </p>
              ) : null}
            </div>
            {judge.error ? (
              <Failed error={judge.error} says={say("failed.title")} retry={() => judge.mutate()} />
            ) : null}
            <div className="dialog-buttons">
              <button
                type="submit"
                className={verdict === "false" ? "button destructive" : "button filled"}
                disabled={judge.isPending}
              >
                {does}
              </button>
              <button type="button" className="button" onClick={onClose}>
                {say("act.cancel")}
              </button>
            </div>
          </form>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
};
