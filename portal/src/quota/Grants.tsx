import { useSearchParams } from 'react-router';
import GrantsPanel from './GrantsPanel';

/** Grants beside the batches: all of them, or those of the batch that the address names. */
export default function Grants() {
  const [parameters] = useSearchParams();
  return <GrantsPanel batch={parameters.get('batch') ?? undefined} />;
}
