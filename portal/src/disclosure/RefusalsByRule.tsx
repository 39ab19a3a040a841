import { DownloadOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { familyOf, useChecks, useCheckText } from '../rulebook/useChecks';
import { useSession } from '../session/session';
import { periodsOf } from '../statistics/periods';
import type { useYear } from '../statistics/useYear';
import { YearChoice } from '../statistics/YearChoice';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';

/** What a rule refuses: in words for whoever is signed in, by its family for a visitor, to whom the catalogue is not served. */
export function RuleWords({ code }: { code: string }) {
  const { t } = useTranslation();
  const isSignedIn = useSession() !== undefined;
  const check = useChecks(isSignedIn).data?.find((one) => one.code === code);
  const text = useCheckText();
  const family = familyOf(code);
  return (
    <>
      {check === undefined ? t(`check.families.${family}`, { defaultValue: family }) : text(check)}
      <br />
      <small className="code muted">{code}</small>
    </>
  );
}

interface RefusalsByRuleProps {
  years: ReturnType<typeof useYear>;
  /** A part of the year; all of it without one. */
  part: string | undefined;
  choosePart: (part: string | undefined) => void;
  /** Where somebody may see who was refused, and looks at one rule. */
  code?: string | undefined;
  choose?: (code: string | undefined) => void;
}

/** Chooses a year, and a quarter or a month of it. */
function PeriodChoice({ years, part, choosePart }: Pick<RefusalsByRuleProps, 'years' | 'part' | 'choosePart'>) {
  const { t } = useTranslation();
  const parts =
    years.year === undefined ? [] : [...periodsOf('quarter', years.year), ...periodsOf('month', years.year)];
  return (
    <>
      <YearChoice
        {...years}
        choose={(year) => {
          choosePart(undefined);
          years.choose(year);
        }}
      />
      <Select
        allowClear
        aria-label={t('statistics.period')}
        placeholder={t('refusal.wholeYear')}
        style={{ width: 130 }}
        value={part}
        onChange={choosePart}
        options={parts.map((value) => ({ value, label: value }))}
      />
    </>
  );
}

/** How often each rule has refused somebody in a period; nobody is named. */
export default function RefusalsByRule({ years, part, choosePart, code, choose }: RefusalsByRuleProps) {
  const { t } = useTranslation();
  const period = part ?? (years.year === undefined ? undefined : String(years.year));
  const query = useQuery({
    queryKey: ['public', 'refusals', period],
    queryFn: () => call(api.GET('/api/v1/public/refusals', { params: { query: { period: period ?? '' } } })),
    enabled: period !== undefined,
  });
  // The rules that refuse most come first.
  const items = [...(query.data?.items ?? [])].sort((a, b) => b.count - a.count);
  const columns: Column<Schemas['PublicRefusal']>[] = [
    { key: 'rule', title: t('check.refuses'), cell: (one) => <RuleWords code={one.code} /> },
    {
      key: 'count',
      title: t('refusal.count'),
      isFigure: true,
      cell: (one) => <span className="figures">{t('refusal.times', { count: one.count })}</span>,
    },
  ];
  if (choose !== undefined)
    columns.push({
      key: 'look',
      title: t('act.name'),
      cell: (one) => (
        <Button
          size="small"
          type={one.code === code ? 'primary' : 'default'}
          aria-pressed={one.code === code}
          onClick={() => choose(one.code === code ? undefined : one.code)}
        >
          {t('refusal.look')}
        </Button>
      ),
    });
  return (
    <Panel
      flush
      title={t('refusal.byRule')}
      actions={
        <>
          <PeriodChoice years={years} part={part} choosePart={choosePart} />
          <Button
            icon={<DownloadOutlined />}
            href={`/api/v1/public/refusals?period=${period ?? ''}&format=csv`}
            disabled={period === undefined}
            download
          >
            {t('act.csv')}
          </Button>
        </>
      }
    >
      <Rows
        label={t('refusal.byRule')}
        columns={columns}
        rows={items}
        rowKey={(one) => one.code}
        isLoading={query.isPending}
        error={query.error}
        retry={() => void query.refetch()}
        empty={
          <Nothing title={t('refusal.none')}>
            <p>{t('refusal.noneLead')}</p>
          </Nothing>
        }
      />
    </Panel>
  );
}
