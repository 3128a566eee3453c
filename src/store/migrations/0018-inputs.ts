/**
 * Files that are followed, each with how much of it is taken, moved in the transaction that takes the lines; and what
 * inputs had to leave, by reason. A file is one of a sensor's, so it goes with the sensor.
 */
export const sql = `
create table input_file (n bigint generated always as identity primary key, sensor text not null references sensor (id) on delete cascade,
  path text not null, inode text not null, position bigint not null, generation int not null, mark text not null, header bytea not null, seen timestamptz not null);
create index on input_file (sensor);
create table input_drop (input text not null, sensor text not null, reason text not null, n bigint not null, last timestamptz not null, detail text not null,
  primary key (input, sensor, reason));
`;
