import { Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';

type Legacy = Schemas['LegacyTransaction'];

/** Transactions of the register that was there before, as it knew them, and the journals that they have become. */
export default function LegacyPage() {
  const { t } = useTranslation();
  const [parameters, setParameters] = useSearchParams();
  const sought = parameters.get('transaction_id') ?? undefined;
  const query = sought === undefined ? {} : { transaction_id: sought };
  const list = useList(['legacy', sought], (cursor) =>
    call(api.GET('/api/v1/audit/legacy-transactions', { params: { query: { ...query, limit: 50, ...at(cursor) } } })),
  );
  const columns: Column<Legacy>[] = [
    {
      key: 'id',
      title: t('legacy.id'),
      cell: (one) => (
        <Link to={`/audit/journals/${one.journal}`} className="code">
          {one.transaction_id}
        </Link>
      ),
    },
    { key: 'kind', title: t('field.kind'), cell: (one) => <span className="code">{one.kind}</span> },
    {
      key: 'effective',
      title: t('audit.effectiveOn'),
      cell: (one) => <span className="figures">{one.effective_on}</span>,
    },
    { key: 'written', title: t('legacy.written'), cell: (one) => <span className="code">{one.timestamp}</span> },
    {
      key: 'rows',
      title: t('legacy.rows'),
      cell: (one) => (
        <ul className="bare">
          {one.rows.map((row) => (
            <li key={row.seq} className="code">
              {row.seq} · {row.kind} <span className="muted">{row.timestamp}</span>
            </li>
          ))}
        </ul>
      ),
    },
  ];
  const { items, ...state } = list;
  return (
    <>
      <PageHead title={t('legacy.title')} lead={t('legacy.lead')} />
      <Panel
        flush
        title={t('legacy.all')}
        actions={
          <Input.Search
            key={sought}
            allowClear
            aria-label={t('legacy.search')}
            placeholder={t('legacy.search')}
            style={{ width: 260 }}
            defaultValue={sought ?? ''}
            onSearch={(id) => setParameters(id.trim() === '' ? {} : { transaction_id: id.trim() }, { replace: true })}
          />
        }
      >
        <Rows
          label={t('legacy.all')}
          columns={columns}
          rows={items}
          rowKey={(one) => one.transaction_id}
          {...state}
          empty={
            <Nothing title={sought === undefined ? t('legacy.none') : t('legacy.unknown', { id: sought })}>
              <p>{sought === undefined ? t('legacy.noneLead') : t('legacy.unknownLead')}</p>
            </Nothing>
          }
        />
      </Panel>
    </>
  );
}
