import type { ReactNode } from "react";
import type { IndicatorDetail } from "@api/indicator.ts";
import { useZone } from "@web/frame/session.ts";
import { useNow } from "@web/time/clock.ts";
import { printDay } from "@web/time/print.ts";
import { useReader } from "@web/words/reader.tsx";

type Curve = IndicatorDetail["curve"];

const [width, height, left, right, top, bottom] = [840, 190, 36, 8, 20, 26];
const plotWidth = width - left - right;
const plotHeight = height - top - bottom;

/**
 * How sure, over time: an ink line on a light tint, claims as rings with their grade, the future dashed, the present the one
 * magenta line, thresholds dotted and saying what happens there. The sentence below and the table say the same.
 */
export const ScoreCurve = ({ curve, score }: { readonly curve: Curve; readonly score: number }): ReactNode => {
  const { language, say } = useReader();
  const zone = useZone();
  const now = useNow();
  const [from, until] = [Date.parse(curve.from), Date.parse(curve.until)];
  const x = (time: number): number => left + ((time - from) / (until - from)) * plotWidth;
  const y = (value: number): number => top + (1 - value / 100) * plotHeight;
  const points = curve.points.map((point) => ({ time: Date.parse(point.at), score: point.score }));
  const place = (point: { time: number; score: number }): string =>
    `${x(point.time).toFixed(1)},${y(point.score).toFixed(1)}`;
  const past = points.filter((point) => point.time <= now);
  const line = [...past.map(place), `${x(now).toFixed(1)},${y(score).toFixed(1)}`];
  const future = [
    `${x(now).toFixed(1)},${y(score).toFixed(1)}`,
    ...points.filter((point) => point.time > now).map(place),
  ];
  const day = (time: number): string => printDay(language, time, zone, now);
  const ticks = [0, 1, 2, 3].map((nth) => from + ((until - from) * nth) / 4);
  const thresholds = [...new Set([curve.blocksAt, curve.alertsAt])];
  const falls =
    curve.fallsBelow === undefined
      ? undefined
      : say("curve.falls", { level: curve.fallsBelow.level, day: day(Date.parse(curve.fallsBelow.at)) });
  return (
    <figure className="curve">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={say("curve.says", { score: Math.round(score) })}>
        {[0, 25, 50, 75, 100].map((value) => (
          <g key={value}>
            <line className="curve-grid" x1={left} x2={width - right} y1={y(value)} y2={y(value)} />
            <text className="curve-axis" x={left - 6} y={y(value) + 4} textAnchor="end">
              {value}
            </text>
          </g>
        ))}
        {ticks.map((time) => (
          <text
            key={time}
            className="curve-axis"
            x={x(time)}
            y={height - 8}
            textAnchor={time === from ? "start" : "middle"}
          >
            {day(time)}
          </text>
        ))}
        <polygon
          className="curve-depth"
          points={`${x(from).toFixed(1)},${y(0)} ${line.join(" ")} ${x(now).toFixed(1)},${y(0)}`}
        />
        {thresholds.map((level) => (
          <g key={level}>
            <line className="curve-level" x1={left} x2={width - right} y1={y(level)} y2={y(level)} />
            <text className="curve-note" x={width - right} y={y(level) - 4} textAnchor="end">
              {curve.blocksAt === curve.alertsAt
                ? say("curve.both-at", { level })
                : level === curve.blocksAt
                  ? say("curve.blocks-at", { level })
                  : say("curve.alerts-at", { level })}
            </text>
          </g>
        ))}
        <polyline className="curve-line" points={line.join(" ")} />
        <polyline className="curve-future" points={future.join(" ")} />
        {curve.marks.map((mark, nth) => (
          <g key={`${mark.at}${nth}`}>
            <circle className="curve-mark" cx={x(Date.parse(mark.at))} cy={y(mark.score)} r="4" />
            <text className="curve-grade" x={x(Date.parse(mark.at))} y={y(mark.score) - 8} textAnchor="middle">
              {mark.grade}
            </text>
          </g>
        ))}
        <line className="curve-now" x1={x(now)} x2={x(now)} y1={top - 8} y2={y(0)} />
        <text className="curve-present" x={x(now) + 6} y={top - 4}>
          {say("curve.now", { score: Math.round(score) })}
        </text>
      </svg>
      <figcaption>{falls ?? say("curve.below")}</figcaption>
    </figure>
  );
};
