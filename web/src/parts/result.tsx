import { type ReactNode, type RefObject, useRef } from "react";
import { type LeadFocus, leadFocus } from "./lead-focus.ts";

/** The part of a page that an act fills. Who waits for it is led there; who has gone on meanwhile is left where they are. */
export interface Result {
  readonly part: RefObject<HTMLDivElement | null>;
  /** The act begins. */
  readonly asked: () => void;
  /** It is done, and its result is being drawn. */
  readonly came: () => void;
}

export const useResult = (): Result => {
  const part = useRef<HTMLDivElement>(null);
  const lead = useRef<LeadFocus>(undefined);
  return {
    part,
    asked: () => {
      lead.current = leadFocus();
    },
    came: () => {
      requestAnimationFrame(() => lead.current?.(part.current));
    },
  };
};

export const ResultPart = ({ of, children }: { readonly of: Result; readonly children: ReactNode }): ReactNode => (
  <div ref={of.part} tabIndex={-1} className="result">
    {children}
  </div>
);
