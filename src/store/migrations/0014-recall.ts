/**
 * Recall by object, and logs that are pruned. `stix_object.addressee`: '' for all, else for this party alone: the version that revokes what it
 * received and may have no more, or what is not there any more. `misp_attribute.judged`: deleted because a person judged
 * its value false, and to be back when that is taken back.
 */
export const sql = `
alter table stix_object add column addressee text not null default '';
-- two parties are told at one date, each in its own view: what one was told must not show in the dates of another
alter table stix_object drop constraint stix_object_pkey, add primary key (collection, date_added, addressee);
alter table misp_attribute add column judged boolean not null default false;
create index idempotency_at on idempotency (at);
create index list_members_at on list_members (at);
create index list_members_base on list_members (base) where base is not null;
`;
