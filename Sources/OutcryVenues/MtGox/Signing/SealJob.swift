public import OutcryKernel
public import OutcryWire

/// A call that is to be signed.
public struct MtGoxSealJob: Sendable {
    /// The asker's number for it: comes back with what became of it.
    public var number: UInt64
    /// What is asked.
    public var call: MtGoxRawCall
    /// How it will go.
    public var carrier: MtGoxCarrier

    /// Makes a job.
    public init(number: UInt64, call: MtGoxRawCall, carrier: MtGoxCarrier) {
        self.number = number
        self.call = call
        self.carrier = carrier
    }
}

/// How a signed call goes to the venue.
public enum MtGoxCarrier: Hashable, Sendable {
    /// As an `op:call`, with this id.
    case stream(id: MtGoxCallID)
    /// As a POST.
    case http
}

/// A call that is ready to be sent; it may be sent once.
public struct MtGoxSealed: Sendable {
    /// The number of its job.
    public let number: UInt64
    /// What makes it a new one.
    public let stamp: MtGoxCallStamp
    /// What goes out.
    public let message: Message

    /// What goes out.
    public enum Message: Sendable {
        /// The text of a message of the stream.
        case stream([UInt8])
        /// The target, fields and body of a POST.
        case http(target: String, fields: HTTPFields, body: [UInt8])
    }

    /// Puts the parts together.
    public init(number: UInt64, stamp: MtGoxCallStamp, message: Message) {
        self.number = number
        self.stamp = stamp
        self.message = message
    }
}

/// A call that could not be signed: nothing has been sent.
public struct MtGoxSealFailure: Error, Sendable, CustomStringConvertible {
    /// The number of its job.
    public let number: UInt64
    /// Why, in words; nothing of the secret.
    public let reason: String

    /// Names a reason.
    public init(number: UInt64, reason: String) {
        self.number = number
        self.reason = reason
    }

    /// In words.
    public var description: String { "call not signed: \(reason)" }
}

extension Event where Payload == MtGoxSealJob {
    /// Asks a signer for a signature; it posts `mtgox.sealed` or `mtgox.notSealed` to its gateway.
    public static let mtgoxSeal = Self("mtgox.seal")
}
extension Event where Payload == MtGoxSealed {
    /// A call is signed and goes out.
    public static let mtgoxSealed = Self("mtgox.sealed")
}
extension Event where Payload == MtGoxSealFailure {
    /// A call was not signed.
    public static let mtgoxNotSealed = Self("mtgox.notSealed")
}
extension Event where Payload == UInt64 {
    /// Tells a signer that the reply to the call of this number has come, or will not: where a key's calls
    /// are serial the next one may go.
    public static let mtgoxSealDone = Self("mtgox.sealDone")
}
