/** Runs a suite of the domain on both databases, each with two replicas: on Postgres with connections of their own. */
import { afterAll, beforeAll } from 'vitest';
import { openRelational, type Relational } from '../../../stores/relational/open.ts';
import { onEachDatabase } from '../../../stores/relational/testing/databases.ts';
import { silentLogger } from '../../logger.ts';
import { type Scene, type SceneGiven, threadsScene } from './threads-scene.ts';

export type MakeScene = (given?: SceneGiven) => Promise<Scene & AsyncDisposable>;

/** @param suite makes a scene of its own for each test. */
export const onTwoReplicas = (name: string, suite: (scene: MakeScene) => void): Promise<void> =>
  onEachDatabase(name, (relational, target) => {
    let second: Relational | null = null;
    beforeAll(async () => {
      if (target().kind === 'postgres') second = await openRelational(target(), silentLogger);
    });
    afterAll(() => second?.close());
    suite((given) => threadsScene([relational(), second ?? relational()], given));
  });
