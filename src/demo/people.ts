/** Who lives in the demo organization. Their names are their subjects: dev tokens are signed for those. */
export const DEMO_ORGANIZATION = 'demo';

export interface DemoPerson {
  readonly handle: string;
  readonly name: string;
}

export const demoPeople = [
  { handle: 'ada', name: 'Ada Lovelace' },
  { handle: 'grace', name: 'Grace Hopper' },
  { handle: 'alan', name: 'Alan Turing' },
  { handle: 'katherine', name: 'Katherine Johnson' },
  { handle: 'linus', name: 'Linus Pauling' },
] as const satisfies readonly DemoPerson[];

export type DemoHandle = (typeof demoPeople)[number]['handle'];
