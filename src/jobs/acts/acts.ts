import type { Acts } from "./port.ts";
import { communityActs } from "./community.ts";
import type { Desk } from "./desk.ts";
import { doors } from "./doors.ts";
import { findingActs } from "./findings.ts";
import { outsideActs } from "./outside.ts";
import { sourceActs } from "./sources.ts";
import { tokenActs } from "./tokens.ts";

/** Everything the HTTP face can ask of waglan, over the jobs, state and views. */
export const acts = (desk: Desk): Acts => ({
  ...doors(desk),
  ...findingActs(desk),
  ...sourceActs(desk),
  ...communityActs(desk),
  ...tokenActs(desk),
  ...outsideActs(desk),
  checks: desk.checks,
});
