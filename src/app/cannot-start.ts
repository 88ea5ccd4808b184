/** The server or a command cannot go on, and the operator can do something about it: the message says what. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}
