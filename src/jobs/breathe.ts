/**
 * Steps of long work that nobody waits for: who is to be answered is answered in between. A rest and no mere turn, since an
 * answer takes several turns, each of which would stand behind a step.
 */
export const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, restMs));

const restMs = 2;
