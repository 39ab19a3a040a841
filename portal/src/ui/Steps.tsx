import { useTranslation } from 'react-i18next';

interface StepsProps {
  steps: readonly string[];
  now: string;
  /** What a step is called, where that is not what it is called elsewhere. */
  word?: (step: string) => string;
}

/** The steps of a thing on its way, and which it has reached. */
export function Steps({ steps, now, word }: StepsProps) {
  const { t } = useTranslation();
  const reached = steps.indexOf(now);
  return (
    <ol className="steps">
      {steps.map((step, place) => {
        const isLast = place === steps.length - 1;
        const standing = place < reached || (isLast && place === reached) ? 'done' : place === reached ? 'now' : '';
        return (
          <li key={step} className={standing} {...(place === reached && { 'aria-current': 'step' as const })}>
            {word === undefined ? t(`state.${step}`) : word(step)}
          </li>
        );
      })}
    </ol>
  );
}
