import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { useKindName } from '../events/kinds';
import { secondOf } from '../figures/instant';
import { Amount } from '../ui/Amount';
import { Facts } from '../ui/Facts';
import { Loading } from '../ui/Loading';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';
import { useAsOf, withAsOf } from './asOf';
import { DecisionsOn } from './DecisionsOn';
import { Somebody, Thing } from './Somebody';

/** What proves that a journal is in the public log. */
function Proof({ journal }: { journal: string }) {
  const { t } = useTranslation();
  const proof = useQuery({
    queryKey: ['proof', journal],
    queryFn: () => call(api.GET('/api/v1/journals/{id}/proof', { params: { path: { id: journal } } })),
  });
  if (proof.error) return <Refusal error={proof.error} />;
  if (proof.data === undefined) return null;
  const { data } = proof;
  return (
    <Panel title={t('audit.proof')}>
      <div className="stack">
        <Facts
          facts={[
            [t('audit.position'), data.position],
            [t('audit.treeSize'), data.tree_size],
            [t('audit.leafHash'), <span className="code">{data.leaf_hash}</span>],
            [t('audit.pathLength'), t('audit.hashes', { count: data.inclusion.length })],
          ]}
        />
        <details>
          <summary>{t('audit.checkpoint')}</summary>
          <pre className="code">{data.checkpoint}</pre>
        </details>
        {Boolean(data.canonical) && (
          <details>
            <summary>{t('audit.canonical')}</summary>
            <pre className="code">{data.canonical}</pre>
          </details>
        )}
      </div>
    </Panel>
  );
}

/** One journal: what happened, both sides of every posting, and its proof. */
export default function JournalPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const kindName = useKindName();
  const { asOf } = useAsOf();
  const query = useQuery({
    queryKey: ['journal', id],
    queryFn: () => call(api.GET('/api/v1/journals/{id}', { params: { path: { id } } })),
  });
  if (query.error) return <Refusal error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading />;
  const journal = query.data;
  const columns: Column<Schemas['Entry']>[] = [
    {
      key: 'owner',
      title: t('audit.owner'),
      cell: (one) => <Link to={withAsOf(`/audit/accounts/${one.account}`, asOf)}>{one.owner_name}</Link>,
    },
    { key: 'asset', title: t('statements.asset'), cell: (one) => <RightClass code={one.asset} /> },
    {
      key: 'purpose',
      title: t('audit.purpose'),
      cell: (one) => t(`purpose.${one.purpose}`, { defaultValue: one.purpose }),
    },
    {
      key: 'amount',
      title: t('audit.amount'),
      isFigure: true,
      cell: (one) => <Amount value={one.amount} unit={one.unit} />,
    },
    {
      key: 'after',
      title: t('audit.balanceAfter'),
      isFigure: true,
      cell: (one) => <Amount value={one.balance_after} unit={one.unit} />,
    },
  ];
  return (
    <>
      <PageHead
        title={kindName(journal.kind)}
        lead={t('audit.journalLead', { instant: secondOf(journal.recorded_at) })}
      />
      <div className="stack">
        <Panel>
          <Facts
            facts={[
              [t('audit.effectiveOn'), journal.effective_on],
              [t('audit.recordedAt'), secondOf(journal.recorded_at)],
              [
                t('audit.subjectKind'),
                t(`subjectKind.${journal.subject_kind}`, { defaultValue: journal.subject_kind }),
              ],
              [t('audit.subject'), <Thing kind={journal.subject_kind} id={journal.subject} />],
              [t('audit.actor'), <Somebody id={journal.actor} />],
              journal.proposed_by !== null && ([t('audit.proposer'), <Somebody id={journal.proposed_by} />] as const),
              Boolean(journal.reason) && ([t('field.reason'), journal.reason] as const),
            ]}
          />
        </Panel>
        <Panel flush title={t('audit.postings')}>
          <Rows
            label={t('audit.postings')}
            columns={columns}
            rows={journal.entries}
            rowKey={(one) => String(one.line)}
            empty={<Nothing title={t('audit.movesNothing')} />}
          />
        </Panel>
        <DecisionsOn subject={journal.subject} />
        <Proof journal={id} />
      </div>
    </>
  );
}
