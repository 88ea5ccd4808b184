/** What a subscription is made of. */
import type { Clock } from '../../chat/clock.ts';
import type { Epochs } from '../../chat/epoch/watch.ts';
import type { Gate } from '../../chat/gate.ts';
import type { DeliveryGate } from '../../chat/live/port.ts';
import type { Logger } from '../../chat/logger.ts';
import type { NotificationStore } from '../../chat/notifications/port.ts';
import type { Viewer } from '../../chat/viewer.ts';
import type { Hub } from '../hub/hub.ts';
import type { Retained } from '../retained.ts';
import type { Bounds, Timings } from '../timings.ts';
import type { Scope } from './scope.ts';
import type { SocketRooms } from './socket-room.ts';

export interface SessionOptions {
  readonly viewer: Viewer;
  readonly connectionId: string;
  readonly scope: Scope;
  readonly replayLimit: number;
  readonly hub: Hub;
  readonly timings: Timings;
  readonly bounds: Bounds;
  readonly logger: Logger;
  /** Where rounds of asking Postgres again wait for each other. */
  readonly gate: Gate;
  readonly epochs: Pick<Epochs, 'of'>;
  /** What waits for each socket. */
  readonly rooms: SocketRooms;
  /** Signals kept for those who come later; without it nobody is given any. */
  readonly retained?: Pick<Retained, 'eventsOf'> | undefined;
  /** What the client missed; without it nobody is told of any. */
  readonly notifications?: Pick<NotificationStore, 'missed'> | undefined;
  readonly clock: Clock;
  /** Asked before events are given to who takes them one by one; without it they always are. */
  readonly delivery?: DeliveryGate | undefined;
  readonly onEnd: () => void;
}
