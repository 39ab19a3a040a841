import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { useKindName } from '../events/kinds';
import { dayOf, secondOf } from '../figures/instant';
import { useToday } from '../session/installation';
import { Amount } from '../ui/Amount';
import { DownloadButton } from '../ui/DownloadButton';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { useRightWords } from '../ui/useRightWords';
import { inName, useAsOf, withAsOf } from './asOf';

/** The statement of the account from its first entry to the day that is looked at, by the days on which the book learnt of each entry. */
function Statement({ account, from, asOf }: { account: string; from: string; asOf: string | undefined }) {
  const { t } = useTranslation();
  const today = useToday();
  const to = asOf === undefined ? today : dayOf(asOf);
  if (to === undefined) return null;
  const name = `statement-${account}-${asOf === undefined ? to : inName(asOf)}`;
  return (['csv', 'xlsx'] as const).map((format) => (
    <DownloadButton
      key={format}
      label={t(`act.${format}`)}
      path={`/api/v1/accounts/${account}/statement?${new URLSearchParams({ from, to, basis: 'recorded', format }).toString()}`}
      name={`${name}.${format}`}
    />
  ));
}

/** Every entry of one account, with the balance after each; those that the book had learnt of by the moment that is looked at. */
export default function AccountPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const kindName = useKindName();
  const rightWords = useRightWords();
  const list = useList(['entries', id], (cursor) =>
    call(api.GET('/api/v1/accounts/{id}/entries', { params: { path: { id }, query: { limit: 50, ...at(cursor) } } })),
  );
  const { asOf, choose } = useAsOf();
  const isThere = (one: Schemas['Entry']) => asOf === undefined || Date.parse(one.recorded_at) <= Date.parse(asOf);
  const there = list.items.filter(isThere);
  const first = list.items[0];
  const columns: Column<Schemas['Entry']>[] = [
    {
      key: 'kind',
      title: t('audit.event'),
      cell: (one) => <Link to={withAsOf(`/audit/journals/${one.journal}`, asOf)}>{kindName(one.kind)}</Link>,
    },
    {
      key: 'effective',
      title: t('audit.effectiveOn'),
      cell: (one) => <span className="figures">{one.effective_on}</span>,
    },
    {
      key: 'recorded',
      title: t('audit.recordedAt'),
      cell: (one) => <span className="figures">{secondOf(one.recorded_at)}</span>,
    },
    {
      key: 'amount',
      title: t('audit.amount'),
      isFigure: true,
      cell: (one) => <Amount value={one.amount} unit={one.unit} />,
    },
    {
      key: 'balance',
      title: t('audit.balanceAfter'),
      isFigure: true,
      cell: (one) => <Amount value={one.balance_after} unit={one.unit} />,
    },
  ];
  return (
    <>
      <PageHead
        title={first?.owner_name ?? t('audit.account')}
        actions={
          first && (
            <>
              <Link to={`/audit/accounts/${id}/statement`}>
                <Button tabIndex={-1}>{t('audit.toStatement')}</Button>
              </Link>
              <Statement account={id} from={dayOf(first.recorded_at)} asOf={asOf} />
            </>
          )
        }
        {...(first && {
          lead: `${rightWords(first.asset)} · ${t(`purpose.${first.purpose}`, { defaultValue: first.purpose })}`,
        })}
      />
      <Panel
        flush
        title={asOf === undefined ? t('audit.entries') : t('audit.entriesAsOf', { instant: secondOf(asOf) })}
        actions={asOf !== undefined && <Button onClick={() => choose(undefined)}>{t('audit.untilNow')}</Button>}
      >
        <Rows
          label={t('audit.entries')}
          columns={columns}
          rows={there}
          rowKey={(one) => `${one.journal}-${one.line}`}
          isLoading={list.isLoading}
          error={list.error}
          retry={list.retry}
          more={there.length === list.items.length ? list.more : undefined}
          isLoadingMore={list.isLoadingMore}
          empty={<Nothing title={t('audit.noEntries')} />}
        />
      </Panel>
    </>
  );
}
