import CZeroMQ

// What can be read back. Write-only options (subscriptions) are internal.

extension OptionKey where Value == Int {
    public static var sndhwm: Self { .count(ZMQ_SNDHWM, "SNDHWM") }
    public static var rcvhwm: Self { .count(ZMQ_RCVHWM, "RCVHWM") }
    public static var backlog: Self { .count(ZMQ_BACKLOG, "BACKLOG") }
    public static var tcpKeepaliveCount: Self {
        .count(ZMQ_TCP_KEEPALIVE_CNT, "TCP_KEEPALIVE_CNT")
    }
    public static var maxMessageSize: Self { .long(ZMQ_MAXMSGSIZE, "MAXMSGSIZE") }
    public static var affinity: Self { .long(ZMQ_AFFINITY, "AFFINITY") }
    /// 0 NULL, 1 PLAIN, 2 CURVE, 3 GSSAPI.
    public static var mechanism: Self { .count(ZMQ_MECHANISM, "MECHANISM") }
}

extension OptionKey where Value == Bool {
    public static var immediate: Self { .flag(ZMQ_IMMEDIATE, "IMMEDIATE") }
    public static var ipv6: Self { .flag(ZMQ_IPV6, "IPV6") }
    public static var curveServer: Self { .flag(ZMQ_CURVE_SERVER, "CURVE_SERVER") }
    public static var zapEnforceDomain: Self {
        .flag(ZMQ_ZAP_ENFORCE_DOMAIN, "ZAP_ENFORCE_DOMAIN")
    }
    static var routerMandatory: Self { .flag(ZMQ_ROUTER_MANDATORY, "ROUTER_MANDATORY") }
    static var routerHandover: Self { .flag(ZMQ_ROUTER_HANDOVER, "ROUTER_HANDOVER") }
    static var tcpKeepalive: Self { .flag(ZMQ_TCP_KEEPALIVE, "TCP_KEEPALIVE") }
}

extension OptionKey where Value == Duration {
    public static var handshakeInterval: Self { .duration(ZMQ_HANDSHAKE_IVL, "HANDSHAKE_IVL") }
    public static var heartbeatInterval: Self { .duration(ZMQ_HEARTBEAT_IVL, "HEARTBEAT_IVL") }
    public static var connectTimeout: Self { .duration(ZMQ_CONNECT_TIMEOUT, "CONNECT_TIMEOUT") }
    public static var tcpMaxRetransmit: Self { .duration(ZMQ_TCP_MAXRT, "TCP_MAXRT") }
    public static var reconnectIntervalMax: Self {
        .duration(ZMQ_RECONNECT_IVL_MAX, "RECONNECT_IVL_MAX")
    }
    public static var heartbeatTTL: Self { .duration(ZMQ_HEARTBEAT_TTL, "HEARTBEAT_TTL") }
}

extension OptionKey where Value == Duration? {
    public static var linger: Self { .optionalDuration(ZMQ_LINGER, "LINGER") }
    public static var heartbeatTimeout: Self {
        .optionalDuration(ZMQ_HEARTBEAT_TIMEOUT, "HEARTBEAT_TIMEOUT")
    }
    public static var reconnectInterval: Self {
        .optionalDuration(ZMQ_RECONNECT_IVL, "RECONNECT_IVL")
    }
    public static var tcpKeepaliveIdle: Self {
        .optionalDuration(ZMQ_TCP_KEEPALIVE_IDLE, "TCP_KEEPALIVE_IDLE", unit: .seconds(1))
    }
    public static var tcpKeepaliveInterval: Self {
        .optionalDuration(ZMQ_TCP_KEEPALIVE_INTVL, "TCP_KEEPALIVE_INTVL", unit: .seconds(1))
    }
}

extension OptionKey where Value == [UInt8] {
    public static var routingID: Self { .bytes(ZMQ_ROUTING_ID, "ROUTING_ID") }
    static var subscribe: Self { .bytes(ZMQ_SUBSCRIBE, "SUBSCRIBE") }
    static var unsubscribe: Self { .bytes(ZMQ_UNSUBSCRIBE, "UNSUBSCRIBE") }
}

extension OptionKey where Value == String {
    public static var lastEndpoint: Self { .text(ZMQ_LAST_ENDPOINT, "LAST_ENDPOINT") }
    static var plainUsername: Self { .text(ZMQ_PLAIN_USERNAME, "PLAIN_USERNAME") }
    static var plainPassword: Self { .text(ZMQ_PLAIN_PASSWORD, "PLAIN_PASSWORD") }
    public static var zapDomain: Self { .text(ZMQ_ZAP_DOMAIN, "ZAP_DOMAIN") }
}
