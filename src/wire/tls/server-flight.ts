import { alertName } from "./alerts.ts";
import { ByteReader, MalformedTls } from "./byte-reader.ts";
import { type HandshakeMessage, HandshakeReader } from "./handshake-reader.ts";
import {
  handshakeName,
  handshakeType,
  readCertificates,
  readEncryptedExtensions,
  readServerHello,
  type ServerHello,
  tls13,
} from "./messages.ts";
import { RecordProtection } from "./record-protection.ts";
import { contentType, type RecordFault, RecordReader, type TlsRecord } from "./record-reader.ts";
import type { TrafficSecrets } from "./traffic-secrets.ts";

/** What the server's side of a handshake says, as far as it came. */
export interface FlightFacts {
  /** Handshake messages in the order they came, by their registered names. At most `messagesKept`. */
  readonly messages: readonly string[];
  /** Of the ServerHello. */
  readonly version: number | undefined;
  readonly cipherCode: number | undefined;
  readonly alpn: string | undefined;
  /** DER, in the server's order; undefined while no Certificate message was read. */
  readonly chain: readonly Buffer[] | undefined;
  readonly clientCertificateRequested: boolean;
  /** The alert that ended the connection. */
  readonly alert: string | undefined;
  /** Alerts of level warning: the server went on. */
  readonly warnings: readonly string[];
  /** What broke the protocol; nothing was read after it. */
  readonly fault: RecordFault | "malformed" | "too-much" | undefined;
  /** The first bytes, kept to say what speaks there when it is not TLS. */
  readonly firstBytes: Buffer;
}

const messagesKept = 64;
const warningsKept = 8;
const firstBytesKept = 64;
/** Of everything read before application data; what waits for its key counts as well. */
const bytesLimit = 512 * 1024;
const alertLevelWarning = 1;

/**
 * Reads the server's records up to its first application data: in clear, and under TLS 1.3 with the secrets the client's
 * own TLS library hands out. Never throws, whatever comes.
 */
export class ServerFlight {
  readonly #records = new RecordReader();
  readonly #handshake = new HandshakeReader();
  readonly #secrets: TrafficSecrets;
  readonly #messages: string[] = [];
  readonly #warnings: string[] = [];
  /** Records that came before the secret that opens them. */
  #waiting: TlsRecord[] = [];
  #stage: "clear" | "handshake" | "application" | "over" = "clear";
  #protection: RecordProtection | undefined;
  #hello: ServerHello | undefined;
  #alpn: string | undefined;
  #chain: readonly Buffer[] | undefined;
  #clientCertificateRequested = false;
  #alert: string | undefined;
  #fault: FlightFacts["fault"];
  #firstBytes: Buffer = Buffer.alloc(0);
  #bytes = 0;

  constructor(secrets: TrafficSecrets) {
    this.#secrets = secrets;
  }

  get facts(): FlightFacts {
    return {
      messages: [...this.#messages],
      version: this.#hello?.version,
      cipherCode: this.#hello?.cipherCode,
      alpn: this.#alpn,
      chain: this.#chain,
      clientCertificateRequested: this.#clientCertificateRequested,
      alert: this.#alert,
      warnings: [...this.#warnings],
      fault: this.#fault,
      firstBytes: this.#firstBytes,
    };
  }

  receive(bytes: Buffer): void {
    if (this.#stage === "over") return;
    this.#keepFirst(bytes);
    this.#bytes += bytes.length;
    for (const record of this.#records.push(bytes)) this.#waiting.push(record);
    this.#advance();
    if (!this.#over() && this.#bytes > bytesLimit) this.#end("too-much");
  }

  /** Opens what waits, once the secrets have learnt something new. */
  secretsGrew(): void {
    this.#advance();
  }

  #keepFirst(bytes: Buffer): void {
    const missing = firstBytesKept - this.#firstBytes.length;
    if (missing > 0) this.#firstBytes = Buffer.concat([this.#firstBytes, bytes.subarray(0, missing)]);
  }

  #advance(): void {
    try {
      let taken = 0;
      for (const record of this.#waiting) {
        if (this.#over() || !this.#read(record)) break;
        taken += 1;
      }
      this.#waiting.splice(0, taken);
    } catch (error) {
      if (!(error instanceof MalformedTls)) throw error;
      this.#end("malformed");
    }
    if (!this.#over() && this.#waiting.length === 0 && this.#records.fault !== undefined) {
      this.#end(this.#records.fault);
    }
  }

  #over(): boolean {
    return this.#stage === "over";
  }

  #end(fault: FlightFacts["fault"]): void {
    this.#stage = "over";
    this.#fault = fault;
    this.#waiting = [];
    this.#protection = undefined;
    this.#secrets.forget();
  }

  /** False = the record must wait for its secret. */
  #read(record: TlsRecord): boolean {
    if (record.type === contentType.changeCipherSpec) {
      // Under TLS 1.3 a relic to be ignored (RFC 8446 §D.4); before it, all that follows is under keys not held here.
      if (this.#stage === "clear" && this.#hello !== undefined && this.#hello.version < tls13) {
        this.#end(undefined);
      }
      return true;
    }
    if (record.type !== contentType.applicationData) {
      if (this.#stage !== "clear" && record.type === contentType.handshake) {
        throw new MalformedTls("handshake in clear after the keys");
      }
      this.#readContent(record.type, record.fragment);
      return true;
    }
    return this.#readProtected(record);
  }

  #readProtected(record: TlsRecord): boolean {
    if (this.#stage !== "handshake" && this.#stage !== "application") {
      throw new MalformedTls("application data before keys");
    }
    const secret = this.#secrets.of(this.#stage);
    if (secret === undefined) return false;
    this.#protection ??= new RecordProtection(this.#hello?.cipherCode ?? 0, secret);
    const { type, content } = this.#protection.open(record);
    if (type === contentType.applicationData) this.#end(undefined);
    else this.#readContent(type, content);
    return true;
  }

