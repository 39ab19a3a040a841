import { useQuery } from '@tanstack/react-query';
import { App, Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { useCommand } from '../api/command';
import { violationsOf } from '../api/problem';
import { send } from '../quota/upload';
import { useToday } from '../session/installation';
import { Faults } from '../operations/Faults';
import { Facts } from '../ui/Facts';
import { handOver } from '../ui/download';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';
import { csv } from '../figures/csv';

type Day = Schemas['CalendarDayView'];

/** A file as the register takes it, to be filled in. */
const PATTERN = csv(
  ['date', 'kind'],
  [
    ['2023-01-02', 'holiday'],
    ['2023-01-28', 'working_day'],
  ],
);

/** Loading the days that the State Council's office announces each year, from a file. */
function Load() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [file, setFile] = useState<File>();
  const command = useCommand(
    (chosen: File, key) => send<Schemas['CalendarLoaded']>('/api/v1/calendars', chosen, key),
    ({ days, years }) => {
      setFile(undefined);
      void message.success(t('officials.loaded', { days, years: years.join(t('shell.comma')) }));
    },
  );
  // Faults of lines stand in a table of their own; what is wrong with the whole file is told as any refusal.
  const faults = violationsOf(command.error).filter((one) => one.field.startsWith('lines['));
  return (
    <>
      <Panel
        title={t('officials.load')}
        actions={
          <Button size="small" onClick={() => handOver(new Blob([PATTERN], { type: 'text/csv' }), 'calendar.csv')}>
            {t('officials.pattern')}
          </Button>
        }
      >
        <div className="stack">
          <label className="upload">
            {file?.name ?? t('officials.choose')}
            <br />
            <small>{t('officials.calendarColumns')}</small>
            <input
              type="file"
              accept=".csv,text/csv"
              onChange={(event) => {
                setFile(event.target.files?.[0]);
                command.reset();
                // The same file may be chosen again once it is mended.
                event.target.value = '';
              }}
            />
          </label>
          {faults.length === 0 && <Refusal error={command.error} />}
          <div className="actions">
            <Button
              type="primary"
              disabled={file === undefined}
              loading={command.isPending}
              onClick={() => file && command.mutate(file)}
            >
              {t('officials.loadAct')}
            </Button>
          </div>
        </div>
      </Panel>
      {faults.length > 0 && <Faults faults={faults} />}
    </>
  );
}

/** The days of a year that do not follow the week. */
function Year({ year }: { year: number }) {
  const { t, i18n } = useTranslation();
  const calendar = useQuery({
    queryKey: ['calendar', year],
    queryFn: () => call(api.GET('/api/v1/calendars', { params: { query: { year } } })),
  });
  const weekday = new Intl.DateTimeFormat(i18n.language, { weekday: 'short', timeZone: 'UTC' });
  const columns: Column<Day>[] = [
    { key: 'date', title: t('officials.date'), cell: (one) => <b className="figures">{one.date}</b> },
    { key: 'weekday', title: t('officials.weekday'), cell: (one) => weekday.format(new Date(one.date)) },
    {
      key: 'kind',
      title: t('officials.dayKind'),
      cell: (one) => (
        <State state={one.kind === 'holiday' ? 'in_force' : 'waiting'} word={t(`officials.dayKinds.${one.kind}`)} />
      ),
    },
  ];
  const { data } = calendar;
  return (
    <>
      {data !== undefined && (
        <Facts
          facts={[
            [t('officials.workingDays'), <b className="figures">{data.working_days}</b>],
            [t('officials.holidays'), data.days.filter((one) => one.kind === 'holiday').length],
            [t('officials.workedDays'), data.days.filter((one) => one.kind !== 'holiday').length],
          ]}
        />
      )}
      {data?.warning && (
        <p className="notice calm" role="status">
          {i18n.language === 'en' ? data.warning.en : data.warning.zh}
        </p>
      )}
      <Rows
        label={t('officials.calendarOf', { year })}
        columns={columns}
        rows={data?.days ?? []}
        rowKey={(one) => one.date}
        isLoading={calendar.isPending}
        error={calendar.error}
        retry={() => void calendar.refetch()}
        empty={<Nothing title={t('officials.noDays')} />}
      />
    </>
  );
}

/** The working-day calendar by which deadlines are counted, year by year, and loading the next. */
export function Calendar({ mayLoad }: { mayLoad: boolean }) {
  const { t } = useTranslation();
  const today = useToday();
  const [chosen, choose] = useState<number>();
  const year = chosen ?? (today === undefined ? undefined : Number(today.slice(0, 4)));
  const isYear = year !== undefined && year >= 1900 && year <= 9998;
  return (
    <div className="stack">
      {mayLoad && <Load />}
      <Panel
        title={isYear ? t('officials.calendarOf', { year }) : t('officials.calendar')}
        actions={
          <Input
            type="number"
            aria-label={t('officials.year')}
            min={1900}
            max={9998}
            value={year ?? ''}
            onChange={(event) => choose(Number(event.target.value))}
            style={{ width: 110 }}
          />
        }
      >
        <div className="stack">{isYear && <Year year={year} />}</div>
      </Panel>
    </div>
  );
}
