import { useTranslation } from 'react-i18next';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { PageHead } from '../ui/PageHead';
import { Differences } from './Differences';
import { HandIn } from './HandIn';
import { OurDay } from './OurDay';
import { Statements } from './Statements';

/** The bank's statements against the books: what was handed in, what differs, and our own statement of a day. The auditor looks on. */
export default function ReconciliationPage() {
  const { t } = useTranslation();
  const mayHandIn = hasRole(useSession(), 'settlement_officer', 'settlement_head');
  return (
    <>
      <PageHead title={t('reconciliation.title')} lead={t('reconciliation.lead')} />
      <div className="stack">
        {mayHandIn && <HandIn />}
        <Differences />
        <Statements />
        <OurDay />
      </div>
    </>
  );
}
