import { describe, expect, it } from 'vitest';
import { clock, left } from '../src/figures/countdown';
import { dayOf, daysBetween, daysLater, instantOf, minuteOf } from '../src/figures/instant';
import { workingDaysBetween } from '../src/figures/workingDays';
import { periodsOf } from '../src/statistics/periods';

describe('instants', () => {
  it('are read in the business time zone, also where the day is another one in UTC', () => {
    expect(minuteOf('2022-11-30T17:05:00.000000Z')).toBe('2022-12-01 01:05');
    expect(dayOf('2022-12-01T00:30:00.000000+08:00')).toBe('2022-12-01');
  });

  it('are written in business time as fields have them, whatever the zone of the browser', () => {
    expect(instantOf('2022-12-01T09:00')).toBe('2022-12-01T09:00:00.000000+08:00');
    expect(instantOf('2022-12-01T09:00:05')).toBe('2022-12-01T09:00:05.000000+08:00');
    expect(minuteOf(instantOf('2022-12-01T09:00'))).toBe('2022-12-01 09:00');
  });

  it('are counted in days over the end of a month and of a leap year', () => {
    expect(daysBetween('2024-02-28', '2024-03-01')).toBe(2);
    expect(daysBetween('2022-12-02', '2022-12-01')).toBe(-1);
    expect(daysLater('2022-12-31', 1)).toBe('2023-01-01');
  });
});

describe('working days', () => {
  it('are counted after a day up to the last one, weekends left out', () => {
    expect(workingDaysBetween('2022-12-01', '2022-12-08', new Map())).toBe(5);
    expect(workingDaysBetween('2022-12-02', '2022-12-04', new Map())).toBe(0);
    expect(workingDaysBetween('2022-12-08', '2022-12-01', new Map())).toBe(0);
  });

  it('leave out the holidays of the calendar, and count the weekend days that are worked', () => {
    const listed = new Map([
      ['2022-10-03', 'holiday'],
      ['2022-10-08', 'working_day'],
    ] as const);
    expect(workingDaysBetween('2022-09-30', '2022-10-09', listed)).toBe(5);
  });
});

describe('a countdown', () => {
  it('counts from what the server said and ends at nothing', () => {
    const told = { milliseconds: 5_000, at: 100 };
    expect(left(told, 100)).toBe(5_000);
    expect(left(told, 3_100)).toBe(2_000);
    expect(left(told, 60_000)).toBe(0);
  });

  it('shows a begun second as a whole one, and days only where there are any', () => {
    expect(clock(1, 'd')).toBe('00:00:01');
    expect(clock(0, 'd')).toBe('00:00:00');
    expect(clock(3_661_000, 'd')).toBe('01:01:01');
    expect(clock(2 * 86_400_000 + 1_000, 'd')).toBe('2 d 00:00:01');
  });
});

describe('periods of statistics', () => {
  it('are those of the API', () => {
    expect(periodsOf('month', 2022)).toHaveLength(12);
    expect(periodsOf('month', 2022)[8]).toBe('2022-09');
    expect(periodsOf('quarter', 2022)).toEqual(['2022-Q1', '2022-Q2', '2022-Q3', '2022-Q4']);
    expect(periodsOf('year', 2022)).toEqual(['2018', '2019', '2020', '2021', '2022']);
  });
});
