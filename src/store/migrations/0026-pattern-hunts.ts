/** Hunts of people by a STIX pattern that values alone do not decide: how far each is (jobs/hunt/pattern-port.ts). */
export const sql = `
alter table hunt add column patterned jsonb;
`;
