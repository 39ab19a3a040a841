import { useQuery } from '@tanstack/react-query';
import { api, call } from '../api/client';
import { at, whole } from '../api/list';

/** The construction projects of a site, for which rights are bought. */
export const useProjects = (site: string | undefined) =>
  useQuery({
    queryKey: ['projects', site],
    queryFn: () =>
      whole((cursor) =>
        call(api.GET('/api/v1/projects', { params: { query: { site: site ?? '', limit: 200, ...at(cursor) } } })),
      ),
    enabled: site !== undefined,
  });
