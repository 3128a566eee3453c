/**
 * What a feed calls itself, kept with where it stands: partners who post by TAXII or MISP are declared by no folder, and a
 * feed that was taken out of the configuration still has claims in force. And how many reports and advisories of it are
 * alive, beside its claims.
 */
export const sql = `
alter table feed_state add column declared jsonb, add column reports bigint not null default 0, add column advisories bigint not null default 0;
update feed_state set reports = (select count(*) from report r where r.feed = feed_state.feed and r.over is null),
  advisories = (select count(*) from advisory a where a.feed = feed_state.feed and a.gone_at is null and not a.withdrawn);
`;
