/**
 * Steps of long work that nobody waits for: who is to be answered is answered in between. A rest and no mere turn, since an
 * answer takes several turns, each of which would stand behind a step.
 *
 * @param milliseconds longer where what a step left behind is to be collected before the next leaves more
 */
export const breathe = (milliseconds = restMs): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const restMs = 2;
