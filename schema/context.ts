/** The context of an execution, for transports: see resolvers/context.ts, which lies beside what uses it. */
export { type Context, createContext } from '../resolvers/context.ts';
