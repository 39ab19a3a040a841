import { useTranslation } from 'react-i18next';
import type { Position } from '../home/position';
import { Amount } from '../ui/Amount';
import { BindingBar, BindingKey } from '../ui/BindingBar';
import { Facts } from '../ui/Facts';

/** A holding and what binds it: which of it a freeze finds free, and behind what it waits. */
export function StockFacts({ position }: { position: Position }) {
  const { t } = useTranslation();
  const figure = (pick: 'held' | 'available' | 'committed' | 'pledged' | 'frozen', name: string) =>
    [name, <Amount value={position[pick]} unit={position.unit} />] as const;
  return (
    <div className="stack">
      <BindingBar position={position} />
      <BindingKey />
      <Facts
        facts={[
          figure('held', t('holdings.held')),
          figure('available', t('purpose.available')),
          figure('committed', t('purpose.committed')),
          figure('pledged', t('purpose.pledged')),
          figure('frozen', t('purpose.frozen')),
        ]}
      />
    </div>
  );
}
