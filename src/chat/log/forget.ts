/** A log that can forget where channels end: after a restore from backup they end elsewhere. */
export interface Forgetful {
  /** What was believed is looked up anew, by the appends under way too. */
  forgetHeads(): void;
}
