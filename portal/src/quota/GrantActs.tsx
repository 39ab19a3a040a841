import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { useToday } from '../session/installation';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { RightClass } from '../ui/RightClass';

type Allocation = Schemas['Allocation'];

interface Props {
  grant: Allocation;
  size?: 'small' | 'middle';
}

const decided = (reason: string | undefined) => ({ documents: [], ...(reason !== undefined && { reason }) });

/** What whoever decides is asked about: rights of which class, and how much of them. */
function What({ grant }: { grant: Allocation }) {
  return (
    <p>
      <RightClass code={grant.right_class} />
      <br />
      <Amount value={grant.quantity} unit={grant.unit} />
    </p>
  );
}

/** Yes and no of a second person; what is laid open may be objected to first. */
function Verdict({ grant, size = 'small' }: Props) {
  const { t } = useTranslation();
  const today = useToday();
  const path = { params: { path: { id: grant.id } } };
  const isOpen = grant.state === 'publicised' && today !== undefined && today <= (grant.publicised_until ?? '');
  return (
    <>
      {grant.state !== 'confirmed' && !isOpen && (
        <Act
          label={t('batch.confirm')}
          kind="primary"
          size={size}
          reason="asked"
          run={(reason, key) =>
            call(api.POST('/api/v1/allocations/{id}/confirm', { ...path, ...keyed(key), body: decided(reason) }))
          }
        >
          <p>{t('grant.confirmLead')}</p>
          <What grant={grant} />
        </Act>
      )}
      <Act
        label={t('grant.reject')}
        isDanger
        size={size}
        reason="needed"
        run={(reason, key) =>
          call(api.POST('/api/v1/allocations/{id}/reject', { ...path, ...keyed(key), body: decided(reason) }))
        }
      >
        <p>{grant.state === 'confirmed' ? t('grant.giveUpLead') : t('grant.rejectLead')}</p>
        <What grant={grant} />
      </Act>
    </>
  );
}

/** What whoever looks at a grant may do about it now. A grant of a batch is decided with its batch. */
export function GrantActs({ grant, size = 'small' }: Props) {
  const { t } = useTranslation();
  const session = useSession();
  const isUndecided = ['proposed', 'publicised'].includes(grant.state);
  if (grant.batch !== null || !(isUndecided || grant.state === 'confirmed')) return null;
  const isProposer = grant.proposed_by === session?.me.user;
  if (isProposer ? !isUndecided : !hasRole(session, 'bureau_head')) return null;
  return (
    <div className="actions">
      {!isProposer && <Verdict grant={grant} size={size} />}
      {isProposer && (
        <Act
          label={t('tasks.withdraw')}
          size={size}
          reason={grant.state === 'publicised' ? 'needed' : 'asked'}
          run={(reason, key) =>
            call(
              api.POST('/api/v1/allocations/{id}/withdraw', {
                params: { path: { id: grant.id } },
                ...keyed(key),
                body: reason === undefined ? {} : { reason },
              }),
            )
          }
        >
          {t('tasks.withdrawLead')}
        </Act>
      )}
    </div>
  );
}
