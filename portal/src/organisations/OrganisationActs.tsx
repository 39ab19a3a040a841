import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { useIsInCharge } from './charge';

const People = lazy(() => import('./People'));

type Organisation = Schemas['Organisation'];

/** What may apply; the rest are offices. */
const APPLICANTS = ['enterprise', 'bank', 'guarantor'];

const ruled = (reason: string | undefined) => ({ documents: [], reason: reason ?? '' });

/** Whether the bureau takes an applicant in. */
function Rule({ organisation: { id, name } }: { organisation: Organisation }) {
  const { t } = useTranslation();
  const path = { params: { path: { id } } };
  return (
    <>
      <Act
        label={t('officials.verify')}
        kind="primary"
        size="small"
        reason="asked"
        run={(reason, key) =>
          call(
            api.POST('/api/v1/organisations/{id}/verify', {
              ...path,
              ...keyed(key),
              body: { documents: [], ...(reason !== undefined && { reason }) },
            }),
          )
        }
      >
        {t('officials.verifyLead', { name })}
      </Act>
      <Act
        label={t('officials.refuse')}
        isDanger
        size="small"
        reason="needed"
        run={(reason, key) =>
          call(api.POST('/api/v1/organisations/{id}/refuse', { ...path, ...keyed(key), body: ruled(reason) }))
        }
      >
        {t('officials.refuseLead', { name })}
      </Act>
    </>
  );
}

/** Stopping what an organisation does anew, and letting it go on. */
function Standing({ organisation: { id, name, state } }: { organisation: Organisation }) {
  const { t } = useTranslation();
  const path = { params: { path: { id } } };
  if (state === 'suspended') {
    return (
      <Act
        label={t('officials.reinstate')}
        size="small"
        reason="needed"
        run={(reason, key) =>
          call(api.POST('/api/v1/organisations/{id}/reinstate', { ...path, ...keyed(key), body: ruled(reason) }))
        }
      >
        {t('officials.reinstateLead', { name })}
      </Act>
    );
  }
  return (
    <Act
      label={t('officials.suspend')}
      isDanger
      size="small"
      reason="needed"
      run={(reason, key) =>
        call(api.POST('/api/v1/organisations/{id}/suspend', { ...path, ...keyed(key), body: ruled(reason) }))
      }
    >
      {t('officials.suspendLead', { name })}
    </Act>
  );
}

/** What whoever looks may do about an organisation: a bureau with those of its areas, the operator with offices. */
export function OrganisationActs({ organisation }: { organisation: Organisation }) {
  const session = useSession();
  const isInCharge = useIsInCharge();
  const isOperator = hasRole(session, 'operator');
  const isOffice = !APPLICANTS.includes(organisation.kind);
  const isOurs = !isOffice && isInCharge(organisation.area);
  const mayRule = organisation.state === 'applied' && isOurs && hasRole(session, 'bureau_officer', 'bureau_head');
  const maySuspend =
    ['verified', 'suspended'].includes(organisation.state) &&
    organisation.id !== session?.me.organisation &&
    (isOffice ? isOperator : isOurs && hasRole(session, 'bureau_head'));
  if (!mayRule && !isOperator && !maySuspend) return '—';
  return (
    <div className="actions">
      {mayRule && <Rule organisation={organisation} />}
      {isOperator && (
        <Suspense>
          <People organisation={organisation} />
        </Suspense>
      )}
      {maySuspend && <Standing organisation={organisation} />}
    </div>
  );
}
