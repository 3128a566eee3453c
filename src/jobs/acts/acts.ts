import { advisoryActs } from "./advisories.ts";
import type { Acts } from "./port.ts";
import { communityActs } from "./community.ts";
import type { Desk } from "./desk.ts";
import { doors } from "./doors.ts";
import { findingActs } from "./findings.ts";
import { huntActs } from "./hunts.ts";
import { careActs } from "./indicator-care.ts";
import { indicatorActs } from "./indicators.ts";
import { intakeActs } from "./intake.ts";
import { newsActs } from "./news.ts";
import { outsideActs } from "./outside.ts";
import { collectionActs } from "./collections.ts";
import { sharingActs } from "./sharing.ts";
import { mispActs } from "./misp.ts";
import { sourceActs } from "./sources.ts";
import { taxiiActs } from "./taxii.ts";
import { tokenActs } from "./tokens.ts";

/** Everything the HTTP face can ask of waglan, over the jobs, state and views. */
export const acts = (desk: Desk): Acts => ({
  ...doors(desk),
  ...findingActs(desk),
  ...sourceActs(desk),
  ...careActs(desk),
  ...advisoryActs(desk),
  ...intakeActs(desk),
  ...indicatorActs(desk),
  ...huntActs(desk),
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
