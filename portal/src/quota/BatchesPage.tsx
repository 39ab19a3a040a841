import { Button, Form, Input, Tabs } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { useCommand } from '../api/command';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { withWords } from '../i18n/areas';
import { Faults } from '../operations/Faults';
import { Progress } from '../operations/Progress';
import { useOperation } from '../operations/useOperation';
import { useToday } from '../session/installation';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { ListPanel } from '../ui/ListPanel';
import { Loading } from '../ui/Loading';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { upload } from './upload';

const Grants = lazy(withWords('grants', () => import('./Grants')));
// Only what was laid open can be objected to.
const Waiting = lazy(withWords('objections', () => import('../objections/Waiting')));

type Batch = Schemas['AllocationBatch'];

/** How far a work on a batch has come, and every fault that stood against it. */
function Work({ id, title }: { id: string | undefined; title: string }) {
  const operation = useOperation(id).data;
  if (operation === undefined) return null;
  return (
    <>
      <Panel title={title}>
        <Progress operation={operation} />
      </Panel>
      {operation.state === 'failed' && <Faults faults={operation.faults} />}
    </>
  );
}

/** Uploading a file of grants, and what becomes of it. */
function Upload() {
  const { t } = useTranslation();
  const [file, setFile] = useState<File>();
  const command = useCommand(async ({ number, file: chosen }: { number: string; file: File }, key) => {
    const document = await upload(chosen);
    return call(api.POST('/api/v1/allocation-batches', { ...keyed(key), body: { number, document: document.id } }));
  });
  return (
    <div className="stack">
      <Panel title={t('batch.upload')}>
        <Form
          layout="vertical"
          requiredMark={false}
          onFinish={({ number }: { number: string }) => {
            if (file) command.mutate({ number, file });
          }}
        >
          <Form.Item name="number" label={t('batch.number')} rules={[{ required: true, message: t('field.needed') }]}>
            <Input autoComplete="off" placeholder={t('batch.numberHint')} />
          </Form.Item>
          <label className="upload">
            {file?.name ?? t('batch.choose')}
            <br />
            <small>{t('batch.columns')}</small>
            <input type="file" accept=".csv,.xlsx,text/csv" onChange={(event) => setFile(event.target.files?.[0])} />
          </label>
          <div className="stack gap">
            <Refusal error={command.error} />
            <Button type="primary" htmlType="submit" loading={command.isPending} disabled={file === undefined}>
              {t('batch.propose')}
            </Button>
          </div>
        </Form>
      </Panel>
      <Work id={command.data?.id} title={t('batch.progress')} />
    </div>
  );
}

function BatchActs({ batch, follow }: { batch: Batch; follow: (work: string) => void }) {
  const { t } = useTranslation();
  const session = useSession();
  const today = useToday();
  const mayDecide = hasRole(session, 'bureau_head') && batch.proposed_by !== session?.me.user;
  const isUndecided = ['proposed', 'publicised'].includes(batch.state);
  // What is laid open waits for whoever may object; it may be turned down all the same.
  const isOpen = batch.state === 'publicised' && today !== undefined && today <= (batch.publicised_until ?? '');
  const path = { params: { path: { id: batch.id } } };
  const decided = (reason: string | undefined) => ({ documents: [], ...(reason !== undefined && { reason }) });
  if (!isUndecided || !mayDecide) return <State state={batch.state} />;
  return (
    <div className="actions">
      {batch.state === 'publicised' && <State state={batch.state} />}
      {!isOpen && (
        <Act
          label={t('batch.confirm')}
          kind="primary"
          size="small"
          reason="asked"
          run={(reason, key) =>
            call(api.POST('/api/v1/allocation-batches/{id}/confirm', { ...path, ...keyed(key), body: decided(reason) }))
          }
          done={(work) => follow(work.id)}
        >
          {t('batch.confirmLead', { count: batch.allocations })}
        </Act>
      )}
      <Act
        label={t('tasks.refuse')}
        isDanger
        size="small"
        reason="needed"
        run={(reason, key) =>
          call(api.POST('/api/v1/allocation-batches/{id}/reject', { ...path, ...keyed(key), body: decided(reason) }))
        }
      >
        {t('batch.rejectLead')}
      </Act>
    </div>
  );
}

/** Batches as they were uploaded, and how far the confirmation of one has come. */
function Batches() {
  const { t } = useTranslation();
  const mayPropose = hasRole(useSession(), 'bureau_officer');
  const [confirming, follow] = useState<string>();
  const list = useList(['batches'], (cursor) =>
    call(api.GET('/api/v1/allocation-batches', { params: { query: { limit: 25, order: 'newest', ...at(cursor) } } })),
  );
  const columns: Column<Batch>[] = [
    { key: 'number', title: t('batch.number'), cell: (one) => <b>{one.number}</b> },
    {
      key: 'count',
      title: t('batch.count'),
      isFigure: true,
      cell: (one) => (
        <Link to={`/batches?view=grants&batch=${one.id}`} className="underlined figures">
          {one.allocations}
        </Link>
      ),
    },
    {
      key: 'proposed',
      title: t('batch.proposedAt'),
      isFigure: true,
      cell: (one) => <span className="figures">{minuteOf(one.proposed_at)}</span>,
    },
    {
      key: 'until',
      title: t('disclosure.until'),
      isFigure: true,
      cell: (one) => (
        <>
          <span className="figures">{one.publicised_until ?? '—'}</span>
          {one.publicised_until && (
            <div>
              <Suspense>
                <Waiting subject={one.id} />
              </Suspense>
            </div>
          )}
        </>
      ),
    },
    { key: 'acts', title: t('field.state'), cell: (one) => <BatchActs batch={one} follow={follow} /> },
  ];
  return (
    <div className="stack">
      {mayPropose && <Upload />}
      <Work id={confirming} title={t('batch.confirming')} />
      <ListPanel
        title={t('batch.all')}
        list={list}
        columns={columns}
        none={t('batch.none')}
        noneLead={t('batch.noneLead')}
      />
    </div>
  );
}

/** Grants of rights: batches with their file and its faults, and beside them grants one by one. */
export default function BatchesPage() {
  const { t } = useTranslation();
  const [parameters, look] = useSearchParams();
  return (
    <>
      <PageHead title={t('batch.place')} lead={t('batch.lead')} />
      <Tabs
        destroyOnHidden
        activeKey={parameters.get('view') ?? 'batches'}
        onChange={(view) => look({ view })}
        items={[
          { key: 'batches', label: t('batch.title'), children: <Batches /> },
          {
            key: 'grants',
            label: t('batch.single'),
            children: (
              <Suspense fallback={<Loading />}>
                <Grants />
              </Suspense>
            ),
          },
        ]}
      />
    </>
  );
}
