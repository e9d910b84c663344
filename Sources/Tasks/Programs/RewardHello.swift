internal import Tokenization

/// A reward program's first line: what it speaks and what it offers.
package struct RewardHello: Hashable, Sendable {
    /// Of the protocol.
    static let version = 1
    static let namesMax = 64
    static let batchMax = 4_096

    /// The reward functions that every answer has a value or null for.
    var names: [String]
    /// Requests that it takes in one line; 1: lines are single requests.
    var batch: Int

    package init(names: [String], batch: Int = 1) {
        self.names = names
        self.batch = batch
    }

    /// Throws where the line is no hello that this version understands.
    init(line: [UInt8]) throws(RewardLineError) {
        let value = try rewardLine(line)
        guard let version = value["v"], let names = value["rewards"]?.array else {
            throw RewardLineError(
                "its first line is no hello, such as {\"v\":1,\"rewards\":[\"name\"]}: \(excerpt(line))")
        }
        guard version.integer == Self.version else {
            throw RewardLineError(
                "it speaks version \(version.compactText) of the reward protocol, and "
                    + "\(Self.version) is spoken here")
        }
        self.names = names.compactMap(\.string)
        guard self.names.count == names.count, 1...Self.namesMax ~= names.count,
            Set(self.names).count == names.count
        else {
            throw RewardLineError("its hello offers no list of 1 to \(Self.namesMax) different names")
        }
        batch = 1
        guard let size = value["batch"] else { return }
        guard let size = size.integer, 1...Self.batchMax ~= size else {
            throw RewardLineError(
                "its hello asks for batches of \(size.compactText); 1 to \(Self.batchMax) are possible")
        }
        batch = size
    }
}

/// What is wrong with what a reward program printed, as a clause about the program.
struct RewardLineError: Error, Hashable, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
