/** The command cannot do what it was told; the message is all that its user needs. */
export class Mistake extends Error {
  override readonly name = 'Mistake';
}
