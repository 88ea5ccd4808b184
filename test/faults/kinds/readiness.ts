/** What a replica tells its operator of itself. */
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 100;
const ANSWER_MS = 5_000;

async function statusOf(url: string): Promise<string> {
  try {
    const response = await fetch(url.replace('/graphql', '/health/ready'), {
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const body: unknown = await response.json();
    const status =
      typeof body === 'object' && body !== null && 'status' in body ? String(body.status) : 'nothing';
    // A balancer reads the code alone.
    return response.ok === (status !== 'unready') ? status : `${status} with ${response.status}`;
  } catch (error) {
    return String(error);
  }
}

/** Waits until it says so; what it said last when the time is over. */
export async function awaitStatus(url: string, wanted: string, withinMs: number): Promise<string> {
  const end = performance.now() + withinMs;
  for (;;) {
    const status = await statusOf(url);
    if (status === wanted || performance.now() > end) return status;
    await sleep(LOOK_MS);
  }
}
