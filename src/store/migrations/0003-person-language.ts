/** A person need not name a language: their organisation's languages stand for it (community/person.ts). */
export const sql = `alter table person alter column language drop not null;`;
