import { expect, test } from 'vitest';
import type { EdgeLease } from '../chat/live/leases.ts';
import { Holdouts } from './lease-holdouts.ts';

const lease = (edgeId: string, round: number, carried = round): EdgeLease => ({ edgeId, round, carried });

test('nobody is known not to be waited for before the first look', () => {
  const holdouts = new Holdouts('self');
  expect([holdouts.isSettled, holdouts.edges]).toEqual([false, null]);
  holdouts.looked([]);
  expect(holdouts.isSettled).toBe(true);
});

test('an edge is waited for until it has carried out a renewal that began after the first look', () => {
  const holdouts = new Holdouts('self');
  holdouts.looked([lease('self', 1), lease('a', 5, 4)]);
  expect(holdouts.edges).toEqual(['a']);
  // The renewal that was under way may have read before the commit.
  holdouts.looked([lease('a', 5, 5)]);
  expect(holdouts.isSettled).toBe(false);
  holdouts.looked([lease('a', 6, 5)]);
  expect(holdouts.isSettled).toBe(false);
  holdouts.looked([lease('a', 7, 6)]);
  expect(holdouts.isSettled).toBe(true);
});

test('or until it has confirmed, before the first look or after it, or let its lease lapse', () => {
  const holdouts = new Holdouts('self');
  holdouts.confirmed('a');
  holdouts.looked([lease('a', 1), lease('b', 1), lease('c', 1)]);
  expect(holdouts.edges).toEqual(['b', 'c']);
  holdouts.confirmed('b');
  holdouts.looked([lease('b', 1)]);
  expect(holdouts.isSettled).toBe(true);
});

test('an edge that is seen only later began, or went on, with what was committed before', () => {
  const holdouts = new Holdouts('self');
  holdouts.looked([]);
  holdouts.looked([lease('new', 1, 0)]);
  expect(holdouts.isSettled).toBe(true);
});
