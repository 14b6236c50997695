export interface ReadResult {
  isValid: boolean;
  text: string;
}
export interface ReaderOptions {
  formats?: string[];
  tryHarder?: boolean;
  maxNumberOfSymbols?: number;
  textMode?: string;
}
export function prepareZXingModule(options: {
  overrides: { locateFile: (path: string, prefix: string) => string };
}): void;
export function readBarcodes(
  input: Blob | ImageData,
  options?: ReaderOptions,
): Promise<ReadResult[]>;
