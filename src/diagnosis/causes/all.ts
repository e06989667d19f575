import type { Cause } from "../cause.ts";
import capacityFixed from "./capacity/capacity-fixed.ts";
import capacityMax from "./capacity/capacity-max.ts";
import capacityScaleLag from "./capacity/capacity-scale-lag.ts";
import drainTooShort from "./capacity/drain-too-short.ts";
import instanceSpecific from "./capacity/instance-specific.ts";
import limitExceeded from "./capacity/limit-exceeded.ts";
import platformUpgrade from "./capacity/platform-upgrade.ts";
import rolloutGap from "./capacity/rollout-gap.ts";
import singleInstance from "./capacity/single-instance.ts";
import subnetFull from "./capacity/subnet-full.ts";
import v1Retired from "./capacity/v1-retired.ts";
import gatewayFailed from "./config/gateway-failed.ts";
import gatewayStopped from "./config/gateway-stopped.ts";
import gatewayUpdating from "./config/gateway-updating.ts";
import listenerHostTooLong from "./config/listener-host-too-long.ts";
import listenerShadowed from "./config/listener-shadowed.ts";
import pathExactTrailing from "./config/path-exact-trailing.ts";
import pathmapDefaultEmpty from "./config/pathmap-default-empty.ts";
import portWrong from "./config/port-wrong.ts";
import probeProtocolDiffers from "./config/probe-protocol-differs.ts";
import protocolHttpToTls from "./config/protocol-http-to-tls.ts";
import protocolTlsToHttp from "./config/protocol-tls-to-http.ts";
import referenceMissing from "./config/reference-missing.ts";
import ruleWrongTarget from "./config/rule-wrong-target.ts";
import dnsCacheLostOnPut from "./dns/dns-cache-lost-on-put.ts";
import dnsCustomCannotResolve from "./dns/dns-custom-cannot-resolve.ts";
import dnsFqdnWrong from "./dns/dns-fqdn-wrong.ts";
import dnsInconsistentServers from "./dns/dns-inconsistent-servers.ts";
import dnsNotRestarted from "./dns/dns-not-restarted.ts";
import dnsPublicUnresolvable from "./dns/dns-public-unresolvable.ts";
import dnsServerUnreachable from "./dns/dns-server-unreachable.ts";
import dnsShortName from "./dns/dns-short-name.ts";
import dnsStaleAddress from "./dns/dns-stale-address.ts";
import dnsTopLevelZone from "./dns/dns-top-level-zone.ts";
import dnsZoneMissing from "./dns/dns-zone-missing.ts";
import dnsZoneNotLinked from "./dns/dns-zone-not-linked.ts";
import dnsZoneShadow from "./dns/dns-zone-shadow.ts";
import affinityTwoGateways from "./http/affinity-two-gateways.ts";
import apimInternal from "./http/apim-internal.ts";
import appsvcAccessRestriction from "./http/appsvc-access-restriction.ts";
import appsvcHostLive from "./http/appsvc-host-live.ts";
import appsvcHostProbe from "./http/appsvc-host-probe.ts";
import appsvcPrivateEndpoint from "./http/appsvc-private-endpoint.ts";
import backend5xx from "./http/backend-5xx.ts";
import backendNotHttp from "./http/backend-not-http.ts";
import chunkedBuffering from "./http/chunked-buffering.ts";
import http204Body from "./http/http-204-body.ts";
import httpHeaderTooBig from "./http/http-header-too-big.ts";
import httpInvalidHeader from "./http/http-invalid-header.ts";
import httpResetMidway from "./http/http-reset-midway.ts";
import http2GrpcOnly from "./http/http2-grpc-only.ts";
import keepaliveRace from "./http/keepalive-race.ts";
import ntlm from "./http/ntlm.ts";
import secondProxy502 from "./http/second-proxy-502.ts";
import websocket from "./http/websocket.ts";
import nsgAdminRule from "./nsg/nsg-admin-rule.ts";
import nsgBackendNicIn from "./nsg/nsg-backend-nic-in.ts";
import nsgBackendSubnetIn from "./nsg/nsg-backend-subnet-in.ts";
import nsgGwOut from "./nsg/nsg-gw-out.ts";
import nsgInfraPorts from "./nsg/nsg-infra-ports.ts";
import nsgInstanceIps from "./nsg/nsg-instance-ips.ts";
import nsgLbDenied from "./nsg/nsg-lb-denied.ts";
import poolEmpty from "./pool/pool-empty.ts";
import poolStaleAddress from "./pool/pool-stale-address.ts";
import poolWrongAddress from "./pool/pool-wrong-address.ts";
import probeApim from "./probe/probe-apim.ts";
import probeAuth from "./probe/probe-auth.ts";
import probeBody from "./probe/probe-body.ts";
import probeDefaultHost from "./probe/probe-default-host.ts";
import probeDefaultRoot from "./probe/probe-default-root.ts";
import probeFirstSuccessPending from "./probe/probe-first-success-pending.ts";
import probeHost from "./probe/probe-host.ts";
import probeL4ProxyProtocol from "./probe/probe-l4-proxy-protocol.ts";
import probeMaskedbyMinservers from "./probe/probe-maskedby-minservers.ts";
import probeMethod from "./probe/probe-method.ts";
import probeNarrowMatch from "./probe/probe-narrow-match.ts";
import probeOutOfRange from "./probe/probe-out-of-range.ts";
import probePath from "./probe/probe-path.ts";
import probePickWithoutHost from "./probe/probe-pick-without-host.ts";
import probePort from "./probe/probe-port.ts";
import probeShallow from "./probe/probe-shallow.ts";
import probeSlowDetection from "./probe/probe-slow-detection.ts";
import probeTimeoutShort from "./probe/probe-timeout-short.ts";
import probeUnattached from "./probe/probe-unattached.ts";
import crlBlocked from "./route/crl-blocked.ts";
import firewallDeny from "./route/firewall-deny.ts";
import peGlobalPeeringIsolated from "./route/pe-global-peering-isolated.ts";
import peeringBroken from "./route/peering-broken.ts";
import privateGwNoEgress from "./route/private-gw-no-egress.ts";
import routeBgpDefault from "./route/route-bgp-default.ts";
import routeGwBlackhole from "./route/route-gw-blackhole.ts";
import routeGwDefaultNva from "./route/route-gw-default-nva.ts";
import routeKubenetMissing from "./route/route-kubenet-missing.ts";
import routeNoPathPrivate from "./route/route-no-path-private.ts";
import routeNvaNoForwarding from "./route/route-nva-no-forwarding.ts";
import routeReturnAsymmetric from "./route/route-return-asymmetric.ts";
import serviceEndpointSource from "./route/service-endpoint-source.ts";
import vwanSecuredHub from "./route/vwan-secured-hub.ts";
import backendAcceptFull from "./tcp/backend-accept-full.ts";
import backendDown from "./tcp/backend-down.ts";
import classicEndpoint from "./tcp/classic-endpoint.ts";
import hostFirewall from "./tcp/host-firewall.ts";
import snatExhaustion from "./tcp/snat-exhaustion.ts";
import tcpLoopbackBind from "./tcp/tcp-loopback-bind.ts";
import tcpRefused from "./tcp/tcp-refused.ts";
import clientShorter from "./timeout/client-shorter.ts";
import idleTcp from "./timeout/idle-tcp.ts";
import timeoutInner from "./timeout/timeout-inner.ts";
import timeoutNetwork from "./timeout/timeout-network.ts";
import timeoutPublicCap from "./timeout/timeout-public-cap.ts";
import timeoutV1 from "./timeout/timeout-v1.ts";
import timeoutV2 from "./timeout/timeout-v2.ts";
import tlsCipher from "./tls/tls-cipher.ts";
import tlsClientCertRequired from "./tls/tls-client-cert-required.ts";
import tlsExpired from "./tls/tls-expired.ts";
import tlsIntermediateMissing from "./tls/tls-intermediate-missing.ts";
import tlsIpNoSni from "./tls/tls-ip-no-sni.ts";
import tlsLeafMissing from "./tls/tls-leaf-missing.ts";
import tlsLiveNameMismatch from "./tls/tls-live-name-mismatch.ts";
import tlsNameProbe from "./tls/tls-name-probe.ts";
import tlsOrder from "./tls/tls-order.ts";
import tlsPrivateCaNoRoot from "./tls/tls-private-ca-no-root.ts";
import tlsRevoked from "./tls/tls-revoked.ts";
import tlsRootMismatch from "./tls/tls-root-mismatch.ts";
import tlsRootNotCa from "./tls/tls-root-not-ca.ts";
import tlsRootOnHttp from "./tls/tls-root-on-http.ts";
import tlsSelfsignedNonca from "./tls/tls-selfsigned-nonca.ts";
import tlsV1Authcert from "./tls/tls-v1-authcert.ts";
import tlsValidationOffDiffers from "./tls/tls-validation-off-differs.ts";
import tlsVerifyOther from "./tls/tls-verify-other.ts";
import tlsVersion from "./tls/tls-version.ts";

