import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { withWords } from '../i18n/areas';
import { Loading } from '../ui/Loading';
import { PageHead } from '../ui/PageHead';

// What the page is stands at once; the fields to fill in, which weigh the most, come after it.
const Check = lazy(() => import('./Check'));
const PaperCheck = lazy(withWords('ratings', () => import('./PaperCheck')));

/** Checks a certificate by its number or by its file, for whoever holds it in hand. */
export default function CheckPage() {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t('certificate.check')} lead={t('certificate.checkLead')} />
      <Suspense fallback={<Loading />}>
        <div className="stack">
          <Check />
          <PaperCheck />
        </div>
      </Suspense>
    </>
  );
}
