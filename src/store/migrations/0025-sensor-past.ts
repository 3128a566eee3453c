/**
 * Rules that are asked of what sensors keep: `looked` is how far one said it is. `lists`: the exclusions that an answer brought its
 * sensor to, by name, each with a digest of what it says.
 */
export const sql = `
alter table sensor_ask add column looked jsonb;
alter table knowledge_cursor add column lists jsonb not null default '{}';
`;
