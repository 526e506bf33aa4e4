/// A call of the venue, and how its answer is read: the type says what comes back.
///
/// ```swift
/// let call = try MtGoxCall.addOrder(.limit(.buy, quantity: "0.5", price: "14.43").on(.btcusd))
/// let id = try call.read(reply)                       // an `OrderID`
/// ```
///
/// The names make calls of version 1, which go over HTTP and as `op:call` alike; ``version2`` makes
/// version 2's of them. What version 0 has are scripts of its own: ``MtGoxOldCall``. For a call that has
/// no name here there is ``raw(_:)``.
///
/// - Source: the protocol reference, sections 4 to 6 and 9; `CALLS.md` beside this folder lists all.
public struct MtGoxCall<Reply: Sendable>: Sendable {
    /// What is asked.
    public let raw: MtGoxRawCall
    /// Reads the answer, with or without the envelope, whichever carrier brought it.
    ///
    /// It throws what the venue refused, and what is no answer to this call.
    public let read: @Sendable (MtGoxRawReply) throws(MtGoxError) -> Reply

    /// Pairs a call with the reading of its answer.
    public init(
        _ raw: MtGoxRawCall, read: @escaping @Sendable (MtGoxRawReply) throws(MtGoxError) -> Reply
    ) {
        self.raw = raw
        self.read = read
    }

    /// The same call with the path of version 2; see ``MtGoxRawCall/version2``.
    public var version2: Self { Self(raw.version2, read: read) }
}

extension MtGoxCall where Reply == [UInt8] {
    /// Any call, with its answer as it came: the way to what has no name here.
    ///
    /// A refusal is not looked for either; ``MtGoxReply/value(_:)`` does that.
    public static func raw(_ call: MtGoxRawCall) -> Self {
        Self(call) { (reply) throws(MtGoxError) in reply.body }
    }
}

extension MtGoxReply {
    /// The JSON of the value of an answer, out of its envelope where it has one.
    ///
    /// - Throws: What the venue refused, or that it is no JSON.
    public static func value(_ reply: MtGoxRawReply) throws(MtGoxError) -> [UInt8] {
        try read(reply.body.span, status: reply.status) { (text, place) throws(Stop) in
            text.array(place)
        }
    }
}
