import { aboutOf } from "#feeds/report.ts";

/**
 * The malware family in a threat code: "B67-SS-Gamarue" is operation 67's sinkhole of "gamarue". A code that has no word
 * in it ("B85-R2S") stays whole, since it is all that tells one botnet from another.
 */
export const familyIn = (code: string): string => {
  const whole = aboutOf(code);
  const word = /^b\d+-(?:ss-)?([a-z][a-z0-9]{3,}.*)$/.exec(whole)?.[1];
  return word ?? whole;
};
