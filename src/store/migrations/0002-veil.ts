/**
 * What an organisation may not see never mixes with what it may: a finding made of hidden claims is one of its own
 * (`veiled`), beside the one the organisation reads. A finding's id is keyed by what it is about, so it alone keeps it
 * single; the old unique key could not hold long values (a B-tree row ends at 2,704 bytes, a URL at 8,192).
 * References of alerts are no sequence: a member could have counted other members' alerts by them.
 * `revived` is set by the merge that brought a delisted claim back: what a feed's number of claims is kept by.
 */
export const sql = `
alter table finding add column veiled boolean not null default false;
alter table finding drop constraint finding_organisation_asset_problem_type_problem_about_key;
create index finding_organisation on finding (organisation);
alter table finding_source add column pap pap not null default 'clear';
alter table claim add column revived boolean not null default false;
drop sequence alert_ref;
`;
