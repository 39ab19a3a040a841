import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clock, left, type Told } from '../figures/countdown';

/** When less is left than this, it shows. */
const SOON_MILLISECONDS = 60_000;
const STEP_MILLISECONDS = 250;

/** How long a phase still lasts, counted from what the server said. */
export function Countdown({ told, label }: { told: Told; label: string }) {
  const { t } = useTranslation();
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), STEP_MILLISECONDS);
    return () => clearInterval(timer);
  }, []);
  const rest = left(told, now);
  return (
    <div>
      <div className="muted">{label}</div>
      <div className={rest < SOON_MILLISECONDS ? 'countdown soon' : 'countdown'} role="timer">
        {clock(rest, t('auction.day'))}
      </div>
    </div>
  );
}
