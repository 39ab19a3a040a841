import { useTranslation } from 'react-i18next';

interface StepsProps {
  steps: readonly string[];
  now: string;
  /** Whose words the steps have, where they are called otherwise than elsewhere. */
  of?: 'compliance';
}

/** The steps of a thing on its way, and which it has reached. */
export function Steps({ steps, now, of }: StepsProps) {
  const { t } = useTranslation();
  const reached = steps.indexOf(now);
  return (
    <ol className="steps">
      {steps.map((step, place) => {
        const isLast = place === steps.length - 1;
        const standing = place < reached || (isLast && place === reached) ? 'done' : place === reached ? 'now' : '';
        return (
          <li key={step} className={standing} {...(place === reached && { 'aria-current': 'step' as const })}>
            {of === undefined ? t(`state.${step}`) : t(`compliance.states.${step}`)}
          </li>
        );
      })}
    </ol>
  );
}
