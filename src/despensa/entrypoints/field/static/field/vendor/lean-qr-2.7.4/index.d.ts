/** The types of what we call; the package's own are bound to its bare name. */
export interface Bitmap {
  readonly size: number;
  get(x: number, y: number): boolean;
}
export const correction: { readonly L: number; readonly M: number };
export function generate(text: string, options?: { minCorrectionLevel?: number }): Bitmap;
