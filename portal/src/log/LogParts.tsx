import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { DownloadOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { minuteOf, secondOf } from '../figures/instant';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Facts } from '../ui/Facts';
import { handOver } from '../ui/download';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { type Column, Rows } from '../ui/Rows';
import { toHex } from './bytes';
import { Findings } from './Findings';
import { KeptCheckpoint } from './KeptCheckpoint';
import { findCheckpoint, findKeys, signatureOf } from './questions';
import { RegisterWitness } from './RegisterWitness';

async function newest() {
  const found = await findCheckpoint();
  return { ...found, isSigned: await signatureOf(found.checkpoint) };
}

/** The newest checkpoint: how long the log is, and what was signed of it. */
function Newest() {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ['log', 'newest'], queryFn: newest });
  const { data } = query;
  return (
    <Panel
      title={t('log.newest')}
      actions={
        data && (
          <Button
            icon={<DownloadOutlined />}
            onClick={() => handOver(new Blob([data.note]), `checkpoint-${data.checkpoint.size}.txt`)}
          >
            {t('log.keep')}
          </Button>
        )
      }
    >
      <Refusal error={query.error} retry={() => void query.refetch()} />
      {data && (
        <div className="stack">
          <Facts
            facts={[
              [t('log.size'), <b className="figures">{data.checkpoint.size}</b>],
              data.checkpoint.number !== undefined && [
                t('log.number'),
                <span className="figures">{data.checkpoint.number}</span>,
              ],
              data.checkpoint.recordedAt !== undefined && [
                t('log.signedAt'),
                <span className="figures">{secondOf(data.checkpoint.recordedAt)}</span>,
              ],
              [t('log.origin'), <span className="code">{data.checkpoint.origin}</span>],
              [t('log.root'), <span className="code">{toHex(data.checkpoint.root)}</span>],
            ]}
          />
          <Findings
            findings={[{ step: t('log.steps.signature', { origin: data.checkpoint.origin }), found: data.isSigned }]}
          />
          <details>
            <summary>{t('audit.checkpoint')}</summary>
            <pre className="code">{data.note}</pre>
          </details>
        </div>
      )}
    </Panel>
  );
}

type Key = Schemas['LogKey'];
type Witness = Schemas['Witness'];

function Keys({ keys }: { keys: readonly Key[] }) {
  const { t } = useTranslation();
  const columns: Column<Key>[] = [
    { key: 'key', title: t('log.key'), cell: (one) => <span className="code">{one.vkey}</span> },
    {
      key: 'since',
      title: t('log.since'),
      cell: (one) => <span className="figures">{minuteOf(one.signs_since)}</span>,
    },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => (
        <span className={one.is_active ? 'state good' : 'state over'}>
          {one.is_active ? t('log.active') : t('log.past')}
        </span>
      ),
    },
  ];
  return (
    <Panel flush title={t('log.keys')}>
      <Rows
        label={t('log.keys')}
        columns={columns}
        rows={keys}
        rowKey={(one) => one.vkey}
        empty={<Nothing title={t('log.noKeys')} />}
      />
      <p className="remark muted">{t('log.keysLead')}</p>
    </Panel>
  );
}

function Witnesses({ witnesses }: { witnesses: readonly Witness[] }) {
  const { t } = useTranslation();
  const mayRegister = hasRole(useSession(), 'auditor', 'operator');
  const columns: Column<Witness>[] = [
    { key: 'name', title: t('log.witness'), cell: (one) => <b>{one.name}</b> },
    { key: 'key', title: t('log.key'), cell: (one) => <span className="code">{one.vkey}</span> },
    {
      key: 'count',
      title: t('log.cosigned'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.cosigned}</span>,
    },
  ];
  return (
    <Panel flush title={t('log.witnesses')} {...(mayRegister && { actions: <RegisterWitness /> })}>
      <Rows
        label={t('log.witnesses')}
        columns={columns}
        rows={witnesses}
        rowKey={(one) => one.vkey}
        empty={
          <Nothing title={t('log.noWitnesses')}>
            <p>{t('log.noWitnessesLead')}</p>
          </Nothing>
        }
      />
    </Panel>
  );
}

/** The newest checkpoint, a kept one beside it, and who signs. */
export default function LogParts() {
  const query = useQuery({ queryKey: ['log', 'keys'], queryFn: findKeys });
  return (
    <div className="stack">
      <Newest />
      <KeptCheckpoint />
      <Refusal error={query.error} retry={() => void query.refetch()} />
      {query.data && (
        <>
          <Keys keys={query.data.keys} />
          <Witnesses witnesses={query.data.witnesses} />
        </>
      )}
    </div>
  );
}
