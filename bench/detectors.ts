import { behaviours } from "#detect/behaviours.ts";
import { settingsOf } from "#detect/behaviour.ts";
import { aMonth, benignDay, hostDays } from "../test/benign-month.ts";
import { nowhere } from "../test/behaviour-world.ts";
import { benignRecords as measured } from "../test/behaviour-records.ts";
import { perThousand } from "#detect/record.ts";
import { benignRecords } from "#detect/records.ts";
import { figure } from "./figure.ts";

// What each behaviour says of a month in which nothing bad happens, and how fast it reads. `npm run bench -- detectors`

const days = Array.from({ length: aMonth.days }, (_, day) => benignDay(aMonth, day));
const facts = days.reduce((sum, day) => sum + day.length, 0);

for (const { id, open, settings } of behaviours) {
  const watch = open(settingsOf(settings), nowhere);
  const start = process.cpuUsage();
  // what is ranked down to info is no finding
  let spoken = 0;
  for (const day of days)
    for (const fact of day) spoken += watch.take(fact).filter(({ severity }) => severity !== "info").length;
  const { user, system } = process.cpuUsage(start);
  figure(`${id}: false findings`, (spoken * 1000) / hostDays(aMonth), "per 1,000 host-days", "≤ 1");
  figure(`${id}: facts`, facts / ((user + system) / 1e6), "facts/CPU-s", "");
}

// all of them together, as findings: what is published beside each behaviour, and whether that still holds
for (const [id, { hostDays: days_, falseFindings }] of measured(aMonth)) {
  const published = benignRecords[id];
  const holds = published?.hostDays === days_ && published.falseFindings === falseFindings;
  figure(
    `${id}: record`,
    perThousand(falseFindings, days_),
    "false findings per 1,000 host-days",
    holds ? "≤ 1, as published" : `≤ 1; PUBLISHED ${published?.falseFindings ?? "nothing"}, MEASURED ${falseFindings}`,
  );
}
