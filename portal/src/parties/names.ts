import { useQuery } from '@tanstack/react-query';
import { api, call, type Schemas } from '../api/client';
import { at, whole } from '../api/list';

const FOR_LONG = { staleTime: 300_000 };

const organisations = () =>
  whole((cursor) => call(api.GET('/api/v1/organisations', { params: { query: { limit: 200, ...at(cursor) } } })));
const sites = () =>
  whole((cursor) => call(api.GET('/api/v1/sites', { params: { query: { limit: 200, ...at(cursor) } } })));

/** Everybody who takes part. */
export const useOrganisations = () => useQuery({ queryKey: ['organisations'], queryFn: organisations, ...FOR_LONG });

/** Every site; those of an organisation are found among them. */
export const useSites = () => useQuery({ queryKey: ['sites'], queryFn: sites, ...FOR_LONG });

/** Every area, by its code. */
export const useAreas = () =>
  useQuery({
    queryKey: ['areas'],
    queryFn: () => call(api.GET('/api/v1/public/areas')),
    select: (found) => new Map(found.items.map((area) => [area.code, area.name])),
    ...FOR_LONG,
  });

/** The name of an area; its code while that is not known. */
export function useAreaName(): (code: string) => string {
  const { data } = useAreas();
  return (code) => data?.get(code) ?? code;
}

/** Every basin, by its code. */
export const useBasins = () =>
  useQuery({
    queryKey: ['basins'],
    queryFn: () => call(api.GET('/api/v1/public/basins')),
    select: (found) => new Map(found.items.map((basin) => [basin.code, basin.name])),
    ...FOR_LONG,
  });

/** The name of a zone, which is a basin for water and a city for air. */
export function useZoneName(): (code: string) => string {
  const areas = useAreas().data;
  const basins = useBasins().data;
  return (code) => basins?.get(code) ?? areas?.get(code) ?? code;
}

/** The name of an organisation by its id. */
export function useOrganisationName(): (id: string) => string {
  const { data } = useOrganisations();
  return (id) => data?.find((one) => one.id === id)?.name ?? '…';
}

/** The name of a site by its id. */
export function useSiteName(): (id: string) => string {
  const { data } = useSites();
  return (id) => data?.find((one) => one.id === id)?.name ?? '…';
}

/** The sites of one organisation. */
export function useSitesOf(organisation: string | undefined): Schemas['Site'][] {
  const { data } = useSites();
  return data?.filter((site) => site.organisation === organisation) ?? [];
}
