import OutcryWire

// What stands around a reply, in each dialect (sections 4 to 6, 8.2 and 9 of the protocol reference).

extension MessageText {
    /// Writes a reply in its dialect's envelope, or bare where the client asked so.
    ///
    /// What `body` throws is thrown; the text is then of no use.
    ///
    /// - Parameter id: the id of an `op:call`, which comes back.
    package mutating func setReply<E>(
        _ version: APIVersion, isRaw: Bool = false, id: String = "",
        _ body: (inout MessageText) throws(E) -> Void
    ) throws(E) {
        clear()
        switch version {
        case .v1 where !isRaw: add("{\"result\":\"success\",\"return\":")
        case .v2 where !isRaw: add("{\"result\":\"success\",\"data\":")
        case .stream:
            add("{\"op\":\"result\",\"id\":")
            addString(id)
            add(",\"result\":")
        default:
            try body(&self)
            return
        }
        try body(&self)
        add("}")
    }

    /// Writes a refusal: version 0's one word, the envelope of versions 1 and 2, or the remark that
    /// answers a failed `op:call`.
    package mutating func setRefusal(
        _ version: APIVersion, _ refusal: CallRefusal, id: String? = nil
    ) {
        setRefusal(version, refusal.message, token: refusal.token, id: id)
    }

    /// Writes a refusal of these words.
    package mutating func setRefusal(
        _ version: APIVersion, _ message: String, token: String?, id: String?
    ) {
        clear()
        switch version {
        case .v0: add("{\"error\":")
        case .v1, .v2: add("{\"result\":\"error\",\"error\":")
        case .stream:
            add(StreamRemark.make(message, success: false, id: id))
            return
        }
        addString(message)
        if version != .v0, let token {
            add(",\"token\":")
            addString(token)
        }
        add("}")
    }
}
