/**
 * Hits of rules and behaviours know a doing and no indicator; what a person decided of rules, each with its reason. The
 * last decision on a rule counts; what came before stands in the evidence.
 */
export const sql = `
alter table hit alter column indicator_kind drop not null, alter column indicator_value drop not null, add column noticed jsonb;
alter table hit add check ((indicator_kind is null) = (indicator_value is null) and (indicator_kind is not null or noticed is not null));
create table rule_decision (rule text primary key, runs boolean not null, reason text not null, who text not null, at timestamptz not null);
`;
