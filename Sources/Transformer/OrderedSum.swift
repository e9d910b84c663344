internal import CKernels
private import Foundation

/// A sum of vectors that arrive from several threads and are added in the order of their numbers.
///
/// `@unchecked`: `total` belongs to whoever's turn it is, and turns are taken under `condition`;
/// `add` checks that no turn is taken twice.
final class OrderedSum: @unchecked Sendable {
    private let condition = NSCondition()
    private let total: FloatBuffer
    private var turn = 0

    /// Adds to `total`, which nobody else touches before all numbers had their turn.
    init(into total: FloatBuffer) { self.total = total }

    /// Waits until all lower numbers had their turn; `nil` adds nothing.
    func add(_ vector: FloatBuffer?, number: Int) {
        condition.withLock {
            while turn < number { condition.wait() }
            precondition(turn == number, "block \(number) is added twice")
        }
        if let vector { ck_add(total.pointer, vector.pointer, total.count, total.pointer) }
        condition.withLock {
            turn += 1
            condition.broadcast()
        }
    }
}
