import { type FormEvent, type ReactNode, useId, useRef, useState } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import type { FindingActBody, FindingRow } from "@api/finding.ts";
import { useZone } from "@web/frame/session.ts";
import { serverNow } from "@web/time/clock.ts";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";
import { useReader } from "@web/words/reader.tsx";
import { type Act, audienceOf, shapeOf, type Until, untilTime } from "./acts.ts";

interface Props {
  readonly act: Act;
  readonly findings: readonly FindingRow[];
  /** People who would be told, when known. */
  readonly audience: string;
  readonly onClose: () => void;
  readonly onAct: (body: FindingActBody) => void;
}

/** Says what will happen and to whom, and asks for the little that the act needs: until when, and why. */
export const ActDialog = ({ act, findings, audience, onClose, onAct }: Props): ReactNode => {
  const { say } = useReader();
  const zone = useZone();
  const shape = shapeOf(act);
  const [until, setUntil] = useState<Until | undefined>(shape.until?.[0]);
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const needed = shape.asks === "reason" || shape.asks === "note";

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (needed && reason.trim() === "") {
      setMissing(true);
      field.current?.focus();
      return;
    }
    onAct({
      act,
      ...(until === undefined ? {} : { until: untilTime(until, serverNow(), zone) }),
      ...(reason.trim() === "" ? {} : { reason: reason.trim() }),
    });
  };

  const first = findings[0];
  return (
    <ModalOverlay className="veil" isOpen isDismissable onOpenChange={(open) => open || onClose()}>
      <Modal className="dialog">
        <Dialog>
          <form onSubmit={submit} noValidate>
            <Heading slot="title">
              {act === "acknowledge" || act === "wake" ? say(`act.${act}`) : say(`act-title.${act}`)}
            </Heading>
            <p className="dialog-subject">
              {findings.length === 1 && first
                ? `${visible(first.ref)} · ${visible(first.title)}`
                : say("act.many", { count: findings.length })}
            </p>
            <p>
              {act === "acknowledge" || act === "wake"
                ? ""
                : act === "release"
                  ? findings.length === 1
                    ? say("act-says.release", { audience: audience || audienceOf(findings) })
                    : say("act-says.release-many", { count: findings.length })
                  : say(`act-says.${act}`)}
            </p>
            {shape.until === undefined ? null : (
              <fieldset className="choices">
                <legend>{say("act.until")}</legend>
                {shape.until.map((each) => (
                  <label key={each} className="choice">
                    <input type="radio" name={`${id}-until`} checked={each === until} onChange={() => setUntil(each)} />
                    <span>{say(`until.${each}`)}</span>
                    <Moment at={untilTime(each, serverNow(), zone)} />
                  </label>
                ))}
              </fieldset>
            )}
            {shape.asks === "confirm" ? null : (
              <div className="field">
                <label htmlFor={id}>
                  {say(shape.asks === "note" ? "act.note-text" : needed ? "act.reason" : "act.reason-optional")}
                </label>
                <textarea
                  ref={field}
                  id={id}
                  rows={3}
                  maxLength={2000}
                  aria-required={needed}
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
            )}
            <div className="dialog-buttons">
              <button type="submit" className={shape.destructive ? "button destructive" : "button filled"}>
                {say(`act.${act}`)}
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
