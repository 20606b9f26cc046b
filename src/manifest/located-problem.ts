/** A problem and where it is in a file. */
export interface Placed {
  offset: number;
  message: string;
  /** Where the line stops being shown: what follows may be a secret. */
  hideFrom?: number | undefined;
}
