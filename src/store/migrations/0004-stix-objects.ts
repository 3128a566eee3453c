/** (stix-objects: to be written by its owner before it lands.) */
export const sql = "select 1";
