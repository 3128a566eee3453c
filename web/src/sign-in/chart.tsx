import type { ReactNode } from "react";
import type { Light } from "@api/session.ts";
import { useReader } from "@web/words/reader.tsx";

/**
 * The one illustration, and it works: the light is lit while collecting, matching and alerting all run; else the beam
 * is drawn broken and the note says what stands still. Soundings are left out: we have no real figures for them.
 */
export const Chart = ({
  light,
  failed,
}: {
  readonly light: Light | undefined;
  readonly failed: boolean;
}): ReactNode => {
  const { say } = useReader();
  const still = light
    ? (["collecting", "matching", "alerting"] as const)
        .filter((part) => !light[part])
        .map((part) => say(`light.${part}`))
    : [];
  const lit = light !== undefined && still.length === 0 && !failed;
  const note = failed
    ? say("light.unknown")
    : light === undefined
      ? ""
      : lit
        ? say("light.lit")
        : say("light.out", { what: still.join(", ") });
  return (
    <svg
      className="chart"
      data-lit={lit}
      viewBox="0 0 760 776"
      preserveAspectRatio="xMidYMid slice"
      role="img"
      aria-label={`${say("light.chart")}. ${note}`}
    >
      <rect className="deep" x="-400" y="-400" width="1560" height="1576" />
      <path
        className="shoal"
        d="M0-400V131C40 138 92 178 97 232c3 30-18 52-11 84 9 44 64 96 64 166 0 82-94 140-150 156V-400zM760-400V120c-64 26-134 92-134 126 0 42 22 70 26 118 4 62-34 108-34 174 0 92 74 148 142 164z"
      />
      <path
        className="shallow"
        d="M0-400V70c34-4 66 18 100 30 44 14 84 12 130-8 44-20 84-26 128-4 44 24 76 40 116 30 50-14 72-46 126-44 60 4 98 34 160-14V-400z"
      />
      <path
        className="land"
        d="M0-400V29c36-10 70 0 112 10 46 12 84 24 138 10 44-14 72-24 114-12 46 14 78 28 126 24 52-6 82-26 128-20 50 8 90 12 142-21V-400z"
      />
      <path className="shallow" d="M0 666c48-8 82-30 142-26 66 4 118 42 126 100 3 22-1 36-2 60v376H0z" />
      <path className="land" d="M0 690c44-4 82-30 140-28 60 2 104 34 106 86 0 16-4 24-4 28v400H0z" />
      <ellipse className="shallow" cx="429" cy="431" rx="57" ry="50" />
      <ellipse className="land" cx="429" cy="432" rx="37" ry="33" />
      {lit ? (
        <path className="beam" d="M430 429 760 292V462z" />
      ) : (
        <path className="beam" d="M430 429 520 391.600V437.300zM580 366.7 640 341.800V448.400L580 443.400z" />
      )}
      {lit ? (
        <path className="edge" d="M430 429 1160 126M430 429 1160 502" />
      ) : (
        <path className="edge" d="M430 429 520 391.600M430 429 520 437.300M580 366.7 640 341.800M580 443.4 640 448.4" />
      )}
      <path className="flare" d="M430 428c-2-28-18-46-44-52 30-6 52 14 53 34 0 8-4 14-9 18z" />
      <circle className="light" cx="430" cy="429" r="4" />
      <text className="name" x="452" y="490">
        {say("light.name")}
      </text>
      <text className="note" x="452" y="508">
        {note}
      </text>
    </svg>
  );
};
