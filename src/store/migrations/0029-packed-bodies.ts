/**
 * Bodies of batches and what hunts remember come packed (gzip, zstd). PostgreSQL tried to compress them once more, in vain, and
 * that cost more of its processor than storing them. Rows that are there stay as they are.
 */
export const sql = `
alter table telemetry_batch alter column body set storage external;
alter table sensor_parcel alter column body set storage external;
alter table hunt_cause alter column checkpoint set storage external;
`;
