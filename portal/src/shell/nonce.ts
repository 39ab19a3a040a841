/** The nonce of this page: styles that are made as it goes on are taken with it alone. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce;

/**
 * Gives the nonce to every style that a script of ours makes. Ant Design hands it to most of its parts, and those that lock the page behind
 * a dialog have never heard of it. Nothing is gained for anybody else: who runs a script here can make styles as it is.
 */
export function lendNonce(): void {
  if (nonce === undefined || nonce === '') return;
  /* eslint-disable @typescript-eslint/no-deprecated -- one of its overloads is, and none of those that are used */
  const create = document.createElement.bind(document);
  document.createElement = (name: string, options?: ElementCreationOptions) => {
    const made = create(name, options);
    if (made instanceof HTMLStyleElement) made.nonce = nonce;
    return made;
  };
  /* eslint-enable @typescript-eslint/no-deprecated */
}
