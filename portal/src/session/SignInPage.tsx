import { useMutation } from '@tanstack/react-query';
import { Divider } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useNavigate } from 'react-router';
import type { Schemas } from '../api/client';
import { Brand } from '../shell/Brand';
import { Preferences } from '../shell/Preferences';
import { Refusal } from '../ui/Refusal';
import { useInstallation } from './installation';
import { SignInForm } from './SignInForm';
import { signIn } from './signIn';

/** One login for each role: only a demonstration tells any. */
function Guests({ guests, done }: { guests: Schemas['Guest'][]; done: () => void }) {
  const { t } = useTranslation();
  const attempt = useMutation({
    mutationFn: (guest: Schemas['Guest']) => signIn(guest.login, guest.password),
    onSuccess: done,
  });
  return (
    <section aria-label={t('signIn.guests')}>
      <Divider>{t('signIn.guests')}</Divider>
      <p className="muted">{t('signIn.guestsLead')}</p>
      <div className="stack">
        <div className="guests">
          {guests.map((guest) => (
            <button
              key={guest.login}
              type="button"
              className="guest"
              disabled={attempt.isPending}
              onClick={() => attempt.mutate(guest)}
            >
              <b>{t(`role.${guest.role}`, { defaultValue: guest.role })}</b>
              <small>{guest.organisation_name}</small>
            </button>
          ))}
        </div>
        <Refusal error={attempt.error} />
      </div>
    </section>
  );
}

/** The way in. */
export default function SignInPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const location = useLocation();
  const installation = useInstallation().data;
  const wanted = (location.state as { from?: string } | null)?.from ?? '/';
  const done = () => void navigate(wanted, { replace: true });
  useEffect(() => {
    document.title = `${t('signIn.title')} · ${t('shell.name')}`;
  }, [t]);
  return (
    <main className="gate" data-path={location.pathname + location.search}>
      <div className="side">
        <Brand />
        <div>
          <h1>{t('signIn.promise')}</h1>
          <p>{t('signIn.lead')}</p>
        </div>
        <Link to="/public/trades" className="side-link">
          {t('signIn.look')} →
        </Link>
      </div>
      <div className="form">
        <div className="tools">
          <Preferences />
        </div>
        <div className="stack">
          <h2 className="big">{t('signIn.title')}</h2>
          <SignInForm done={done} />
          <div className="actions">
            <Link to="/public/password-reset">{t('signIn.forgot')}</Link>
            <Link to="/public/apply">{t('signIn.apply')}</Link>
          </div>
          {installation && installation.guests.length > 0 && <Guests guests={installation.guests} done={done} />}
        </div>
      </div>
    </main>
  );
}
