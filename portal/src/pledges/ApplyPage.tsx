import { Select, Skeleton } from 'antd';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { SeenTrades } from '../consents/SeenTrades';
import { useConsentsInForce, useConsentWords } from '../consents/useConsents';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';

// Its fields come when it is known under which consent.
const ApplyForm = lazy(() => import('./ApplyForm'));

/** A bank applies for a pledge under the consent of an enterprise. */
export default function ApplyPage() {
  const { t } = useTranslation();
  const [parameters, setParameters] = useSearchParams();
  const consent = parameters.get('consent');
  const consents = useConsentsInForce();
  const consentWords = useConsentWords();
  const good = consents.data ?? [];
  const named = good.find((one) => one.id === consent);
  const others = good.filter((one) => one.organisation !== named?.organisation);
  return (
    <>
      <PageHead title={t('pledge.apply')} lead={t('pledge.applyLead')} />
      <div className="stack">
        <Panel title={t('pledge.underConsent')}>
          {consents.data !== undefined && good.length === 0 ? (
            <Nothing title={t('consent.noneReceived')}>
              <p>{t('consent.noneReceivedLead')}</p>
            </Nothing>
          ) : (
            <Select
              aria-label={t('pledge.underConsent')}
              style={{ width: '100%', maxWidth: 520 }}
              placeholder={t('pledge.chooseConsent')}
              {...(consent !== null && { value: consent })}
              loading={consents.isPending}
              onChange={(id: string) => setParameters({ consent: id })}
              options={good.map((one) => ({
                value: one.id,
                label: consentWords(one),
              }))}
            />
          )}
          <p className="muted">{t('pledge.lookIsLogged')}</p>
        </Panel>
        <Refusal error={consents.error} />
        {consent !== null && consents.isPending && <Skeleton active />}
        {named && <SeenTrades key={`trades ${named.id}`} consent={named.id} />}
        {named && (
          <Suspense fallback={<Skeleton active />}>
            <ApplyForm key={named.id} consent={named} others={others} />
          </Suspense>
        )}
      </div>
    </>
  );
}
