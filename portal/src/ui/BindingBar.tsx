import { useTranslation } from 'react-i18next';
import { thousandths } from '../figures/decimal';
import { binding, type Position } from '../home/position';

/** What is free and what is bound of a holding, as a bar. The figures stand beside it. */
export function BindingBar({
  position,
}: {
  position: Pick<Position, 'available' | 'committed' | 'pledged' | 'frozen' | 'held'>;
}) {
  return (
    <div className="bars" aria-hidden="true">
      {binding.map((purpose) => {
        const share = thousandths(position[purpose], position.held);
        return share > 0 && <span key={purpose} className={purpose} style={{ width: `${share / 10}%` }} />;
      })}
    </div>
  );
}

/** What the colours of the bar mean. */
export function BindingKey() {
  const { t } = useTranslation();
  return (
    <div className="actions">
      {binding.map((purpose) => (
        <span key={purpose} className="key">
          <i className={purpose} />
          {t(`purpose.${purpose}`)}
        </span>
      ))}
    </div>
  );
}
