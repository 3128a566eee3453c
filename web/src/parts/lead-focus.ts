/** Moves the focus to `to`, unless the person has taken it elsewhere since. */
export type LeadFocus = (to: HTMLElement | null | undefined) => void;

/**
 * For an act whose answer takes time: called at the act, it keeps what the person acted on. The focus follows the answer
 * only when it is still there, or nowhere (a button that is disabled or gone has lost it): who has tabbed on stays there.
 */
export const leadFocus = (): LeadFocus => {
  const actedOn = document.activeElement;
  return (to) => {
    const now = document.activeElement;
    if (now === null || now === document.body || now === actedOn) to?.focus();
  };
};
