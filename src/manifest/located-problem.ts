/** A problem and its location in a file. */
export interface LocatedProblem {
  offset: number;
  /** The property path; absent for a problem of the YAML itself. */
  path?: string | undefined;
  message: string;
  /** Where the displayed line ends: the rest may be a secret. */
  hideFrom?: number | undefined;
}
