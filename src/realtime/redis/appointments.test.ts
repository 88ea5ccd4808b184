/** Replicas that hear each other over a real Redis leave a shared channel to one of them; without Redis each goes on. */
import { randomUUID } from 'node:crypto';
import { afterAll, expect, test, vi } from 'vitest';
import { describeWith, serviceUrl } from '../../../test/services.ts';
import { systemClock } from '../../chat/clock.ts';
import { createLog } from '../../chat/log/create-log.ts';
import type { MessageEntry } from '../../chat/log/entries.ts';
import { freshChannel } from '../../chat/log/log-store.contract.ts';
import { CountingStore } from '../../chat/log/testing/counting-store.ts';
import { MemoryStore } from '../../chat/log/testing/memory-store.ts';
import { messageSend } from '../../chat/log/testing/sends.ts';
import { silentLogger } from '../../chat/logger.ts';
import { createAppointments } from '../appointments.ts';
import { createPublisher } from '../publisher.ts';
import { createRedisBus } from './bus.ts';

await describeWith(['redis'], 'appointments over Redis', () => {
  const closing: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  const memory = new MemoryStore<MessageEntry>(16);
  const prefix = `test-${randomUUID()}:`;
  const replica = () => {
    const replicaId = randomUUID();
    const shared = { replicaId, clock: systemClock, logger: silentLogger };
    const bus = createRedisBus({ url: serviceUrl('redis'), prefix, logger: silentLogger });
    const publisher = createPublisher({ bus, ...shared, timings: { beatMs: 100 } });
    const timings = { takenMs: 10_000, doneMs: 10_000 };
    const appointments = createAppointments({ bus, ...shared, replicas: () => publisher.heard(), timings });
    const store = new CountingStore(memory);
    const log = createLog({ store, ...shared, appointed: appointments, onAppended: () => undefined });
    appointments.serve(log);
    for (const open of [bus, publisher, appointments, log]) closing.push(() => open.close());
    return { bus, publisher, appointments, store, log };
  };

  test('one of three appends for all that met', async () => {
    const replicas = [replica(), replica(), replica()];
    await vi.waitFor(
      () => {
        for (const { publisher } of replicas) expect(publisher.heard()).toHaveLength(3);
      },
      { timeout: 15_000 },
    );
    const channel = freshChannel();
    const sendAll = () => Promise.all(replicas.map(({ log }) => log.append(channel, messageSend('x'))));
    for (let round = 0; round < 3; round++) await sendAll();
    for (const { store } of replicas) store.calls = {};
    for (let round = 0; round < 5; round++) await sendAll();
    expect(replicas.filter(({ store }) => (store.calls.append ?? 0) > 0)).toHaveLength(1);
    expect((await memory.range(channel, 1, 100)).map(({ seq }) => seq)).toEqual(
      Array.from({ length: 24 }, (_, i) => i + 1),
    );

    expect(replicas[0]?.appointments.isDeaf()).toBe(false);
    for (const { bus } of replicas) await bus.close();
    const answers = await sendAll();
    expect(answers.map(({ row }) => row.seq).toSorted((a, b) => a - b)).toEqual([25, 26, 27]);
    expect(replicas[0]?.appointments.isDeaf()).toBe(true);
  }, 60_000);
});
