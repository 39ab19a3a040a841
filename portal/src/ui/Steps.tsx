import { useTranslation } from 'react-i18next';

/** The steps of a thing on its way, and which it has reached. */
export function Steps({ steps, now }: { steps: readonly string[]; now: string }) {
  const { t } = useTranslation();
  const reached = steps.indexOf(now);
  return (
    <ol className="steps">
      {steps.map((step, place) => {
        const isLast = place === steps.length - 1;
        const standing = place < reached || (isLast && place === reached) ? 'done' : place === reached ? 'now' : '';
        return (
          <li key={step} className={standing} {...(place === reached && { 'aria-current': 'step' as const })}>
            {t(`state.${step}`)}
          </li>
        );
      })}
    </ol>
  );
}
