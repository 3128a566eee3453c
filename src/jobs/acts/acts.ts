import { advisoryActs } from "./advisories.ts";
import type { Acts } from "./port.ts";
import { communityActs } from "./community.ts";
import type { Desk } from "./desk.ts";
import { doors } from "./doors.ts";
import { findingActs } from "./findings.ts";
import { huntCauseActs } from "./hunt-causes.ts";
import { huntActs } from "./hunts.ts";
import { incidentActs } from "./incidents.ts";
import { careActs } from "./indicator-care.ts";
import { indicatorActs } from "./indicators.ts";
import { intakeActs } from "./intake.ts";
import { keptActs } from "./kept.ts";
import { inventoryActs } from "./inventories.ts";
import { newsActs } from "./news.ts";
import { outsideActs } from "./outside.ts";
import { collectionActs } from "./collections.ts";
import { sensorActs } from "./sensors.ts";
import { sharingActs } from "./sharing.ts";
import { mispActs } from "./misp.ts";
import { ruleActs } from "./rules.ts";
import { sourceActs } from "./sources.ts";
import { taxiiActs } from "./taxii.ts";
import { tokenActs } from "./tokens.ts";

/** Everything the HTTP face can ask of waglan, over the jobs, state and views. */
export const acts = (desk: Desk): Acts => ({
  ...doors(desk),
  ...findingActs(desk),
  ...incidentActs(desk),
  ...sourceActs(desk),
  ...ruleActs(desk),
  ...careActs(desk),
  ...advisoryActs(desk),
  ...intakeActs(desk),
  ...inventoryActs(desk),
  ...indicatorActs(desk),
  ...huntActs(desk),
  ...huntCauseActs(desk),
  ...keptActs(desk),
  ...sensorActs(desk),
  ...communityActs(desk),
  ...tokenActs(desk),
  ...outsideActs(desk),
  ...sharingActs(desk),
  ...newsActs(desk),
  ...collectionActs(desk),
  ...mispActs(desk),
  taxii: taxiiActs(desk),
  checks: desk.checks,
});
