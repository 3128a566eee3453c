/**
 * Correlations that are asked of the past by themselves (ADR 0027). `seam`: the end of the last window that began before live
 * counting did, while no hunt for these windows was set off. `checkpoint`: what a hunt's correlations know at the place that
 * `checkpointed` names, so that a process that goes on with it need not begin anew.
 */
export const sql = `
alter table hunted_rule add column seam timestamptz;
alter table hunt_cause add column checkpoint bytea, add column checkpointed jsonb;
`;
