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

const KIB = 1024;

/**
 * Application Gateway takes URLs of 32 KB and header fields of 32 KB together (gateway-resource.md §6): here with room
 * for the words around the URL. The rest is what common servers allow.
 */
export const defaultLimits: Http1Limits = {
  headBytes: 66 * KIB,
  lineBytes: 33 * KIB,
  fieldCount: 200,
  chunkExtensionBytes: 4 * KIB,
  interimResponses: 16,
};
