import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { secondOf } from '../figures/instant';
import { Amount } from '../ui/Amount';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { useRightWords } from '../ui/useRightWords';
import { useAsOf, withAsOf } from './asOf';

/** The accounts behind one line of the trial balance. */
export default function BalancesPage() {
  const { t } = useTranslation();
  const [parameters] = useSearchParams();
  const rightWords = useRightWords();
  const { asOf } = useAsOf();
  const [asset, purpose] = ['asset', 'purpose'].map((name) => parameters.get(name) ?? '');
  const query = {
    asset: asset ?? '',
    purpose: purpose ?? '',
    ...(asOf !== undefined && { as_of: asOf }),
  };
  const list = useList(['balances', query], (cursor) =>
    call(api.GET('/api/v1/balances', { params: { query: { ...query, limit: 50, ...at(cursor) } } })),
  );
  const columns: Column<Schemas['Balance']>[] = [
    {
      key: 'owner',
      title: t('audit.owner'),
      cell: (one) => (
        <Link to={withAsOf(`/audit/accounts/${one.account}`, asOf)}>
          <b>{one.owner_name}</b>
        </Link>
      ),
    },
    {
      key: 'kind',
      title: t('audit.ownerKind'),
      cell: (one) => t(`ownerKind.${one.owner_kind}`, { defaultValue: one.owner_kind }),
    },
    {
      key: 'subject',
      title: t('audit.subject'),
      cell: (one) => (one.subject ? <span className="code">{one.subject}</span> : '—'),
    },
    {
      key: 'balance',
      title: t('audit.balance'),
      isFigure: true,
      cell: (one) => <Amount value={one.balance} unit={one.unit} />,
    },
  ];
  return (
    <>
      <PageHead
        title={`${rightWords(query.asset)} · ${t(`purpose.${query.purpose}`, { defaultValue: query.purpose })}`}
        lead={asOf === undefined ? t('audit.accountsLead') : t('audit.accountsAsOf', { instant: secondOf(asOf) })}
      />
      <Panel flush>
        <Rows
          label={t('audit.accounts')}
          columns={columns}
          rows={list.items}
          rowKey={(one) => one.account}
          isLoading={list.isLoading}
          error={list.error}
          retry={list.retry}
          more={list.more}
          isLoadingMore={list.isLoadingMore}
          empty={<Nothing title={t('audit.noAccounts')} />}
        />
      </Panel>
    </>
  );
}
