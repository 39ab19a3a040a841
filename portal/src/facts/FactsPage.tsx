import { useTranslation } from 'react-i18next';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { PageHead } from '../ui/PageHead';
import { FactList } from './FactList';
import { RecordFact } from './RecordFact';

/** What the checks go by: ratings, incidents and fees, as the bureau in charge has recorded them. */
export default function FactsPage() {
  const { t } = useTranslation();
  const session = useSession();
  const isBureau = hasRole(session, 'bureau_officer', 'bureau_head', 'legal_reviewer', 'auditor');
  return (
    <>
      <PageHead
        title={t('facts.title')}
        lead={t(isBureau ? 'facts.lead' : 'facts.ownLead')}
        {...(hasRole(session, 'bureau_officer') && { actions: <RecordFact /> })}
      />
      <FactList title={t('facts.all')} hasMany={isBureau} />
    </>
  );
}
