/** Findings by what ties them into incidents; a long value by its beginning, for an index entry ends at 2,704 bytes. */
export const sql = `
create index finding_host on finding (organisation, left(asset, 200));
create index finding_problem on finding (organisation, problem_type, left(problem_about, 200), incident);
-- the same column first
drop index finding_organisation;
`;
