/** The CPU that another process has used so far. */
import { readdirSync, readFileSync } from 'node:fs';

/** Ticks of /proc/PID/stat a second: 100 on every Linux that Node runs on. */
const TICKS = 100;

/** Microseconds; NaN where there is no /proc: a table then says that it is not known. */
export function cpuMicrosOf(pid: number | undefined): number {
  if (process.platform !== 'linux' || pid === undefined) return Number.NaN;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // After the name in brackets, which may hold anything: state is field 3, utime 14, stime 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS) * 1_000_000;
}

/**
 * The same of the threads that run now, to the nanosecond: for spans so short that ticks are too coarse. What threads
 * that have ended used is not in it.
 */
export function threadsCpuMicrosOf(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [onCpu] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    nanoseconds += Number(onCpu);
  }
  return nanoseconds / 1_000;
}
