import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '../api/client';
import { ProofOf } from '../log/ProofOf';
import { Loading } from '../ui/Loading';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';

/** Seconds to wait for a journal that was recorded just now: the log is about a second behind. */
const WAIT = 5;

/** What proves that a journal is in the public log: its text, checked in the browser against what the operator has signed. */
export function JournalProof({ journal }: { journal: string }) {
  const { t } = useTranslation();
  const proof = useQuery({
    queryKey: ['proof', journal],
    queryFn: () =>
      call(api.GET('/api/v1/journals/{id}/proof', { params: { path: { id: journal }, query: { wait: WAIT } } })),
  });
  return (
    <Panel title={t('audit.proof')}>
      <Refusal error={proof.error} retry={() => void proof.refetch()} />
      {proof.isPending && <Loading />}
      {proof.data && <ProofOf text={proof.data.canonical ?? ''} told={proof.data.leaf_hash} names={`id ${journal}`} />}
    </Panel>
  );
}
