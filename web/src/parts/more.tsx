import type { ReactNode } from "react";

interface Pages {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => Promise<unknown>;
}

/** Reads on; gone at the end. */
export const More = ({ pages, says }: { readonly pages: Pages; readonly says: string }): ReactNode =>
  pages.hasNextPage ? (
    <p className="more">
      <button
        type="button"
        className="button"
        disabled={pages.isFetchingNextPage}
        onClick={() => void pages.fetchNextPage()}
      >
        {says}
      </button>
    </p>
  ) : null;
