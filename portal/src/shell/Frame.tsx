import { MenuOutlined } from '@ant-design/icons';
import { Button, Drawer } from 'antd';
import { Fragment, lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, NavLink, Outlet, useLocation } from 'react-router';
import { minuteOf } from '../figures/instant';
import { useInstallation } from '../session/installation';
import { deskOf, takesPart } from '../session/roles';
import { type Session, session as signedIn, useSession } from '../session/session';
import { signOut } from '../session/signIn';
import { useWaiting } from '../tasks/useWaiting';
import { Loading } from '../ui/Loading';
import { Brand } from './Brand';
import { deskPlaces, inGroups, ownPlaces, type Place, publicPlaces } from './places';
import { Outdated } from './Outdated';
import { Preferences } from './Preferences';

// Loaded when somebody has signed in: a visitor acts for nobody.
const ActingChoice = lazy(() => import('../session/ActingChoice'));

/** For whom somebody acts, above everything that they do meanwhile. */
function Acting({ session }: { session: Session }) {
  const { t } = useTranslation();
  if (session.actingFor === undefined) return null;
  const { principal, roles, until } = session.actingFor;
  const told = roles.map((role) => t(`role.${role}`, { defaultValue: role })).join(t('shell.comma'));
  return (
    <div className="acting" role="status">
      <span>
        <b>{t('acting.now', { principal })}</b> {t('acting.as', { roles: told, until })}
      </span>
      <Button size="small" onClick={() => signedIn.actFor(undefined)}>
        {t('acting.stop')}
      </Button>
    </div>
  );
}

/** The business date of a demonstration, which is not the date of the day. */
function BusinessTime() {
  const { t } = useTranslation();
  const installation = useInstallation().data;
  if (!installation?.is_demonstration) return null;
  return (
    <div className="business figures" title={t('shell.demonstrationLead')}>
      <span>
        {t('shell.demonstration')} · {t('shell.businessTime')}
      </span>
      {minuteOf(installation.business_time)}
    </div>
  );
}

function Places({ places, waiting }: { places: Place[]; waiting?: number | undefined }) {
  const { t } = useTranslation();
  return (
    <ul>
      {places.map(({ path, name }) => (
        <li key={path}>
          <NavLink to={path} end={path === '/'} className="place">
            {t(name)}
            {waiting !== undefined && waiting > 0 && (path === '/tasks' || name === 'place.inbox') && (
              <span className="count" aria-label={t('tasks.waiting', { count: waiting })}>
                {waiting}
              </span>
            )}
          </NavLink>
        </li>
      ))}
    </ul>
  );
}

/** All places of whoever is there. */
function Rail({ session }: { session: Session | undefined }) {
  const { t } = useTranslation();
  const waiting = useWaiting(session !== undefined && takesPart(session));
  return (
    <nav aria-label={t('shell.places')}>
      {session !== undefined && (
        <>
          {inGroups(deskPlaces(session)).map(({ group, places }) => (
            <Fragment key={group ?? ''}>
              <h2>{group === undefined ? t(`desk.${deskOf(session)}`) : t(`place.about.${group}`)}</h2>
              <Places places={places} waiting={waiting} />
            </Fragment>
          ))}
          <h2>{t('desk.own')}</h2>
          <Places places={ownPlaces(session)} />
        </>
      )}
      <h2>{t('desk.public')}</h2>
      <Places places={publicPlaces} />
    </nav>
  );
}

function Who({ session }: { session: Session }) {
  const { t } = useTranslation();
  const role = session.me.roles[0] ?? '';
  return (
    <>
      <Link to="/account" className="who" title={t('place.account')}>
        <b>{session.me.organisation_name}</b>
        <span className="muted">
          {session.me.login} · {t(`role.${role}`, { defaultValue: role })}
        </span>
      </Link>
      <Button onClick={() => void signOut()}>{t('signIn.out')}</Button>
    </>
  );
}

/** The bar above every page. */
function Bar({ session, open }: { session: Session | undefined; open: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="bar" role="banner">
      <Button
        className="only-narrow"
        type="text"
        icon={<MenuOutlined />}
        aria-label={t('shell.places')}
        onClick={open}
      />
      {session === undefined && (
        <>
          <Brand />
          <nav aria-label={t('shell.places')}>
            <ul>
              {publicPlaces.map(({ path, name }) => (
                <li key={path}>
                  <NavLink to={path}>{t(name)}</NavLink>
                </li>
              ))}
            </ul>
          </nav>
        </>
      )}
      <div className="push" />
      <span className={session === undefined ? 'wide-only' : ''}>
        <BusinessTime />
      </span>
      <Preferences />
      {session !== undefined ? (
        <>
          <Suspense>{takesPart(session) && <ActingChoice session={session} />}</Suspense>
          <Who session={session} />
        </>
      ) : (
        <Link to="/sign-in">
          <Button type="primary" tabIndex={-1}>
            {t('signIn.act')}
          </Button>
        </Link>
      )}
    </div>
  );
}

/** The frame around every page but the sign-in: where one can go, who one is, and what day it is. */
export function Frame() {
  const { t } = useTranslation();
  const session = useSession();
  const { pathname, search } = useLocation();
  const page = useRef<HTMLElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [shown, setShown] = useState(pathname);
  // Another place was reached: the drawer has done its work.
  if (shown !== pathname) {
    setShown(pathname);
    setOpen(false);
  }
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    window.scrollTo(0, 0);
    // A screen reader goes on where the keyboard is, which is at the link of the page before, unless a field of the new page has taken it.
    if (!page.current?.contains(document.activeElement)) page.current?.focus({ preventScroll: true });
  }, [pathname]);
  return (
    <div className={session === undefined ? '' : 'frame'}>
      <a
        className="skip"
        href="#page"
        onClick={(event) => {
          event.preventDefault();
          page.current?.focus();
        }}
      >
        {t('shell.skip')}
      </a>
      {session !== undefined && (
        <div className="rail">
          <Brand />
          <Rail session={session} />
        </div>
      )}
      <div>
        <div className="top">
          <Bar session={session} open={() => setOpen(true)} />
          {session !== undefined && <Acting session={session} />}
          <Outdated />
        </div>
        <main id="page" className="page" tabIndex={-1} ref={page} data-path={pathname + search}>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </main>
        {session === undefined && <footer className="foot">{t('shell.foot')}</footer>}
      </div>
      <Drawer
        open={isOpen}
        onClose={() => setOpen(false)}
        placement="left"
        size={280}
        styles={{ body: { padding: 0 } }}
        title={t('shell.places')}
      >
        <div className="drawer-rail">
          <Rail session={session} />
        </div>
      </Drawer>
    </div>
  );
}
