/** What one message may cost. Bodies are not limited here: their bytes are passed on, never kept. */
export interface Http1Limits {
  /** Start line and field lines with their line ends; trailers may take as much again. */
  readonly headBytes: number;
  /** One line of the head or of the trailers, with its line end. */
  readonly lineBytes: number;
  /** Field lines of the head; trailers may have as many again. */
  readonly fieldCount: number;
  /** Chunk extensions of one message together: they carry nothing and cost time. */
  readonly chunkExtensionBytes: number;
  /** 1xx responses before the final one. */
  readonly interimResponses: number;
}

/** Header limits as Application Gateway documents them for v2 (32 KB), the rest what common servers allow. */
export const defaultLimits: Http1Limits = {
  headBytes: 32 * 1024,
  lineBytes: 16 * 1024,
  fieldCount: 200,
  chunkExtensionBytes: 4 * 1024,
  interimResponses: 16,
};
