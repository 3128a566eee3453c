/** Whether a key belongs to something else: a field, a menu, a dialog, an input method, or a chord. */
export const typing = (event: KeyboardEvent): boolean =>
  event.defaultPrevented ||
  event.isComposing ||
  event.ctrlKey ||
  event.metaKey ||
  event.altKey ||
  document.querySelector('[role="dialog"], [role="menu"]') !== null ||
  (event.target instanceof Element && event.target.closest("input:not([type=checkbox]), textarea, select") !== null);
