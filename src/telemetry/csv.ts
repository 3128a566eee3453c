/**
 * The cells of one row, RFC 4180 §2: quoted cells may hold commas, `""` is a quote; blanks around cells stay. A quote that
 * does not close, or text behind one that did: no row.
 */
export const csvCells = (row: string): readonly string[] | undefined => {
  if (!row.includes('"')) return row.split(",");
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (row[at] !== '"') {
      const comma = row.indexOf(",", at);
      if (comma < 0) return [...cells, row.slice(at)];
      cells.push(row.slice(at, comma));
      at = comma + 1;
      continue;
    }
    let close = row.indexOf('"', at + 1);
    while (close >= 0 && row[close + 1] === '"') close = row.indexOf('"', close + 2);
    if (close < 0) return undefined;
    cells.push(row.slice(at + 1, close).replaceAll('""', '"'));
    if (close + 1 === row.length) return cells;
    if (row[close + 1] !== ",") return undefined;
    at = close + 2;
  }
};
