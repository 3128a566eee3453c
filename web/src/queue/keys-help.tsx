import type { ReactNode } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { actOrder, shapeOf } from "@web/finding/acts.ts";
import { useReader } from "@web/words/reader.tsx";

/** Every key of the queue, and where to switch them off. */
export const KeysHelp = ({ onClose }: { readonly onClose: () => void }): ReactNode => {
  const { say } = useReader();
  const keys: readonly (readonly [key: string, says: string])[] = [
    ["j k", say("keys.move")],
    ["Enter", say("keys.open")],
    ["x", say("keys.select")],
    ...actOrder.map((act) => [shapeOf(act).key, say(`act.${act}`)] as const),
    ["/", say("keys.search")],
    ["?", say("keys.help")],
  ];
  return (
    <ModalOverlay className="veil" isOpen isDismissable onOpenChange={(open) => open || onClose()}>
      <Modal className="dialog">
        <Dialog>
          <Heading slot="title">{say("keys.title")}</Heading>
          <dl className="keys">
            {keys.map(([key, says]) => (
              <div key={key}>
                <dt>
                  {key.split(" ").map((one) => (
                    <kbd key={one} className="key">
                      {one}
                    </kbd>
                  ))}
                </dt>
                <dd>{says}</dd>
              </div>
            ))}
          </dl>
          <p className="quiet">{say("keys.off")}</p>
          <div className="dialog-buttons">
            <button type="button" className="button" onClick={onClose}>
              {say("keys.close")}
            </button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
};
