/** The contexts of executions, for transports: see resolvers/context.ts, which lies beside what uses it. */
export { type Context, createContext } from '../resolvers/context.ts';
export { createEventContexts } from '../resolvers/event-contexts.ts';
