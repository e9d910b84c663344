/// `[cluster]`: processes, threads, sockets and how long to wait for whom.
package struct ClusterSettings: Hashable, Sendable {
    package enum Schedule: String, SettingWord { case lockstep, bounded }

    /// Worker processes that this command starts itself; others may join over `bind`.
    package var workers = 2
    package var schedule = Schedule.lockstep
    /// Published versions.
    package var maxStaleness = 0
    package var learnerThreads = 2
    /// Threads of each worker.
    package var workerThreads = 1
    /// Empty: ipc in the run directory; else `tcp://ADDRESS:PORT`.
    package var bind = ""
    /// Directory of the learner's key and of the public keys of workers; empty: nothing is encrypted.
    package var keys = ""
    package var insecure = false
    package var heartbeatSeconds = 1.0
    /// Silence after which a peer is given up.
    package var livenessSeconds = 5.0
    package var leaseSeconds = 120.0
    /// Restarts in a row of a process that gets nowhere in between; 0: no restart at all.
    package var maxRestarts = 10
    /// Groups that a worker samples together.
    package var workerBatchGroups = 16
}
