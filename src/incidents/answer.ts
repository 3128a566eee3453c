/** The five answers of a recipient, in the order in which they are offered. */
export const answers = ["acknowledged", "need-help", "not-ours", "false", "fixed"] as const;
export type Answer = (typeof answers)[number];
