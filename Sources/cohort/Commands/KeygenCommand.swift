import ArgumentParser
import ZeroMQ
import ZeroMQTransport

/// `cohort keygen`: a key for a learner, a machine, or a worker.
struct KeygenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Make a key: NAME.key, to keep secret, and NAME.pub, to give away.",
        discussion: """
            On the learner's machine, then on each machine that samples:
              cohort keygen learner --directory keys
              cohort keygen node1 --directory keys
            Copy node1.pub into keys/authorized_workers of the learner, and learner.pub to node1:
              cohort learner --bind tcp://0.0.0.0:5555 --keys keys
              cohort worker --connect tcp://HOST:5555 --key keys/node1.key --learner-key learner.pub
            Whose file is in authorized_workers may join at once; taking it away ends its workers' sessions.
            """)

    @Argument(help: "Whose key: letters, digits and . _ -. Workers are known by it.")
    var name: String

    @Option(help: "Where the two files go.")
    var directory = "."

    @Flag(help: "Replace a key that is there.")
    var force = false

    func run() throws {
        let pair = try CurveKeyPair.generate()
        try KeyFile.write(pair, name: name, in: directory, replaces: force)
        StandardStream.output.write("\(directory)/\(name).pub: \(pair.publicKey)\n")
    }
}
