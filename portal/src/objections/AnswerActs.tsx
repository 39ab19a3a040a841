import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { Act } from '../ui/Act';

type Outcome = Schemas['AnswerObjection']['outcome'];

interface AnswerActsProps {
  /** Id of the objection. */
  objection: string;
  /** What it says, for whoever answers from a list that does not show it. */
  said?: React.ReactNode;
}

/** The answer of the bureau in charge to an objection: upheld or dismissed, each with its reason, which whoever objects reads. */
export default function AnswerActs({ objection, said }: AnswerActsProps) {
  const { t } = useTranslation();
  const answer = (outcome: Outcome) => (reason: string | undefined, key: string) =>
    call(
      api.POST('/api/v1/objections/{id}/answer', {
        params: { path: { id: objection } },
        ...keyed(key),
        body: { outcome, text: reason ?? '' },
      }),
    );
  return (
    <div className="actions">
      <Act label={t('objection.uphold')} isDanger size="small" reason="needed" run={answer('upheld')}>
        <p>{t('objection.upholdLead')}</p>
        {said}
      </Act>
      <Act label={t('objection.dismiss')} size="small" reason="needed" run={answer('dismissed')}>
        <p>{t('objection.dismissLead')}</p>
        {said}
      </Act>
    </div>
  );
}
