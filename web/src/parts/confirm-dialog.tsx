import type { FormEvent, ReactNode } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { Failed } from "@web/parts/failed.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { ReasonField, useReason } from "./reason-field.tsx";

interface Props {
  /** The verb: heading and button say the same. */
  readonly does: string;
  /** What it is done to. */
  readonly subject: string;
  /** What will happen, and to whom. */
  readonly says?: string | undefined;
  readonly destructive?: boolean;
  readonly pending?: boolean;
  readonly error?: unknown;
  readonly onClose: () => void;
}

/** What cannot be undone, or concerns others: said before it is done. */
export const ConfirmDialog = ({ onDo, ...props }: Props & { readonly onDo: () => void }): ReactNode => (
  <Asking
    {...props}
    submit={(event) => {
      event.preventDefault();
      onDo();
    }}
  />
);

/** The same, with a reason that is asked for and kept. */
export const ReasonDialog = ({
  onReason,
  ...props
}: Props & { readonly onReason: (reason: string) => void }): ReactNode => {
  const reason = useReason();
  return (
    <Asking {...props} submit={reason.submit(onReason)}>
      <ReasonField reason={reason} />
    </Asking>
  );
};

const Asking = ({
  does,
  subject,
  says,
  destructive = false,
  pending = false,
  error,
  onClose,
  submit,
  children,
}: Props & { readonly submit: (event: FormEvent) => void; readonly children?: ReactNode }): ReactNode => {
  const { say } = useReader();
  return (
    <ModalOverlay className="veil" isOpen isDismissable onOpenChange={(open) => open || onClose()}>
      <Modal className="dialog">
        <Dialog>
          <form onSubmit={submit} noValidate>
            <Heading slot="title">{does}</Heading>
            <p className="dialog-subject">{visible(subject)}</p>
            {says === undefined ? null : <p>{says}</p>}
            {children}
            {error ? <Failed error={error} says={say("failed.title")} /> : null}
            <div className="dialog-buttons">
              <button
                type="submit"
                className={destructive ? "button destructive" : "button filled"}
                aria-disabled={pending}
                disabled={pending}
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