/** Every cause, in the order of the catalogue. Written by `npm run generate` from the files beside it. */
export const causes: readonly Cause[] = [
  gatewayStopped,
  gatewayFailed,
  gatewayUpdating,
  poolEmpty,
  pathmapDefaultEmpty,
  pathExactTrailing,
  listenerShadowed,
  ruleWrongTarget,
  referenceMissing,
  portWrong,
  protocolHttpToTls,
  protocolTlsToHttp,
  probeProtocolDiffers,
  probeDefaultHost,
  probeDefaultRoot,
  probePath,
  probeAuth,
  probeMethod,
  probeNarrowMatch,
  probeBody,
  probeHost,
  probePickWithoutHost,
  probeTimeoutShort,
  probeOutOfRange,
  probeUnattached,
  probePort,
  probeApim,
  probeShallow,
  probeSlowDetection,
  probeFirstSuccessPending,
  probeMaskedbyMinservers,
  probeL4ProxyProtocol,
  dnsFqdnWrong,
  dnsCustomCannotResolve,
  dnsServerUnreachable,
  dnsNotRestarted,
  dnsZoneNotLinked,
  dnsZoneShadow,
  dnsTopLevelZone,
  dnsInconsistentServers,
  dnsCacheLostOnPut,
  dnsShortName,
  dnsStaleAddress,
  dnsPublicUnresolvable,
  nsgGwOut,
  nsgBackendSubnetIn,
  nsgBackendNicIn,
  nsgInstanceIps,
  nsgInfraPorts,
  nsgLbDenied,
  nsgAdminRule,
  routeGwDefaultNva,
  routeBgpDefault,
  routeGwBlackhole,
  routeReturnAsymmetric,
  routeNvaNoForwarding,
  firewallDeny,
  routeKubenetMissing,
  routeNoPathPrivate,
  peeringBroken,
  peGlobalPeeringIsolated,
  privateGwNoEgress,
  crlBlocked,
  serviceEndpointSource,
  vwanSecuredHub,
  tcpRefused,
  tcpLoopbackBind,
  hostFirewall,
  backendDown,
  backendAcceptFull,
  snatExhaustion,
  classicEndpoint,
  tlsNameProbe,
  tlsLiveNameMismatch,
  tlsIpNoSni,
  tlsExpired,
  tlsPrivateCaNoRoot,
  tlsRootMismatch,
  tlsIntermediateMissing,
  tlsLeafMissing,
  tlsOrder,
  tlsSelfsignedNonca,
  tlsV1Authcert,
  tlsRootOnHttp,
  tlsVersion,
  tlsCipher,
  tlsClientCertRequired,
  tlsRevoked,
  tlsVerifyOther,
  tlsValidationOffDiffers,
  appsvcHostLive,
  appsvcHostProbe,
  appsvcAccessRestriction,
  appsvcPrivateEndpoint,
  apimInternal,
  http204Body,
  httpInvalidHeader,
  httpHeaderTooBig,
  httpResetMidway,
  keepaliveRace,
  backend5xx,
  secondProxy502,
  http2GrpcOnly,
  ntlm,
  websocket,
  chunkedBuffering,
  affinityTwoGateways,
  timeoutV1,
  timeoutV2,
  timeoutPublicCap,
  timeoutInner,
  timeoutNetwork,
  idleTcp,
  clientShorter,
  capacityMax,
  capacityFixed,
  capacityScaleLag,
  subnetFull,
  limitExceeded,
  rolloutGap,
  drainTooShort,
  platformUpgrade,
  singleInstance,
  instanceSpecific,
  v1Retired,
  poolStaleAddress,
  poolWrongAddress,
  dnsZoneMissing,
  tlsRootNotCa,
  backendNotHttp,
  listenerHostTooLong,
];
