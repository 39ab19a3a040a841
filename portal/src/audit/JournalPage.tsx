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
import { DocumentsOn } from './DocumentsOn';
import { JournalProof } from './JournalProof';
import { tables } from './record';
import { Somebody, Thing } from './Somebody';

/** What a journal says beside its postings, and where to go on from it. */
function Head({ journal }: { journal: Schemas['Journal'] }) {
  const { t } = useTranslation();
  const { subject, subject_kind, reverses, reversed_by, document_hash } = journal;
  const table = tables[subject_kind];
  const other = (id: string) => (
    <Link to={`/audit/journals/${id}`} className="code">
      {id}
    </Link>
  );
  return (
    <Panel>
      <Facts
        facts={[
          [t('audit.effectiveOn'), <span className="figures">{journal.effective_on}</span>],
          [t('audit.recordedAt'), <span className="figures">{secondOf(journal.recorded_at)}</span>],
          [t('audit.subjectKind'), t(`subjectKind.${subject_kind}`, { defaultValue: subject_kind })],
          [t('audit.subject'), <Thing kind={subject_kind} id={subject} />],
          [t('audit.ofSubject'), <Link to={`/audit/journals?subject=${subject}`}>{t('act.all')}</Link>],
          table !== undefined && [
            t('record.ofThing'),
            <Link to={`/audit/records?table=${table}&key=${subject}`}>{t('record.look')}</Link>,
          ],
          [t('audit.actor'), <Somebody id={journal.actor} />],
          journal.proposed_by !== null && [t('audit.proposer'), <Somebody id={journal.proposed_by} />],
          Boolean(journal.reason) && [t('field.reason'), journal.reason],
          reverses !== null && [t('audit.reverses'), other(reverses)],
          reversed_by !== null && [t('audit.reversedBy'), other(reversed_by)],
          document_hash !== null && [t('audit.documentHash'), <span className="code">{document_hash}</span>],
        ]}
      />
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
  if (query.isLoadingError) return <Refusal error={query.error} retry={() => void query.refetch()} />;
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
        <Head journal={journal} />
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
        <DocumentsOn subject={journal.subject} />
        <JournalProof journal={id} />
      </div>
    </>
  );
}
