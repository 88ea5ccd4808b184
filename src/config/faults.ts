/** Settings that cannot be used: all of them in one message, each with what is wrong and what is expected. */

export interface Fault {
  /** The variable, or several of them. */
  readonly variable: string;
  /** A sentence that goes on after the variable's name. */
  readonly problem: string;
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    const lines = faults.map(({ variable, problem }) => `  ${variable} ${problem}`);
    super([`${faults.length === 1 ? 'A setting' : 'Some settings'} cannot be used:`, ...lines].join('\n'));
    this.faults = faults;
  }
}
