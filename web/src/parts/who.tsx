import type { ReactNode } from "react";
import { Moment } from "@web/time/moment.tsx";
import { visible } from "@web/words/put.ts";

/** Who did it, and when: one cell of a list. */
export const Who = ({ one }: { readonly one: { readonly who: string; readonly at: string } }): ReactNode => (
  <span className="who">
    {visible(one.who)} <span className="quiet">· </span>
    <Moment at={one.at} />
  </span>
);
