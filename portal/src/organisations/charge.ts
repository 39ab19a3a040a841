import { useAreaTree } from '../joining/AreaSelect';
import { useOrganisations } from '../parties/names';
import { useSession } from '../session/session';

/** Which areas the own bureau is in charge of: its own and those that lie in it. */
export function useIsInCharge(): (area: string) => boolean {
  const own = useSession()?.me.organisation;
  const area = useOrganisations().data?.find((one) => one.id === own)?.area;
  const areas = useAreaTree().data;
  return (code) =>
    area !== undefined &&
    (areas
      ?.find((one) => one.code === code)
      ?.path.split('/')
      .includes(area) ??
      false);
}
