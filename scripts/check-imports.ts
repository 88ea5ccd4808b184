/** `npm run lint:imports [FOLDER]`: fails when an import runs against the rules, or when there was nothing to read. */
import { checkImports } from './imports/check.ts';

const { filesRead, faults } = checkImports(process.argv[2] ?? '.');
for (const fault of faults) console.error(fault);
console.log(`${filesRead} files read, ${faults.length} faults`);
process.exitCode = faults.length > 0 || filesRead === 0 ? 1 : 0;
