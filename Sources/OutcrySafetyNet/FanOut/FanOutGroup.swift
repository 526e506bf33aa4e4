import OutcryComponents
import OutcryKernel
import OutcryWire

/// Clients that listen to the same channels, in the same framing: one put for all of them.
final class FanOutGroup {
    /// How a message is framed.
    enum Framing: Hashable {
        case plain
        /// Compressed, each message for itself, with a window of so many bits.
        case packed(windowBits: Int)
        /// As a packet of Socket.IO's, in a frame.
        case socketIO
    }

    /// What those in a group have in common.
    struct Key: Hashable {
        let mask: UInt64
        let framing: Framing
    }

    let key: Key
    /// What was agreed on for compression.
    let agreement: DeflateAgreement?
    let streams: StreamGroup

    init(_ key: Key, _ agreement: DeflateAgreement?, _ streams: StreamGroup) {
        self.key = key
        self.agreement = agreement
        self.streams = streams
    }
}

extension FanOutClient {
    /// How it can be told what everybody is told; nil where it needs a message of its own.
    var framing: (FanOutGroup.Framing, DeflateAgreement?)? {
        switch carrier {
        case .socketIO(let session): return session.webSocket == nil ? nil : (.socketIO, nil)
        case .webSocket(let connection):
            guard let agreement = connection.compression else { return (.plain, nil) }
            guard agreement.serverNoContextTakeover else { return nil }
            return (.packed(windowBits: agreement.serverWindowBits), agreement)
        }
    }
}
