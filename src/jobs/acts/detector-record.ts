import type { DetectorRecord } from "#api/source.ts";
import { printInstant } from "#core/instant.ts";
import { aboutNothing, falseAtMost, perThousand } from "#detect/record.ts";
import { benignRecords } from "#detect/records.ts";
import { detectorMaySpeak, isDetector } from "#jobs/findings/detector-source.ts";
import { recordDays } from "#jobs/indicators/scorecard.ts";
import type { Desk } from "./desk.ts";

/** What is known of a rule or a behaviour before somebody lets it speak; undefined: it is neither. */
export const recordOf = async (desk: Desk, source: string): Promise<DetectorRecord | undefined> => {
  if (!isDetector(source)) return undefined;
  const live = (await desk.state.act((tx) => tx.rules.records([source]))).get(source);
  const published = benignRecords[source.replace(/^behaviour:/, "")];
  const nothing = live === undefined ? 0 : aboutNothing(live);
  return {
    ...{ speaks: detectorMaySpeak(source, live), atMost: falseAtMost },
    ...(published === undefined
      ? {}
      : {
          published: {
            ...{ measured: published.measured, hostDays: published.hostDays, falseFindings: published.falseFindings },
            perThousand: tenths(perThousand(published.falseFindings, published.hostDays)),
          },
        }),
    ...(live === undefined
      ? {}
      : {
          here: {
            ...{ at: printInstant(live.at), days: recordDays, hostDays: Math.round(live.hostDays) },
            ...{ findings: live.findings, agreed: live.agreed, refuted: live.refuted, benign: live.benign },
            ...{ aboutNothing: nothing, perThousand: tenths(perThousand(nothing, live.hostDays)) },
          },
        }),
  };
};

/** Two digits after the point: what is below one matters. */
const tenths = (rate: number): number => Math.round(rate * 100) / 100;
