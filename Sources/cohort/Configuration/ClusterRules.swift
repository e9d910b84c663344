extension ConfigurationRules {
    static let cluster: [Rule] = [bindForm, bindReach, keysOrNot, someWorker, patience, leasePatience]

    private static let bindForm: Rule = { configuration in
        let bind = configuration.cluster.bind
        guard !bind.isEmpty, BindAddress(bind) == nil else { return nil }
        return (
            ["cluster.bind"],
            "bind = \(quotedString(bind)) is not an address to listen on; "
                + "for example: tcp://127.0.0.1:5555 or tcp://[::1]:5555"
        )
    }

    private static let bindReach: Rule = { configuration in
        guard let address = BindAddress(configuration.cluster.bind), !address.isLoopback,
            !configuration.cluster.insecure, configuration.cluster.keys.isEmpty
        else { return nil }
        return (
            ["cluster.bind", "cluster.keys", "cluster.insecure"],
            "bind = \(quotedString(configuration.cluster.bind)) can be reached from other machines "
                + "without encryption; make keys with `cohort keygen learner --directory keys` (its --help "
                + "goes on) and set cluster.keys = \"keys\", bind to tcp://127.0.0.1:\(address.port), or set "
                + "cluster.insecure = true on a network that you trust"
        )
    }

    private static let keysOrNot: Rule = { configuration in
        guard configuration.cluster.insecure, !configuration.cluster.keys.isEmpty else { return nil }
        return (
            ["cluster.keys", "cluster.insecure"],
            "insecure = true goes without the encryption that keys = "
                + "\(quotedString(configuration.cluster.keys)) sets up; take one of the two away"
        )
    }

    private static let someWorker: Rule = { configuration in
        guard configuration.cluster.workers == 0, configuration.cluster.bind.isEmpty else {
            return nil
        }
        return (
            ["cluster.workers", "cluster.bind"],
            "workers = 0 and bind is empty, so nobody could sample; start at least one worker, or "
                + "set bind so that workers can join"
        )
    }

    private static let patience: Rule = { configuration in
        let (beat, silence) = (
            configuration.cluster.heartbeatSeconds, configuration.cluster.livenessSeconds
        )
        guard silence < 2 * beat else { return nil }
        return (
            ["cluster.liveness_seconds", "cluster.heartbeat_seconds"],
            "liveness_seconds = \(silence) is less than two heartbeats of \(beat) seconds, so one "
                + "late heartbeat would cost a worker; take at least \(2 * beat)"
        )
    }

    private static let leasePatience: Rule = { configuration in
        let (lease, silence) = (
            configuration.cluster.leaseSeconds, configuration.cluster.livenessSeconds
        )
        guard lease < silence else { return nil }
        return (
            ["cluster.lease_seconds", "cluster.liveness_seconds"],
            "lease_seconds = \(lease) is less than liveness_seconds = \(silence), so work would be "
                + "handed out twice while its worker is still trusted; take at least \(silence)"
        )
    }
}
