/**
 * What limits on operations are told of fields: by default a field weighs 1 for each value, a page holds what is asked
 * for, and any other list counts as some. The weights are of what a store has to do for each parent, reckoned in fields.
 */

/** `extensions` of a field. */
const costs = (cost: { readonly weight?: number; readonly size?: number }) => ({ cost });

/** A page that is read for each parent. */
export const aPage = costs({ weight: 10 });
/** A row of the log that is read for each parent. */
export const aRow = costs({ weight: 5 });
/** A search through the log: a dozen reads, one after the other. */
export const aSearch = costs({ weight: 50 });
/** A list without pages, that mostly holds about as many. */
export const about = (size: number) => costs({ size });
