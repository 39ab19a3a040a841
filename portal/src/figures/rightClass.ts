/** A right class by its code, which is made of all that makes two rights interchangeable. */
export interface RightClassParts {
  readonly pollutant: string;
  readonly product: string;
  readonly origin: string;
  readonly zone: string;
  readonly from: string;
  readonly to: string;
}

const form = /^([A-Z0-9_]+)-(MULTI|Y\d{4})-(FREE|PAID)-([A-Z0-9_]+)-(\d{8})-(\d{8})$/;

const dated = (digits: string): string => `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;

/** The parts of a code; nothing when it is written otherwise. */
export function readRightClass(code: string): RightClassParts | undefined {
  const found = form.exec(code);
  if (!found) return undefined;
  const [, pollutant = '', product = '', origin = '', zone = '', from = '', to = ''] = found;
  return { pollutant, product, origin, zone, from: dated(from), to: dated(to) };
}
