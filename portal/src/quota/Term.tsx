import { useQueries } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '../api/client';
import { workingDaysBetween } from '../figures/workingDays';
import { useToday } from '../session/installation';

/** How many working days are left until a day; nothing while the calendars that tell are not known. */
function useDaysLeft(until: string | undefined): number | undefined {
  const today = useToday();
  const [first, last] = [today, until].map((day) => Number(day?.slice(0, 4)));
  const years = first !== undefined && last !== undefined && first <= last ? [...new Set([first, last])] : [];
  const calendars = useQueries({
    queries: years.map((year) => ({
      queryKey: ['calendar', year],
      queryFn: () => call(api.GET('/api/v1/calendars', { params: { query: { year } } })),
      staleTime: 300_000,
    })),
  });
  if (today === undefined || until === undefined || calendars.some((one) => one.data === undefined)) return undefined;
  const listed = calendars.flatMap((one) => one.data?.days ?? []).map((day) => [day.date, day.kind] as const);
  return workingDaysBetween(today, until, new Map(listed));
}

/** The last day of a term, and how many working days are left while it runs. */
export function Term({ until, isRunning = true }: { until: string | null; isRunning?: boolean }) {
  const { t } = useTranslation();
  const today = useToday();
  const left = useDaysLeft(isRunning && until !== null ? until : undefined);
  if (until === null) return <span className="muted">—</span>;
  const isOver = today !== undefined && today > until;
  return (
    <>
      <span className="figures">{until}</span>
      {isRunning && (isOver || left !== undefined) && (
        <>
          <br />
          <small className="muted">{isOver ? t('grant.termOver') : t('grant.termLeft', { count: left ?? 0 })}</small>
        </>
      )}
    </>
  );
}
