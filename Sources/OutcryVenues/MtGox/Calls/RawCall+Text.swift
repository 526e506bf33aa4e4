import OutcryMarket
import OutcryWire

// A raw call as it is written: for HTTP a target and a form, for the stream a name.

extension MtGoxRawCall {
    /// The target of the HTTP request: the path and, of a public call, its parameters as the query.
    ///
    /// The parameters of a private call are signed, and stand in its ``form(_:)``.
    ///
    /// - Source: the protocol reference, sections 3.2 and 4 to 6.
    public var httpTarget: String {
        guard !isPrivate, !parameters.isEmpty else { return path }
        return "\(path)?\(query)"
    }

    /// The path of the HTTP request.
    private var path: String {
        switch version {
        case .v0: "/api/0/\(endpoint)"
        case .v1: "/api/1/\(instrument?.name ?? "generic")/\(endpoint)"
        case .v2: "/api/2/" + (instrument.map { "\($0)/" } ?? "") + endpoint
        }
    }

    /// The parameters, percent-encoded.
    private var query: String {
        PercentEncoding.query(parameters.map { HTTPQueryItem($0.name, $0.value) })
    }

    /// The method of the HTTP request: `POST` for what is signed, `GET` for the rest.
    public var httpMethod: String { isPrivate ? "POST" : "GET" }

    /// The body of the POST that a private call is: the stamp and the parameters, percent-encoded.
    public func form(_ stamp: MtGoxCallStamp) -> [UInt8] {
        Array((parameters.isEmpty ? "\(stamp)" : "\(stamp)&\(query)").utf8)
    }

    /// The name of the call in an `op:call`, which is version 1's; nil for what has none: the scripts of
    /// version 0 and what version 2 has beside `money/`.
    ///
    /// - Source: the protocol reference, section 9.
    public var streamName: String? {
        switch version {
        case .v0: nil
        case .v1: endpoint
        case .v2: endpoint.hasPrefix("money/") ? String(endpoint.dropFirst(6)) : nil
        }
    }

    /// The JSON to be signed of an `op:call`; nil where the call has no ``streamName``.
    ///
    /// - Parameter id: Comes back with the answer.
    public func callBody(id: String, stamp: MtGoxCallStamp) -> MtGoxCallBody? {
        streamName.map {
            MtGoxCallBody(
                id: id, call: $0, stamp: stamp, parameters: parameters,
                item: instrument?.base.code, currency: instrument?.quote.code)
        }
    }

    /// The same call with the path of version 2: `money/` in front of the short name.
    ///
    /// What is version 2's already stays as it is. `private/trades` keeps its prefix, since `money/trades`
    /// are everybody's; nobody is known to have asked version 2 for it.
    ///
    /// - Precondition: it is no script of version 0.
    /// - Source: the protocol reference, section 6.
    public var version2: Self {
        precondition(version != .v0, "the scripts of version 0 have no other names")
        guard version == .v1 else { return self }
        var copy = self
        copy.version = .v2
        let isShort = !endpoint.hasPrefix("private/") || endpoint == "private/trades"
        copy.endpoint = "money/" + (isShort ? endpoint : String(endpoint.dropFirst(8)))
        return copy
    }
}

extension MtGoxRawCall: CustomStringConvertible {
    /// For logs: the version, the pair and the endpoint; no parameters, which may hold codes and passwords.
    public var description: String {
        "\(version) " + (instrument.map { "\($0) " } ?? "") + endpoint
    }
}
