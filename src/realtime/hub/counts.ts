/** What a hub has had to look up because nobody told it, since it was made. */
export interface HubCounts {
  /** Gaps that were closed by reading the logs. */
  gapsRepaired: number;
  /** Channels whose ends were read anew, each time counted. */
  headsChecked: number;
}
