public import OutcryComponents

/// A public channel of the stream.
public struct MtGoxListedChannel: Hashable, Sendable {
    /// The name, such as `depth.BTCUSD`.
    public let channel: Channel
    /// The GUID that messages name it by.
    public let guid: String
}

/// A key for one-time passwords. It prints without the key.
public struct MtGoxOneTimeKey: Hashable, Sendable, CustomStringConvertible,
    CustomDebugStringConvertible, CustomReflectable
{
    /// Its number.
    public let serial: String
    /// What it is called, such as `OTP#100001`.
    public let name: String
    /// The key in hexadecimal digits. A secret.
    public let key: String
    /// The same in base 32, as programs for passwords take it. A secret.
    public let base32: String

    /// The name, nothing of the key.
    public var description: String { "one-time key \(name)" }
    /// The name, nothing of the key.
    public var debugDescription: String { description }
    /// Shows the name only.
    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

/// What a partner of the venue sends a customer to, to be paid; the texts as the venue gives them.
///
/// - Source: the official client, which knows the names and nothing of the values.
public struct MtGoxTicket: Hashable, Sendable {
    /// The ticket.
    public let ticket: String
    /// Its key.
    public let key: String
    /// Where the customer goes.
    public let partnerURL: String
    /// How much: as it stands, text or JSON, for its form is not known.
    public let amount: String
}

/// What an account's channel is read with at PubNub; the texts as the venue gives them, some of them
/// secrets. Nothing is known of the cipher.
public struct MtGoxPrivateStream: Hashable, Sendable, CustomStringConvertible,
    CustomDebugStringConvertible, CustomReflectable
{
    /// The key to subscribe with.
    public let subscribeKey: String
    /// The channel.
    public let channel: String
    /// What lets in.
    public let authorization: String
    /// What the messages are deciphered with.
    public let cipher: String
    /// When it has to be renewed.
    public let renew: String
    /// When it ends.
    public let expires: String

    /// Nothing of what it holds.
    public var description: String { "a private stream" }
    /// Nothing of what it holds.
    public var debugDescription: String { description }
    /// Shows the times only.
    public var customMirror: Mirror {
        Mirror(self, children: ["renew": renew, "expires": expires])
    }
}

extension MtGoxReply {
    /// Reads `stream/list_public`: the channels in the order of the reply.
    public static func publicChannels(
        _ body: Span<UInt8>, status: Int? = nil
    ) throws(MtGoxError) -> [MtGoxListedChannel] {
        try read(body, status: status) { (text, place) throws(Stop) in
            var channels: [MtGoxListedChannel] = []
            for field in try text.fields(place) {
                channels.append(
                    MtGoxListedChannel(
                        channel: Channel(field.key), guid: try text.string(field.place)))
            }
            return channels
        }
    }

    /// Reads `security/hotp/gen`.
    ///
    /// - Source: the documents of sourtin/MtGox-API.
    public static func oneTimeKey(
        _ body: Span<UInt8>, status: Int? = nil
    ) throws(MtGoxError) -> MtGoxOneTimeKey {
        try read(body, status: status) { (text, place) throws(Stop) in
            MtGoxOneTimeKey(
                serial: text.words(try text.need("serial", of: place)),
                name: try text.string("name", of: place), key: try text.string("key", of: place),
                base32: try text.string("key_base32", of: place))
        }
    }

    /// Reads `ticket/create`.
    public static func ticket(
        _ body: Span<UInt8>, status: Int? = nil
    ) throws(MtGoxError) -> MtGoxTicket {
        try read(body, status: status) { (text, place) throws(Stop) in
            MtGoxTicket(
                ticket: text.words(try text.need("ticket", of: place)),
                key: text.words(try text.need("key", of: place)),
                partnerURL: text.words(try text.need("partner_url", of: place)),
                amount: text.words(try text.need("amount", of: place)))
        }
    }

    /// Reads `stream/private_get`.
    public static func privateStream(
        _ body: Span<UInt8>, status: Int? = nil
    ) throws(MtGoxError) -> MtGoxPrivateStream {
        try read(body, status: status) { (text, place) throws(Stop) in
            MtGoxPrivateStream(
                subscribeKey: text.words(try text.need("sub", of: place)),
                channel: text.words(try text.need("channel", of: place)),
                authorization: text.words(try text.need("auth", of: place)),
                cipher: text.words(try text.need("cipher", of: place)),
                renew: text.words(try text.need("renew", of: place)),
                expires: text.words(try text.need("expires", of: place)))
        }
    }
}
