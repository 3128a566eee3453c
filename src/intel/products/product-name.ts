/** Words at the end of a maker's name that say what kind of company it is. */
const company =
  / (?:inc|incorporated|ltd|limited|llc|llp|corp|corporation|co|company|gmbh|ag|sa|sas|bv|nv|oy|ab|plc|pte|pty|kg|kk|srl|spa|foundation|project|software|systems|technologies)$/;

/** "Apache_HTTP-Server" and "apache http server" are one name: lower case, without marks, single blanks. */
export const productKey = (name: string): string =>
  name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}+|[®™©]/gu, "")
    .replace(/[^\p{L}\p{N}+#]+/gu, " ")
    .trim();

/** "Example Networks, Inc." is "example networks": as `productKey`, without the kinds of company at its end. */
export const vendorKey = (name: string): string => {
  let key = productKey(name);
  for (let shorter = key.replace(company, ""); shorter !== key; shorter = key.replace(company, "")) key = shorter;
  return key;
};

/** The same maker: equal, one name the beginning of the other, or written together ("Palo Alto" and "paloalto"). */
export const sameVendor = (a: string, b: string): boolean => {
  if (a === "" || b === "") return false;
  const [x, y] = [a, b].map((one) => one.replaceAll(" ", ""));
  return a === b || x === y || a.startsWith(`${b} `) || b.startsWith(`${a} `);
};
