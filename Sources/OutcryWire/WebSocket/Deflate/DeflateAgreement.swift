/// What both ends of a WebSocket agreed on for permessage-deflate (RFC 7692 section 7.1).
public struct DeflateAgreement: Equatable, Sendable {
    /// The server begins each message with an empty window.
    public var serverNoContextTakeover = false
    /// The client begins each message with an empty window.
    public var clientNoContextTakeover = false
    /// The server's window holds two to this power bytes, 8 to 15.
    public var serverWindowBits = 15
    /// The client's window holds two to this power bytes, 8 to 15.
    public var clientWindowBits = 15

    /// Full windows that are kept from message to message.
    public init() {}

    /// Whether `role` begins each message with an empty window.
    func noContextTakeover(of role: WebSocketRole) -> Bool {
        role == .server ? serverNoContextTakeover : clientNoContextTakeover
    }

    /// The window of what `role` sends.
    func windowBits(of role: WebSocketRole) -> Int {
        role == .server ? serverWindowBits : clientWindowBits
    }

    /// The value of Sec-WebSocket-Extensions that tells the other end.
    public var field: String {
        var text = DeflateTerms.name
        if serverNoContextTakeover { text += "; server_no_context_takeover" }
        if clientNoContextTakeover { text += "; client_no_context_takeover" }
        if serverWindowBits < 15 { text += "; server_max_window_bits=\(serverWindowBits)" }
        if clientWindowBits < 15 { text += "; client_max_window_bits=\(clientWindowBits)" }
        return text
    }
}

/// What one end is ready to agree on, and how hard it compresses.
public struct DeflateOptions: Equatable, Sendable {
    /// The best that this end asks for or grants: as a server it sends with a window of at most
    /// `serverWindowBits`, as a client of at most `clientWindowBits`; a window that one end forgets
    /// after each message is asked for by the flags.
    public var terms = DeflateAgreement()
    /// 1 (fast) to 9 (small).
    public var level = 6

    /// Full windows, kept from message to message.
    public init() {}

    /// Windows that both ends forget after each message: for a server that sends one message to many, which
    /// is compressed once for all of them, and whose connections keep no memory of zlib's.
    public static var shared: DeflateOptions {
        var options = DeflateOptions()
        options.terms.serverNoContextTakeover = true
        options.terms.clientNoContextTakeover = true
        return options
    }

    /// What a client offers.
    public var offer: String {
        var text = terms.field
        // Without a value: the client says that it would obey one.
        if terms.clientWindowBits == 15 { text += "; client_max_window_bits" }
        return text
    }

    /// What a server grants of a client's offers, the first that it can grant.
    ///
    /// - Parameter offers: The values of all Sec-WebSocket-Extensions fields, in order.
    /// - Returns: Nil when nothing is offered that can be granted: the connection goes without.
    public func grant(_ offers: [String]) -> DeflateAgreement? {
        for offer in offers.flatMap(DeflateTerms.list) {
            if let agreement = grant(offer) { return agreement }
        }
        return nil
    }

    private func grant(_ offer: DeflateTerms) -> DeflateAgreement? {
        guard offer.isDeflate, var agreement = offer.agreement else { return nil }
        agreement.serverNoContextTakeover =
            agreement.serverNoContextTakeover || terms.serverNoContextTakeover
        agreement.clientNoContextTakeover =
            agreement.clientNoContextTakeover || terms.clientNoContextTakeover
        agreement.serverWindowBits = min(agreement.serverWindowBits, terms.serverWindowBits)
        // The client's window may be told only to one that says it would listen.
        if offer.mayLimitClient {
            agreement.clientWindowBits = min(agreement.clientWindowBits, terms.clientWindowBits)
        }
        return agreement
    }

    /// Checks what a server says it grants of ``offer``.
    ///
    /// - Returns: Nil when it grants nothing.
    /// - Throws: ``WebSocketHandshakeError/wrongExtension(found:)`` for anything that was not offered.
    func check(_ fields: [String]) throws(WebSocketHandshakeError) -> DeflateAgreement? {
        let granted = fields.flatMap(DeflateTerms.list)
        guard let first = granted.first else { return nil }
        guard granted.count == 1, first.isDeflate, let agreement = first.agreement,
            !first.hasBareClientBits,
            agreement.serverWindowBits <= terms.serverWindowBits,
            agreement.clientWindowBits <= terms.clientWindowBits,
            agreement.serverNoContextTakeover || !terms.serverNoContextTakeover
        else { throw .wrongExtension(found: fields.joined(separator: ", ")) }
        return agreement
    }
}
