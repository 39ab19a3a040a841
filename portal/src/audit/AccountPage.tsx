import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { useKindName } from '../events/kinds';
import { secondOf } from '../figures/instant';
import { Amount } from '../ui/Amount';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { useRightWords } from '../ui/useRightWords';

/** Every entry of one account, with the balance after each. */
export default function AccountPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const kindName = useKindName();
  const rightWords = useRightWords();
  const list = useList(['entries', id], (cursor) =>
    call(api.GET('/api/v1/accounts/{id}/entries', { params: { path: { id }, query: { limit: 50, ...at(cursor) } } })),
  );
  const first = list.items[0];
  const columns: Column<Schemas['Entry']>[] = [
    {
      key: 'kind',
      title: t('audit.event'),
      cell: (one) => <Link to={`/audit/journals/${one.journal}`}>{kindName(one.kind)}</Link>,
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
        {...(first && {
          lead: `${rightWords(first.asset)} · ${t(`purpose.${first.purpose}`, { defaultValue: first.purpose })}`,
        })}
      />
      <Panel flush title={t('audit.entries')}>
        <Rows
          label={t('audit.entries')}
          columns={columns}
          rows={list.items}
          rowKey={(one) => `${one.journal}-${one.line}`}
          isLoading={list.isLoading}
          error={list.error}
          retry={list.retry}
          more={list.more}
          isLoadingMore={list.isLoadingMore}
          empty={<Nothing title={t('audit.noEntries')} />}
        />
      </Panel>
    </>
  );
}
