import { changeLogContract } from './change-log.contract.ts';
import { memoryLogs } from './testing/memory-projections.ts';

for (const bucketSize of [4, 64]) {
  changeLogContract(`the memory model, ${bucketSize} in a bucket`, async () => ({
    ...memoryLogs(bucketSize),
    close: async () => undefined,
  }));
}
