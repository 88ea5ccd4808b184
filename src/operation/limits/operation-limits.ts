/** What one operation may ask for, the same over every transport; by default what limits.ts says. */
import { limits } from '../../chat/limits.ts';

export type OperationLimits = Readonly<Record<keyof typeof limits.operation, number>>;

export const defaultOperationLimits: OperationLimits = limits.operation;
