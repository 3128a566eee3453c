import type { ReactNode } from "react";
import type { FindingRow } from "@api/finding.ts";
import { useReader } from "@web/words/reader.tsx";
import { useNow } from "@web/time/clock.ts";

/** The tide in a glass: it rises as the problem goes away; what stands aside has a stroke instead. 14 px. */
const ring = <circle cx="7" cy="7" r="5.7" fill="none" stroke="currentColor" strokeWidth="1.5" />;
const stroke = { fill: "none", stroke: "currentColor", strokeWidth: 1.5, strokeLinecap: "round" } as const;

const glasses = {
  new: (
    <path
      className="flare"
      d="M1.2 12.800C1.6 7.2 5.2 2.2 11.2 1.200c1.3-.2 1.8.4 1.5 1.700C11.5 8.8 6.8 12.6 1.2 12.800z"
    />
  ),
  notified: ring,
  seen: (
    <>
      {ring}
      <circle cx="7" cy="7" r="1.9" />
    </>
  ),
  acknowledged: (
    <>
      {ring}
      <path d="M2.3 9.500a5.3 5.3 0 0 0 9.4 0z" />
    </>
  ),
  fixing: (
    <>
      {ring}
      <path d="M1.7 6.800a5.3 5.3 0 0 0 10.6 0z" />
    </>
  ),
  "fix-claimed": (
    <>
      {ring}
      <path d="M2.3 4.500a5.4 5.4 0 1 0 9.4 0z" />
    </>
  ),
  gone: (
    <>
      <circle className="disc" cx="7" cy="7" r="6.4" />
      <path className="tick" d="M3.9 7.2 6.1 9.4 10.2 4.9" fill="none" strokeWidth="1.6" />
    </>
  ),
  "not-ours": (
    <>
      {ring}
      <path d="M4.5 5.800h5M4.5 8.200h5M8.6 4.2 5.4 9.8" {...stroke} strokeWidth={1.2} />
    </>
  ),
  false: (
    <>
      {ring}
      <path d="M5 5l4 4M9 5l-4 4" {...stroke} />
    </>
  ),
  "risk-accepted": (
    <>
      {ring}
      <path d="M4.5 7h5" {...stroke} />
    </>
  ),
  suppressed: (
    <>
      {ring}
      <path d="M5.5 4.800v4.400M8.5 4.800v4.4" {...stroke} />
    </>
  ),
  withdrawn: (
    <circle cx="7" cy="7" r="5.7" fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray="1.8 1.780" />
  ),
  merged: (
    <>
      {ring}
      <path d="M4.2 7h5M7.4 5l2 2-2 2" {...stroke} />
    </>
  ),
  reopened: (
    <>
      {ring}
      <path d="M4.5 7a2.6 2.6 0 1 1 .8 1.900M4.3 4.900V7h2.1" {...stroke} strokeWidth={1.2} />
    </>
  ),
} as const satisfies Record<FindingRow["state"], ReactNode>;

const moon = <path d="M9.8 1.600A6 6 0 1 0 12.6 9 5.2 5.2 0 0 1 9.8 1.600z" />;

const Glass = ({ children }: { readonly children: ReactNode }): ReactNode => (
  <svg className="sign" viewBox="0 0 14 14" width="14" height="14" fill="currentColor" aria-hidden="true">
    {children}
  </svg>
);

/** Where a finding stands, in a sign and a word; snoozed outranks the state, since it says why nothing moves. */
export const State = ({ finding }: { readonly finding: FindingRow }): ReactNode => {
  const { say } = useReader();
  const now = useNow();
  const snoozed = finding.snoozedUntil !== undefined && Date.parse(finding.snoozedUntil) > now;
  return (
    <span className="state" data-state={snoozed ? "snoozed" : finding.state}>
      <Glass>{snoozed ? moon : glasses[finding.state]}</Glass>
      <span>{say(snoozed ? "glossary.state.snoozed" : `glossary.state.${finding.state}`)}</span>
    </span>
  );
};
