/** `npm run bench -- NAME`: measures Backscroll beside what it is built on, in the same run on the same machine. */
import { Command } from 'commander';
import { appendBench } from './append.ts';
import { channelsBench } from './channels.ts';
import { depthBench } from './depth.ts';
import { fanoutBench } from './fanout.ts';
import { pageBench } from './page.ts';
import { sendBench } from './send.ts';

const program = new Command('npm run bench --')
  .description('Benchmarks. Ratios within one run count; absolute numbers are of the machine.')
  .helpCommand(false)
  .addCommand(depthBench())
  .addCommand(sendBench())
  .addCommand(pageBench())
  .addCommand(appendBench())
  .addCommand(channelsBench())
  .addCommand(fanoutBench());

await program.parseAsync();
