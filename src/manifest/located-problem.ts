/** A problem and its location in a file. */
export interface LocatedProblem {
  offset: number;
  message: string;
  /** Where the displayed line ends: the rest may be a secret. */
  hideFrom?: number | undefined;
}
