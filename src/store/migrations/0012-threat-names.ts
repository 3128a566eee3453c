/** Where names of techniques, groups and malware come from and who may read them; and what search reads is filled anew. */
export const sql = `
-- the lists of its collection a name stands in ("enterprise-attack"): in none any more, its collection took it back
alter table threat_name add column lists text[] not null default '{}', add column tlp text not null default 'clear',
  add column said_gone boolean not null default false;
create index threat_name_lists on threat_name using gin (lists);
-- changes with every change of them: what tells processes to read anew how families are called
create table threat_name_mark (one boolean primary key default true check (one), version bigint not null);
insert into threat_name_mark (version) values (0);
-- terms have a number for the TLP and the feed of each claim, and one for the first byte of the id (store/search-fill.ts):
-- filled anew behind the change feed, some thousand values a second, and search says that it is filling
truncate search_value;
-- one index of both: what it is called and where it stands in are looked up together, and rows that have one alone are not read
do $$ begin
  drop index if exists search_value_part;
  create index search_value_part on search_value using gin (terms, value gin_trgm_ops) with (gin_pending_list_limit = 16384);
  drop index search_value_terms;
exception when undefined_object then
  raise notice 'parts of values have no index here';
end $$;
delete from deployment where key = 'reader:search';
`;
