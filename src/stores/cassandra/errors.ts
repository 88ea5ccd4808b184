/** What stands between an operator and a cell that runs, as one error type with a reason. */
export type CellFault =
  | 'UNREACHABLE'
  | 'SIGN_IN_REFUSED'
  | 'OTHER_DATACENTER'
  | 'TOO_FEW_NODES'
  | 'SCHEMA_MISSING'
  | 'SCHEMA_OLDER'
  | 'SCHEMA_NEWER'
  | 'SCHEMA_DISAGREEMENT'
  | 'OTHER_BUCKET_SIZE'
  | 'OTHER_CELL'
  | 'PERIODIC_COMMITLOG'
  | 'NOT_FORGOTTEN';

/** A cell that cannot be used as it is; the message says what to do. Thrown by opening and by migrating. */
export class CellRefused extends Error {
  override readonly name = 'CellRefused';
  readonly fault: CellFault;

  constructor(fault: CellFault, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.fault = fault;
  }
}
