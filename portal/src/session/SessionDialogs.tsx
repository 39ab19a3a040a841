import { Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeForm } from './CodeForm';
import { type Dialog, dialogs } from './dialogs';
import { SignInForm } from './SignInForm';
import { session, useSession } from './session';

/** The dialogs that open over a form when its session has ended or a second factor is asked for; the form stays as it is. */
export default function SessionDialogs({ dialog }: { dialog: Dialog }) {
  const { t } = useTranslation();
  const [before] = useState(useSession()?.me);
  const done = () => {
    // What waits was asked for by somebody else: it is not sent in another person's name.
    if (before !== undefined && session.get()?.me.user !== before.user) window.location.assign('/');
    else dialogs.close(true);
  };
  return (
    <Modal
      open
      footer={null}
      title={dialog === 'sign_in' ? t('signIn.again') : t('signIn.stepUp')}
      onCancel={() => dialogs.close(false)}
      mask={{ closable: false }}
      zIndex={2000}
    >
      <div className="stack">
        <p className="muted">{dialog === 'sign_in' ? t('signIn.againLead') : t('signIn.stepUpLead')}</p>
        {dialog === 'sign_in' ? (
          <SignInForm {...(before && { login: before.login })} done={done} />
        ) : (
          <CodeForm done={done} />
        )}
      </div>
    </Modal>
  );
}
