/// Which of the venue's dialects a call came in; its answer goes out in the same.
package enum APIVersion: UInt8, Hashable, CaseIterable, Sendable {
    /// `/api/0/…php`, and `/code/…php` before: no envelope.
    case v0
    /// `/api/1/`: the envelope `return`.
    case v1
    /// `/api/2/`: the envelope `data`.
    case v2
    /// `op:call`: version 1's values in `op:result`.
    case stream

    /// The dialect that a path asks for, whether or not it leads anywhere; version 1's where it says
    /// none.
    package init(path: some StringProtocol) {
        switch path {
        case _ where path.hasPrefix("/api/0/"), _ where path.hasPrefix("/code/"): self = .v0
        case _ where path.hasPrefix("/api/2/"): self = .v2
        default: self = .v1
        }
    }
}
