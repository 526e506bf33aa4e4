import OutcryKernel

extension SocketAddress {
    /// The address that stands for every address of the host, with the same port.
    var wildcard: SocketAddress {
        switch self {
        case .ipv4(_, let port): .ipv4(0, port: port)
        case .ipv6(_, _, _, let port): .ipv6(0, 0, scope: 0, port: port)
        case .unix: self
        }
    }

    var isUnix: Bool { if case .unix = self { true } else { false } }

    /// A numeric address (`10.0.0.1`, `::1`, `fe80::1`), with port 0.
    static func parse(_ text: String) -> SocketAddress? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count == 4 {
            var value: UInt32 = 0
            for part in parts {
                guard let byte = UInt8(part), part.utf8.count <= 3 else { return nil }
                value = value << 8 | UInt32(byte)
            }
            return .ipv4(value, port: 0)
        }
        guard text.contains(":") else { return nil }
        guard let gap = text.firstDoubleColon else {
            let groups = groups(text)
            return groups.count == 8 ? make(groups) : nil
        }
        let before = groups(text[..<gap])
        let after = groups(text[text.index(gap, offsetBy: 2)...])
        guard before.count + after.count < 8 else { return nil }
        return make(before + Array(repeating: 0, count: 8 - before.count - after.count) + after)
    }

    private static func groups(_ text: some StringProtocol) -> [UInt16?] {
        if text.isEmpty { return [] }
        return text.split(separator: ":", omittingEmptySubsequences: false).map {
            $0.utf8.count <= 4 ? UInt16($0, radix: 16) : nil
        }
    }

    private static func make(_ groups: [UInt16?]) -> SocketAddress? {
        var halves: [UInt64] = [0, 0]
        for (i, group) in groups.enumerated() {
            guard let group else { return nil }
            halves[i / 4] = halves[i / 4] << 16 | UInt64(group)
        }
        return .ipv6(halves[0], halves[1], scope: 0, port: 0)
    }
}

extension String {
    fileprivate var firstDoubleColon: Index? {
        var last: Index?
        for i in indices {
            if self[i] == ":", let before = last, self[before] == ":" { return before }
            last = i
        }
        return nil
    }
}
