/** Thrown when an operation did not settle in time; whatever it was doing may still happen. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
}

/** Settles as `work` does, or rejects with DeadlinePassed after `ms`; a late outcome of `work` is dropped. */
export async function within<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlinePassed(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
