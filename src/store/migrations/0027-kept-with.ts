/**
 * Batches that go into history at once: each names the first of them (ADR 0024). It is written before their rows go out, so that
 * whoever comes after a process that died sends the same rows under the same name.
 */
export const sql = `
alter table telemetry_batch add column kept_with bigint;
create index telemetry_kept_with on telemetry_batch (kept_with) where stored is null and kept_with is not null;
`;
