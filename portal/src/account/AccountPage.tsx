import { useTranslation } from 'react-i18next';
import { useSession } from '../session/session';
import { Facts } from '../ui/Facts';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { PasswordForm } from './PasswordForm';
import { SecondFactor } from './SecondFactor';
import { Sessions } from './Sessions';

/** How somebody signs in: their password, second factor and sessions. */
export default function AccountPage() {
  const { t } = useTranslation();
  const session = useSession();
  const me = session?.me;
  if (me === undefined) return null;
  return (
    <>
      <PageHead title={t('account.title')} lead={t('account.lead')} />
      <div className="stack">
        <Panel>
          <Facts
            facts={[
              [t('user.name'), me.name],
              [t('signIn.login'), me.login],
              [t('account.organisation'), me.organisation_name],
              [
                t('user.roles'),
                session?.ownRoles.map((role) => t(`role.${role}`, { defaultValue: role })).join(t('shell.comma')),
              ],
            ]}
          />
        </Panel>
        <div className="two even">
          <SecondFactor />
          <PasswordForm login={me.login} />
        </div>
        <Sessions />
      </div>
    </>
  );
}
