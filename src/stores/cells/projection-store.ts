/** The port of projections in front of the cells': each call goes to the cell of its organization. */
import type { ProjectionStore } from '../../chat/changes/port.ts';
import type { Routes } from './routes.ts';

export const cellsProjectionStore = (routes: Routes): ProjectionStore => ({
  project: (channel, changes) =>
    routes.to(channel.organizationId, ({ projections }) => projections.project(channel, changes)),
  eraseEdits: (channel, revs) =>
    routes.to(channel.organizationId, ({ projections }) => projections.eraseEdits(channel, revs)),
  noteProjected: (channel, rev) =>
    routes.to(channel.organizationId, ({ projections }) => projections.noteProjected(channel, rev)),
  reactionRevs: (refs) =>
    routes.spread(
      refs,
      ({ channel }) => channel,
      ({ projections }, some) => projections.reactionRevs(some),
    ),
  reactors: (refs, first) =>
    routes.spread(
      refs,
      ({ channel }) => channel,
      ({ projections }, some) => projections.reactors(some, first),
    ),
  pins: (channel, page) =>
    routes.to(channel.organizationId, ({ projections }) => projections.pins(channel, page)),
});
