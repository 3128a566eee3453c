/**
 * Which rules the past was hunted for, and what they said then; hunts of people by a rule. `up_to`: the batch up to which
 * history must have everything before the past is asked, for what was matched before the rule was known may be on its way.
 */
export const sql = `
create table hunted_rule (rule text primary key, said text not null, at timestamptz not null, up_to bigint, hunted boolean not null default false);
alter table hunt add column rule jsonb, add column ruled jsonb;
`;
