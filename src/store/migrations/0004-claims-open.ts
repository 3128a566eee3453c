/**
 * How many claims of a feed its readers outside staff may know of: what a member is shown must not count what it may not
 * see. `was_open` is set by the merge: the claim lived before it, and openly.
 */
export const sql = `
alter table claim add column was_open boolean not null default false;
alter table feed_state add column claims_open bigint not null default 0;
update feed_state f set claims_open =
  (select count(*) from claim c where c.feed = f.feed and c.gone_at is null and c.tlp in ('clear', 'green', 'amber'));
`;
