import { useQuery } from '@tanstack/react-query';
import { api, call, type Schemas } from '../api/client';
import { useOrganisations } from './names';
import { useSession } from '../session/session';

interface Governed {
  /** The area of whoever is signed in. */
  own?: Schemas['Area'];
  /** Those that lie in it, the nearest first. */
  below: Schemas['Area'][];
  /** Whether it is the province, which sets caps of its own and suspends areas. */
  isProvince: boolean;
  /** Areas whose caps are theirs to set: those below, and the province's own. */
  capped: Schemas['Area'][];
}

/** The areas that the bureau of whoever is signed in has in charge. */
export function useGoverned(): Governed {
  const organisation = useSession()?.me.organisation;
  const home = useOrganisations().data?.find((one) => one.id === organisation)?.area;
  const areas = useQuery({
    queryKey: ['areas'],
    queryFn: () => call(api.GET('/api/v1/public/areas')),
    staleTime: 300_000,
  }).data?.items;
  const own = areas?.find((one) => one.code === home);
  if (areas === undefined || own === undefined) return { below: [], isProvince: false, capped: [] };
  const below = areas.filter((one) => one.path.startsWith(`${own.path}/`));
  const isProvince = own.parent === null;
  return { own, below, isProvince, capped: isProvince ? [own, ...below] : below };
}
