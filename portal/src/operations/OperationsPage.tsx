import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { Somebody } from '../audit/Somebody';
import { secondOf } from '../figures/instant';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { ListPanel } from '../ui/ListPanel';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Violations } from '../ui/Refusal';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { Progress } from './Progress';
import { useOperation } from './useOperation';

type Operation = Schemas['Operation'];

const isOver = ({ state }: Operation): boolean => state === 'finished' || state === 'failed';

/** What a work has come to: its figures, or every fault of it. */
function Outcome({ operation }: { operation: Operation }) {
  const { t } = useTranslation();
  if (operation.faults.length > 0)
    return (
      <Violations title={t('operation.faults', { count: operation.faults.length })} violations={operation.faults} />
    );
  if (operation.result === null) return <span className="muted">—</span>;
  return (
    <details>
      <summary>{t('operation.result')}</summary>
      <pre className="code">{JSON.stringify(operation.result, null, 2)}</pre>
    </details>
  );
}

/** A work that goes on, looked at until it ends. */
function Running({ id }: { id: string }) {
  const { t } = useTranslation();
  const { data } = useOperation(id);
  if (data === undefined) return null;
  return (
    <Panel title={t(`operation.kinds.${data.kind}`, { defaultValue: data.kind })}>
      <Progress operation={data} />
    </Panel>
  );
}

function useColumns(follow: (id: string) => void): Column<Operation>[] {
  const { t } = useTranslation();
  return [
    {
      key: 'kind',
      title: t('operation.kind'),
      cell: (one) => (
        <>
          <b>{t(`operation.kinds.${one.kind}`, { defaultValue: one.kind })}</b>
          <br />
          <small className="muted figures">{secondOf(one.asked_at)}</small>
        </>
      ),
    },
    {
      key: 'who',
      title: t('operation.askedBy'),
      cell: (one) => (one.asked_by === null ? t('operation.bySchedule') : <Somebody id={one.asked_by} />),
    },
    {
      key: 'ended',
      title: t('operation.endedAt'),
      cell: (one) => <span className="figures">{one.finished_at === null ? '—' : secondOf(one.finished_at)}</span>,
    },
    {
      key: 'done',
      title: t('operation.steps'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.total === null ? one.done : `${one.done} / ${one.total}`}</span>,
    },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => (
        <>
          <State state={one.state} />{' '}
          {!isOver(one) && (
            <Button size="small" onClick={() => follow(one.id)}>
              {t('operation.follow')}
            </Button>
          )}
        </>
      ),
    },
    { key: 'outcome', title: t('operation.outcome'), cell: (one) => <Outcome operation={one} /> },
  ];
}

/** Long works: what was asked for, how far it has come and what came out; those of the whole book for the auditor. */
export default function OperationsPage() {
  const { t } = useTranslation();
  const isAuditor = hasRole(useSession(), 'auditor');
  const [followed, follow] = useState<string>();
  const list = useList(['operations'], (cursor) =>
    call(api.GET('/api/v1/operations', { params: { query: { limit: 25, order: 'newest', ...at(cursor) } } })),
  );
  const columns = useColumns(follow);
  return (
    <>
      <PageHead
        title={t('place.operations')}
        lead={isAuditor ? t('operation.leadAuditor') : t('operation.lead')}
        actions={<Button onClick={list.retry}>{t('operation.refresh')}</Button>}
      />
      <div className="stack">
        {followed !== undefined && <Running id={followed} />}
        <ListPanel
          title={t('operation.all')}
          list={list}
          columns={columns}
          none={t('operation.none')}
          noneLead={t('operation.noneLead')}
        />
      </div>
    </>
  );
}
