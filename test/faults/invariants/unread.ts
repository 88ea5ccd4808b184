/** Unread is arithmetic: head - checkpoint, in every single answer; read marks move forward; in the end nothing is left over. */
import type { Mark } from '../history.ts';
import type { Invariant } from './invariant.ts';

export const unread: Invariant = {
  name: 'unread is arithmetic',
  check: ({ channels }) =>
    channels.flatMap(({ id, forward, marks, lastMarks }) => [
      ...marks.flatMap((seen) => wrongIn(seen).map((what) => `${id}: ${what}`)),
      ...lastMarks
        .filter(
          ({ head, checkpoint, unreadCount }) =>
            head !== forward.length || checkpoint !== head || unreadCount !== 0,
        )
        .map((mark) => `${id}: all read of ${forward.length}, and it says ${JSON.stringify(mark)}`),
    ]),
};

function wrongIn(marks: readonly Mark[]): string[] {
  const wrong: string[] = [];
  let before = 0;
  for (const mark of marks) {
    const { head, checkpoint, unreadCount } = mark;
    if (unreadCount < 0 || unreadCount !== head - checkpoint)
      wrong.push(`${JSON.stringify(mark)} does not add up`);
    if (checkpoint < before) wrong.push(`the read mark went back from ${before} to ${checkpoint}`);
    before = checkpoint;
  }
  return wrong;
}
