import { type FormEvent, type ReactNode, useId, useRef, useState } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import type { SourceAct } from "@api/source.ts";
import { visible } from "@web/words/put.ts";
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
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (reason.trim() !== "") return onAct({ act, reason: reason.trim() });
    setMissing(true);
    field.current?.focus();
  };
  return (
    <ModalOverlay className="veil" isOpen isDismissable onOpenChange={(open) => open || onClose()}>
      <Modal className="dialog">
        <Dialog>
          <form onSubmit={submit} noValidate>
            <Heading slot="title">{say(`source-act.${act}`)}</Heading>
            <p className="dialog-subject">{visible(title)}</p>
            {act === "collect" ? null : <p>{say(`source-act-says.${act}`)}</p>}
            <div className="field">
              <label htmlFor={id}>{say("act.reason")}</label>
              <textarea
                ref={field}
                id={id}
                rows={3}
                maxLength={2000}
                aria-required
                aria-invalid={missing}
                aria-describedby={missing ? `${id}-problem` : undefined}
                value={reason}
                onChange={(event) => {
                  setReason(event.target.value);
                  setMissing(false);
                }}
              />
              {missing ? (
                <p className="field-problem" id={`${id}-problem`}>
                  {say("act.reason-missing")}
                </p>
              ) : null}
            </div>
            <div className="dialog-buttons">
              <button type="submit" className={act === "discard-held" ? "button destructive" : "button filled"}>
                {say(`source-act.${act}`)}
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
