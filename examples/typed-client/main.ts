/**
 * Two people in one channel, in types made from the schema. Start the server (`npm start`), then:
 * npx node examples/typed-client/main.ts [http://127.0.0.1:4000]
 */
import { discuss } from './discuss.ts';
import { signIn } from './sign-in.ts';
import { talk } from './talk.ts';

const url = process.argv[2] ?? 'http://127.0.0.1:4000';
const [ada, grace] = await Promise.all([signIn(url, 'demo', 'ada'), signIn(url, 'demo', 'grace')]);
const heard = await talk(ada, grace, `Hello at ${new Date().toLocaleTimeString('en')}`, console.log);
console.log(`grace heard message ${heard.seq} of ${heard.author.handle}: ${heard.text}`);
for (const news of await discuss(ada, grace, console.log)) console.log(`grace was told: ${news}`);
