import type { ReactNode } from "react";

interface Props {
  /** What the table is of, for those who cannot see where it stands. */
  readonly label: string;
  /** Names its columns' widths in the style sheets. */
  readonly of?: string;
  /** Old rows stay, dimmed, while newer ones are asked for. */
  readonly stale?: boolean;
  readonly head: ReactNode;
  readonly children: ReactNode;
}

/** A table in a region that scrolls by itself; on narrow screens each row is a block of labelled lines (`data-label`). */
export const Table = ({ label, of, stale = false, head, children }: Props): ReactNode => (
  <div className="table-scroll" role="region" tabIndex={0} aria-label={label}>
    <table className={of === undefined ? "table stack" : `table stack ${of}`} data-stale={stale}>
      <thead>
        <tr>{head}</tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </div>
);

/** Column heads, in order; `figure` stands over numbers. */
export const Heads = ({
  names,
}: {
  readonly names: readonly (string | { readonly figure: string } | { readonly unseen: string })[];
}): ReactNode =>
  names.map((name) =>
    typeof name === "string" ? (
      <th key={name} scope="col">
        {name}
      </th>
    ) : "figure" in name ? (
      <th key={name.figure} scope="col" className="figure">
        {name.figure}
      </th>
    ) : (
      <th key={name.unseen} scope="col">
        <span className="unseen">{name.unseen}</span>
      </th>
    ),
  );
