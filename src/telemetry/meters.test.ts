import { expect, test } from 'vitest';
import { Meters } from './meters.ts';

test('counters, gauges and histograms in the form that Prometheus reads', () => {
  const meters = new Meters();
  const plain = meters.counter('a_total', 'A').of();
  const labelled = meters.counter('b_total', 'B', ['x', 'y']);
  let now = 1;
  meters.gauge('c', 'C', () => now);
  meters.counted('d_total', 'D', () => 7);
  meters.countedBy('e_total', 'E', 'why', () => [['one', 1]]);
  const times = meters.histogram('f_seconds', 'F', ['z'], [0.01, 0.1]).of('q');
  plain.add();
  plain.add(2);
  labelled.of('1', 'two "of"\n\\').add();
  labelled.of('1', 'two "of"\n\\').add();
  now = 5;
  for (const ms of [10, 50, 100, 5_000]) times.observe(ms);
  expect(meters.text().trim().split(/\n+/)).toEqual([
    '# HELP a_total A',
    '# TYPE a_total counter',
    'a_total 3',
    '# HELP b_total B',
    '# TYPE b_total counter',
    'b_total{x="1",y="two \\"of\\"\\n\\\\"} 2',
    '# HELP c C',
    '# TYPE c gauge',
    'c 5',
    '# HELP d_total D',
    '# TYPE d_total counter',
    'd_total 7',
    '# HELP e_total E',
    '# TYPE e_total counter',
    'e_total{why="one"} 1',
    '# HELP f_seconds F',
    '# TYPE f_seconds histogram',
    'f_seconds_bucket{z="q",le="0.01"} 1',
    'f_seconds_bucket{z="q",le="0.1"} 3',
    'f_seconds_bucket{z="q",le="+Inf"} 4',
    'f_seconds_sum{z="q"} 5.16',
    'f_seconds_count{z="q"} 4',
  ]);
});

test('nothing is counted under one name twice', () => {
  const meters = new Meters();
  meters.counter('a_total', 'A');
  expect(() => meters.gauge('a_total', 'A', () => 0)).toThrow('a_total');
});
