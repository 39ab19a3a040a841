import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call } from '../api/client';
import { addressOf } from '../decisions/subjects';
import { useOrganisationName, useOrganisations, useSites } from '../parties/names';

/** What the clock does by itself is done by nobody. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Who did something: their name and login with the organisation, or that it came by itself; the id of whoever is not known. */
export function Somebody({ id }: { id: string }) {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const { data } = useQuery({
    queryKey: ['user', id],
    queryFn: () => call(api.GET('/api/v1/users/{id}', { params: { path: { id } } })),
    enabled: id !== NOBODY,
    staleTime: 300_000,
  });
  if (id === NOBODY) return t('audit.byItself');
  if (data === undefined) return <span className="code">{id}</span>;
  return (
    <span title={id}>
      {data.name} <small className="muted">{`${data.login} · ${organisationName(data.organisation)}`}</small>
    </span>
  );
}

/** A thing by its name where it has one, with the way to its page where it has one. */
export function Thing({ kind, id }: { kind: string; id: string }) {
  const { t } = useTranslation();
  const page = addressOf(kind, id);
  const named = [...(useOrganisations().data ?? []), ...(useSites().data ?? [])].find((one) => one.id === id);
  if (named !== undefined) return <span title={id}>{named.name}</span>;
  if (page === undefined) return <span className="code">{id}</span>;
  return (
    <Link to={page} title={id}>
      {t(`subjectKind.${kind}`, { defaultValue: kind })} <span className="code">{id}</span>
    </Link>
  );
}
