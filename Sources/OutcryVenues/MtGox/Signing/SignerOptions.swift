public import OutcryKernel

/// How a ``MtGoxSigner`` makes each call a new one.
public struct MtGoxSignerOptions: Sendable {
    /// What makes a call a new one.
    public enum Stamps: Sendable {
        /// A tonce, a time that was not used before: calls go side by side. From May 2013 on.
        case tonce
        /// A nonce, greater than all before: one call of a key at a time, until its reply has come, over all
        /// connections, and with a folder over all processes.
        case nonce
    }

    /// What makes a call a new one.
    public var stamps = Stamps.tonce
    /// A folder, which must be there, where processes and their successors keep what they have used of a
    /// key: small files with the key's GUID in their names, nothing of its secret.
    ///
    /// Without one a key must be used by one process at a time, and there by signers that share one
    /// ``MtGoxMarks``; a successor counts on the clock, which must not have gone back since.
    public var folder: String?
    /// How long a nonce's call may take; after that the next one goes, whatever has become of it.
    public var replyDeadline = Duration.seconds(30)

    /// Tonces, no folder.
    public init() {}
}

/// What signers of a kernel have used of their keys, where there is no folder to keep it.
public final class MtGoxMarks {
    /// One a key: an array, since a table of this type would be the first on the way to a link.
    private var last: [(name: String, number: UInt64)] = []

    /// Nothing was used yet.
    public init() {}

    /// Takes `count` consecutive numbers, as ``SharedMark`` does.
    func take(
        _ name: String, past floor: UInt64, by count: UInt64
    ) throws(SystemError) -> UInt64 {
        guard let place = last.firstIndex(where: { $0.name == name }) else {
            let first = try SharedMark.take(count, past: floor, from: [], name).first
            last.append((name, first + count - 1))
            return first
        }
        let content = Array(String(last[place].number).utf8)
        let first = try SharedMark.take(count, past: floor, from: content, name).first
        last[place].number = first + count - 1
        return first
    }
}

/// What a ``MtGoxSigner`` has done, and what waits.
public struct MtGoxSignerCounters: Sendable, Equatable {
    /// Calls that were signed.
    public internal(set) var signed = 0
    /// Calls that were not.
    public internal(set) var refused = 0
    /// Calls that wait: for their turn, for a file, or for the clock.
    public internal(set) var waiting = 0
    /// How long those that wait for the clock will wait at most; zero where none does. It happens when
    /// somebody has used tonces of the future.
    public internal(set) var clockWait = Duration.zero
    /// Calls whose nonce was given up by the deadline, since nobody said that their reply had come.
    public internal(set) var overdue = 0
    /// The venue's clock less this machine's.
    public internal(set) var clockOffset = Duration.zero
}

extension Event where Payload == Ask<Void, MtGoxSignerCounters> {
    /// Asks a signer what it has done, and what waits.
    public static let mtgoxSignerCounters = Self("mtgox.signerCounters")
}
extension Event where Payload == MtGoxSignerCounters {
    /// Published by a signer when calls begin to wait for the clock, and when they wait no longer.
    public static let mtgoxSignerWaits = Self("mtgox.signerWaits")
}
