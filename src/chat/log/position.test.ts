import { expect, test } from 'vitest';
import { Position } from './position.ts';

test('expects a bucket’s newest number, and nothing of a bucket that it begins', () => {
  const position = new Position(4);
  expect([position.bucket, position.expectedLast, position.room]).toEqual([0, null, 4]);
  position.moveTo(3, 10);
  expect([position.bucket, position.expectedLast, position.room]).toEqual([0, 3, 1]);
  position.moveTo(4, 11);
  expect([position.bucket, position.expectedLast, position.room]).toEqual([1, null, 4]);
  expect(position.endOf(0)).toBe(11);
  position.moveTo(5, 12);
  expect([position.bucket, position.expectedLast, position.room]).toEqual([1, 5, 3]);
});

test('never moves back', () => {
  const position = new Position(4);
  position.moveTo(3, 10);
  position.moveTo(2, 99);
  expect([position.head, position.lastAt]).toEqual([3, 10]);
});

test('observes only the very next number, and never the one that fills a bucket', () => {
  const position = new Position(4);
  position.observe(2, 10);
  expect(position.head).toBe(0);
  for (const seq of [1, 2, 3, 4, 5]) position.observe(seq, 10 + seq);
  expect([position.head, position.lastAt]).toEqual([3, 13]);
});

test('remembers the ends of the newest buckets only', () => {
  const position = new Position(4);
  for (let bucket = 0; bucket < 500; bucket++) position.noteEnd(bucket, bucket);
  expect(position.endOf(499)).toBe(499);
  expect(position.endOf(435)).toBe(435);
  expect(position.endOf(400)).toBeUndefined();
});
