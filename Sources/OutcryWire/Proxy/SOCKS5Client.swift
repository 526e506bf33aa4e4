/// Asks a SOCKS 5 proxy for a connection (RFC 1928), with a name and a password where there are some
/// (RFC 1929).
struct SOCKS5Client: Sendable {
    private enum State { case method, password, reply, open }

    private var state = State.method
    private let credentials: ProxyCredentials?
    private let request: [UInt8]

    init(host: String, port: Int, credentials: ProxyCredentials?) throws(CodecError) {
        self.credentials = credentials
        var request: [UInt8] = [5, 1, 0]
        if let address = NumericAddress.ipv4(host) {
            request += [1] + address
        } else if let address = NumericAddress.ipv6(host) {
            request += [4] + address
        } else {
            guard (1...255).contains(host.utf8.count) else {
                throw CodecError(
                    .unwritable, at: 0, expected: "a host of 1 to 255 bytes",
                    found: "\(host.utf8.count) bytes")
            }
            request += [3, UInt8(host.utf8.count)] + host.utf8
        }
        self.request = request + [UInt8(port >> 8), UInt8(port & 255)]
    }

    /// No authentication, and the password where there is one.
    var greeting: [UInt8] { credentials == nil ? [5, 1, 0] : [5, 2, 0, 2] }

    mutating func next(
        _ bytes: Span<UInt8>, at position: inout Int
    ) throws(ProxyError) -> ProxyNegotiation.Step {
        let left = bytes.count - position
        switch state {
        case .open: return .open
        case .method:
            guard left > 0 else { return .needMore }
            try expect(bytes[position], 5, at: 0, "version 5")
            guard left > 1 else { return .needMore }
            let method = bytes[position + 1]
            position += 2
            switch method {
            case 0:
                state = .reply
                return .send(request)
            case 2 where credentials != nil:
                state = .password
                return .send(password)
            case 0xFF: throw .unauthorized
            default: throw wrong(method, at: 1, "a method that was offered")
            }
        case .password:
            guard left > 0 else { return .needMore }
            try expect(bytes[position], 1, at: 0, "version 1 of the password's answer")
            guard left > 1 else { return .needMore }
            guard bytes[position + 1] == 0 else { throw .unauthorized }
            position += 2
            state = .reply
            return .send(request)
        case .reply: return try reply(bytes, &position)
        }
    }

    private var password: [UInt8] {
        guard let credentials else { return [] }
        let (user, word) = (credentials.user.utf8, credentials.password.utf8)
        return [1, UInt8(user.count)] + user + [UInt8(word.count)] + word
    }

    /// The address that the proxy tells is of no interest.
    private mutating func reply(
        _ bytes: Span<UInt8>, _ position: inout Int
    ) throws(ProxyError) -> ProxyNegotiation.Step {
        let left = bytes.count - position
        guard left > 0 else { return .needMore }
        try expect(bytes[position], 5, at: 0, "version 5")
        guard left > 1 else { return .needMore }
        let code = bytes[position + 1]
        guard code == 0 else { throw .refused(code: Int(code), reason: Self.meaning(code)) }
        guard left > 3 else { return .needMore }
        try expect(bytes[position + 2], 0, at: 2, "a reserved 0")
        let length: Int
        switch bytes[position + 3] {
        case 1: length = 4
        case 4: length = 16
        case 3:
            guard left > 4 else { return .needMore }
            length = 1 + Int(bytes[position + 4])
        default: throw wrong(bytes[position + 3], at: 3, "a kind of address")
        }
        guard left >= 6 + length else { return .needMore }
        position += 6 + length
        state = .open
        return .open
    }

    private func expect(
        _ byte: UInt8, _ wanted: UInt8, at offset: Int, _ expected: String
    ) throws(ProxyError) {
        guard byte == wanted else { throw wrong(byte, at: offset, expected) }
    }

    private func wrong(_ byte: UInt8, at offset: Int, _ expected: String) -> ProxyError {
        .malformed(CodecError(.malformed, at: offset, expected: expected, found: show(byte)))
    }

    private static func meaning(_ code: UInt8) -> String {
        switch code {
        case 1: "general failure"
        case 2: "not allowed by its rules"
        case 3: "network unreachable"
        case 4: "host unreachable"
        case 5: "connection refused"
        case 6: "time to live expired"
        case 7: "command not supported"
        case 8: "kind of address not supported"
        default: "unknown code"
        }
    }
}