  #readContent(type: number, content: Buffer): void {
    if (type === contentType.alert) this.#readAlert(content);
    else if (type === contentType.handshake && content.length > 0) {
      for (const message of this.#handshake.push(content)) {
        if (!this.#over()) this.#readMessage(message);
      }
    } else throw new MalformedTls(`content type ${type}`);
  }

  /** RFC 8446 §6: under TLS 1.3 the level says nothing, all but the two closing alerts are fatal. */
  #readAlert(content: Buffer): void {
    const reader = new ByteReader(content);
    const [level, description] = [reader.uint(1), reader.uint(1)];
    reader.end();
    const name = alertName(description);
    const levelCounts = this.#hello === undefined || this.#hello.version < tls13;
    if (name === "user_canceled" || (levelCounts && level === alertLevelWarning && description !== 0)) {
      if (this.#warnings.length < warningsKept) this.#warnings.push(name);
      return;
    }
    this.#alert = name;
    this.#end(undefined);
  }

  #readMessage({ type, body }: HandshakeMessage): void {
    if (
      this.#hello === undefined &&
      type !== handshakeType.serverHello &&
      type !== handshakeType.helloRequest
    ) {
      throw new MalformedTls(`${handshakeName(type)} before the ServerHello`);
    }
    if (this.#messages.length < messagesKept) this.#messages.push(handshakeName(type));
    switch (type) {
      case handshakeType.serverHello:
        this.#readHello(body);
        break;
      case handshakeType.encryptedExtensions:
        this.#alpn = readEncryptedExtensions(body).alpn;
        break;
      case handshakeType.certificateRequest:
        this.#clientCertificateRequested = true;
        break;
      case handshakeType.certificate:
        this.#readChain(body);
        break;
      case handshakeType.finished:
        this.#changeKeys("application");
        break;
      case handshakeType.keyUpdate:
        // Nothing of interest can follow: the handshake is long over.
        this.#end(undefined);
        break;
    }
  }

  #readHello(body: Buffer): void {
    if (this.#hello !== undefined && !this.#hello.retry) throw new MalformedTls("second ServerHello");
    const again = this.#hello !== undefined;
    this.#hello = readServerHello(body);
    if (again && this.#hello.retry) throw new MalformedTls("second HelloRetryRequest");
    this.#alpn = this.#hello.alpn;
    if (this.#hello.version >= tls13 && !this.#hello.retry) this.#changeKeys("handshake");
  }

  #readChain(body: Buffer): void {
    if (this.#chain !== undefined) throw new MalformedTls("second Certificate");
    this.#chain = readCertificates(body, this.#hello?.version ?? 0);
  }

  #changeKeys(stage: "handshake" | "application"): void {
    if (this.#handshake.midway) throw new MalformedTls("message across a change of keys");
    this.#stage = stage;
    this.#protection = undefined;
  }
}
