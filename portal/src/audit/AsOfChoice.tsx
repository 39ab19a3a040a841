import { useQuery } from '@tanstack/react-query';
import { Input } from 'antd';
import { useEffect, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '../api/client';
import { dayOf, daysBetween, daysLater, fieldOf, instantOf } from '../figures/instant';
import { useToday } from '../session/installation';

/** The day of the first journal of the book: before it there is nothing to see. */
function useFirstDay(): string | undefined {
  const { data } = useQuery({
    queryKey: ['journals', 'first'],
    queryFn: () => call(api.GET('/api/v1/audit/journals', { params: { query: { limit: 1 } } })),
    staleTime: Infinity,
  });
  const first = data?.items[0];
  return first && dayOf(first.recorded_at);
}

/** The end of a day in business time. */
const endOf = (day: string): string => instantOf(`${day}T23:59:59`);

interface AsOfChoiceProps {
  /** Nothing is now. */
  asOf: string | undefined;
  choose: (asOf: string | undefined) => void;
}

/** For so many milliseconds the slider rests before the book is asked: an arrow that is held down passes a hundred days. */
const RESTS = 250;

/** Days from the first journal to today: each is looked at as it ended, and the last is now. Arrows go by days. */
function Days({ asOf, choose }: AsOfChoiceProps) {
  const { t } = useTranslation();
  const [first, today] = [useFirstDay(), useToday()];
  const [moved, move] = useState<{ days: number; from: string | undefined }>();
  const last = first === undefined || today === undefined ? 0 : daysBetween(first, today);
  const place = asOf === undefined ? last : Math.min(Math.max(daysBetween(first ?? '', dayOf(asOf)), 0), last);
  // Where it is moved to, until that is what is looked at.
  const days = moved !== undefined && moved.from === asOf ? moved.days : place;
  useEffect(() => {
    if (first === undefined || days === place) return;
    const timer = setTimeout(() => choose(days >= last ? undefined : endOf(daysLater(first, days))), RESTS);
    return () => clearTimeout(timer);
  }, [choose, days, first, last, place]);
  if (first === undefined || today === undefined) return null;
  const word = days >= last ? t('audit.now') : daysLater(first, days);
  return (
    <div style={{ flex: 1, minWidth: 240 }}>
      <div className="muted">
        {t('audit.days', { from: first, to: today })} · <b className="figures">{word}</b>
      </div>
      <input
        type="range"
        className="range"
        min={0}
        max={last}
        value={days}
        onChange={({ target }) => move({ days: target.valueAsNumber, from: asOf })}
        aria-label={t('audit.asOf')}
        aria-valuetext={word}
      />
    </div>
  );
}

/** Which moment the book is looked at: typed to the second, or moved to by days. */
export function AsOfChoice({ asOf, choose }: AsOfChoiceProps) {
  const { t } = useTranslation();
  const field = useId();
  return (
    <>
      <label htmlFor={field}>
        {t('audit.asOf')}
        <Input
          id={field}
          type="datetime-local"
          step={1}
          value={asOf === undefined ? '' : fieldOf(asOf)}
          onChange={({ target }) => choose(target.value === '' ? undefined : instantOf(target.value))}
        />
      </label>
      <Days asOf={asOf} choose={choose} />
    </>
  );
}
