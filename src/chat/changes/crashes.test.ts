import { changeCrashContract } from './crashes.contract.ts';
import { memoryLogs } from './testing/memory-projections.ts';

changeCrashContract('the memory model', async () => ({ ...memoryLogs(8), close: async () => undefined }), 20);
