/// Whose turn it is to be signed with a nonce: one call of a key at a time, until its reply has come.
///
/// The lock is given back after each call, so that a process with many calls does not keep others of the
/// same key from theirs.
struct NonceTurns {
    enum State: Equatable {
        case idle
        case locking
        case numbering
        /// A call is on its way.
        case out(UInt64)
    }
    private(set) var state = State.idle

    /// A call waits: whether to ask for the lock.
    mutating func begin() -> Bool {
        guard state == .idle else { return false }
        state = .locking
        return true
    }

    /// The lock is there: whether to take a number, or else to give the lock back.
    mutating func locked(isWanted: Bool) -> Bool {
        state = isWanted ? .numbering : .idle
        return isWanted
    }

    /// A call has its number, and goes.
    mutating func sent(_ number: UInt64) { state = .out(number) }

    /// The turn of whoever had it is over.
    mutating func end() { state = .idle }
}
