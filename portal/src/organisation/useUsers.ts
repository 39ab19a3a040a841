import { useQuery } from '@tanstack/react-query';
import { api, call, type Schemas } from '../api/client';
import { at, whole } from '../api/list';
import { useSession } from '../session/session';

/** The people of the own organisation; an operator and an auditor see those of all. */
export function useUsers() {
  const own = useSession()?.me.organisation;
  return useQuery({
    queryKey: ['users'],
    queryFn: () =>
      whole((cursor) => call(api.GET('/api/v1/users', { params: { query: { limit: 200, ...at(cursor) } } }))),
    select: (found) => found.filter((one: Schemas['User']) => one.organisation === own),
  });
}

/** The name of somebody of the own organisation. */
export function useUserName(): (id: string) => string {
  const { data } = useUsers();
  return (id) => data?.find((one) => one.id === id)?.login ?? '…';
}
