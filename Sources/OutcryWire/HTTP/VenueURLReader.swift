/// Takes a URL apart; see ``VenueURL``.
struct VenueURLReader {
    private let text: String
    private let bytes: [UInt8]

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    func read() throws(CodecError) -> VenueURL {
        if let odd = bytes.firstIndex(where: { $0 <= 0x20 || $0 >= 0x7F }) {
            throw wrong(odd, "printing ASCII", show(bytes[odd]))
        }
        let (scheme, start) = try readScheme()
        let end =
            bytes[start...].firstIndex { $0 == 0x2F || $0 == 0x3F || $0 == 0x23 } ?? bytes.count
        if let at = bytes[start..<end].firstIndex(of: 0x40) {
            throw wrong(at, "no user name (credentials do not belong in a URL)", "'@'")
        }
        let (host, portStart) = try readHost(start..<end)
        let port = try readPort(portStart..<end) ?? scheme.defaultPort
        return VenueURL(
            scheme: scheme, host: host.lowercased(), port: port, target: try readTarget(end))
    }

    private func readScheme() throws(CodecError) -> (VenueURL.Scheme, Int) {
        guard let colon = bytes.firstIndex(of: 0x3A) else {
            throw wrong(0, "ws://, wss://, http:// or https://", "no scheme")
        }
        let name = String(decoding: bytes[..<colon], as: UTF8.self)
        guard let scheme = VenueURL.Scheme(rawValue: name.lowercased()) else {
            throw wrong(
                0, "the scheme ws, wss, http, https, socketio+http or socketio+https",
                "\"\(name.prefix(100))\"")
        }
        guard bytes.count >= colon + 3, bytes[colon + 1] == 0x2F, bytes[colon + 2] == 0x2F else {
            throw wrong(colon + 1, "\"//\" behind \(name):", "something else")
        }
        return (scheme, colon + 3)
    }

    /// Reads the host; returns where the rest of the authority begins.
    private func readHost(_ range: Range<Int>) throws(CodecError) -> (String, Int) {
        guard let first = bytes[range].first else {
            throw wrong(range.lowerBound, "a host", "nothing")
        }
        if first == 0x5B {
            guard let close = bytes[range].firstIndex(of: 0x5D) else {
                throw wrong(range.lowerBound, "']' behind an IPv6 address", "none")
            }
            let host = String(decoding: bytes[range.lowerBound + 1..<close], as: UTF8.self)
            guard Self.isIPv6(host) else {
                throw wrong(range.lowerBound + 1, "an IPv6 address", "\"\(host.prefix(100))\"")
            }
            return (host, close + 1)
        }
        let end = bytes[range].firstIndex(of: 0x3A) ?? range.upperBound
        for index in range.lowerBound..<end where !Self.isHostByte(bytes[index]) {
            throw wrong(index, "a letter, digit, '-', '.' or '_' of a host", show(bytes[index]))
        }
        let host = String(decoding: bytes[range.lowerBound..<end], as: UTF8.self)
        guard !host.isEmpty, host.utf8.count <= 253, !host.hasPrefix("."), !hasEmptyLabel(host)
        else {
            throw wrong(range.lowerBound, "a host of 1 to 253 bytes", "\"\(host.prefix(100))\"")
        }
        return (host, end)
    }

    /// Two dots side by side.
    private func hasEmptyLabel(_ host: String) -> Bool {
        var last: UInt8 = 0
        for byte in host.utf8 {
            if byte == 0x2E, last == 0x2E { return true }
            last = byte
        }
        return false
    }

    private func readPort(_ range: Range<Int>) throws(CodecError) -> Int? {
        guard let first = bytes[range].first else { return nil }
        guard first == 0x3A else {
            throw wrong(range.lowerBound, "':', '/' or the end", show(first))
        }
        let digits = bytes[range].dropFirst()
        let text = String(decoding: digits, as: UTF8.self)
        guard !digits.isEmpty, digits.allSatisfy(HTTPSyntax.isDigit), let port = Int(text),
            (1...65_535).contains(port)
        else {
            throw wrong(
                range.lowerBound + 1, "a port from 1 to 65535", "\"\(text.prefix(100))\"")
        }
        return port
    }

    private func readTarget(_ start: Int) throws(CodecError) -> String {
        for index in start..<bytes.count {
            if bytes[index] == 0x23 { throw wrong(index, "no fragment", "'#'") }
            if bytes[index] == 0x25 { _ = try PercentEncoding.triplet(bytes, index) }
        }
        let target = String(decoding: bytes[start...], as: UTF8.self)
        return target.hasPrefix("/") ? target : "/" + target
    }

    private func wrong(_ offset: Int, _ expected: String, _ found: String) -> CodecError {
        CodecError(
            .malformed, at: offset, expected: expected, found: "\(found) in \"\(text.prefix(200))\""
        )
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }

    /// RFC 4291 section 2.2: eight groups, or fewer around one `::`; the last two may be an IPv4
    /// address.
    static func isIPv6(_ text: String) -> Bool {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return false }
        var count = 0
        for (index, half) in halves.enumerated() where !half.isEmpty {
            let groups = half.split(separator: ":", omittingEmptySubsequences: false)
            let isLastHalf = index == halves.count - 1
            for (place, group) in groups.enumerated() {
                if isLastHalf, place == groups.count - 1, group.contains(".") {
                    guard isIPv4(group) else { return false }
                    count += 2
                } else {
                    guard (1...4).contains(group.utf8.count),
                        group.utf8.allSatisfy({ HTTPSyntax.hexValue($0) != nil })
                    else { return false }
                    count += 1
                }
            }
        }
        return halves.count == 2 ? count <= 7 : count == 8
    }

    static func isIPv4(_ text: Substring) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                (1...3).contains(part.utf8.count) && part.utf8.allSatisfy(HTTPSyntax.isDigit)
                    && Int(part).map { $0 <= 255 } == true
            }
    }
}
