import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { useCommand } from '../api/command';
import { at, useList } from '../api/list';
import { secondOf } from '../figures/instant';
import { Progress } from '../operations/Progress';
import { useOperation } from '../operations/useOperation';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { type Column, Rows } from '../ui/Rows';
import { Tile } from '../ui/Tile';

/** What a verification tells when it has ended. */
interface Verification {
  is_clean: boolean;
  accounts: number;
  journals: number;
  entries: number;
  records: number;
  differences: string[];
}

function Found({ found }: { found: Verification }) {
  const { t } = useTranslation();
  return (
    <div className="stack" data-testid="verified">
      <div className={found.is_clean ? 'notice fine' : 'notice'} role="status">
        <h3>{found.is_clean ? t('audit.clean') : t('audit.differences', { count: found.differences.length })}</h3>
        {found.is_clean ? (
          <p>{t('audit.cleanLead')}</p>
        ) : (
          <ul>
            {found.differences.map((difference) => (
              <li key={difference} className="code">
                {difference}
              </li>
            ))}
          </ul>
        )}
      </div>
      <div className="tiles">
        {(['accounts', 'journals', 'entries', 'records'] as const).map((name) => (
          <Tile key={name} name={t(`audit.counted.${name}`)} value={String(found[name])} />
        ))}
      </div>
    </div>
  );
}

/** Reconciliations so far, by the schedule and on demand. */
function Reconciliations() {
  const { t } = useTranslation();
  const command = useCommand((_: null, key) =>
    call(api.POST('/api/v1/audit/reconciliations', { ...keyed(key), body: {} })),
  );
  const operation = useOperation(command.data?.id);
  const isRunning = command.isPending || ['wanted', 'running'].includes(operation.data?.state ?? '');
  const list = useList(['reconciliations'], (cursor) =>
    call(
      api.GET('/api/v1/audit/reconciliations', { params: { query: { limit: 10, order: 'newest', ...at(cursor) } } }),
    ),
  );
  const columns: Column<Schemas['Reconciliation']>[] = [
    {
      key: 'asked',
      title: t('audit.askedAt'),
      cell: (one) => <span className="figures">{secondOf(one.asked_at)}</span>,
    },
    { key: 'entries', title: t('audit.counted.entries'), isFigure: true, cell: (one) => one.entries ?? '—' },
    { key: 'differences', title: t('audit.found'), isFigure: true, cell: (one) => one.differences ?? '—' },
    {
      key: 'clean',
      title: t('field.state'),
      cell: (one) => {
        if (one.is_clean === null)
          return <span className="state waits">{t(`state.${one.state}`, { defaultValue: one.state })}</span>;
        return (
          <span className={one.is_clean ? 'state good' : 'state bad'}>
            {one.is_clean ? t('audit.isClean') : t('audit.isNotClean')}
          </span>
        );
      },
    },
  ];
  return (
    <Panel
      flush
      title={t('audit.reconciliations')}
      actions={
        <Button size="small" loading={isRunning} onClick={() => command.mutate(null)}>
          {t('audit.reconcile')}
        </Button>
      }
    >
      <Refusal error={command.error ?? operation.error} />
      {isRunning && operation.data && <Progress operation={operation.data} />}
      <Rows
        label={t('audit.reconciliations')}
        columns={columns}
        rows={list.items}
        rowKey={(one) => one.id}
        isLoading={list.isLoading}
        error={list.error}
        retry={list.retry}
        more={list.more}
        isLoadingMore={list.isLoadingMore}
        empty={<Nothing title={t('audit.noReconciliations')} />}
      />
    </Panel>
  );
}

/** Deriving every balance again from the entries, with its progress and what was found. */
export default function VerifyPage() {
  const { t } = useTranslation();
  const command = useCommand((_: null, key) => call(api.POST('/api/v1/audit/verify', { ...keyed(key), body: {} })));
  const operation = useOperation(command.data?.id);
  const isRunning = command.isPending || ['wanted', 'running'].includes(operation.data?.state ?? '');
  return (
    <>
      <PageHead
        title={t('audit.verify')}
        lead={t('audit.verifyLead')}
        actions={
          <Button type="primary" loading={isRunning} onClick={() => command.mutate(null)}>
            {t('audit.verifyNow')}
          </Button>
        }
      />
      <div className="stack">
        <Refusal error={command.error ?? operation.error} />
        {operation.data && (
          <Panel title={t('audit.progress')}>
            <Progress operation={operation.data} />
          </Panel>
        )}
        {operation.data?.state === 'finished' && <Found found={operation.data.result as unknown as Verification} />}
        <Reconciliations />
      </div>
    </>
  );
}
