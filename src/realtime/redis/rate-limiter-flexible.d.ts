/** The package describes its root alone. */
declare module 'rate-limiter-flexible/lib/RateLimiterRedis.js' {
  import type { RateLimiterRedis as Class } from 'rate-limiter-flexible';

  const RateLimiterRedis: typeof Class;
  export default RateLimiterRedis;
}
