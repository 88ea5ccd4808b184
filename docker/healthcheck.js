/** What the image's HEALTHCHECK runs: ends with 0 when the server in the same container answers, else with 1. */
const { PORT = '4000' } = process.env;
const response = await fetch(`http://127.0.0.1:${PORT}/health/live`, { signal: AbortSignal.timeout(4_000) });
process.exitCode = response.ok ? 0 : 1;
